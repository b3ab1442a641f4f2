/**
 * An ECDSA signature of two 32-byte halves (RFC 7518 §3.4) in DER (RFC 3279 §2.2.3), the form that Node's `verify`
 * takes without looking at options: that halves what a check costs beside its arithmetic.
 */
export function derSignature(raw: Uint8Array): Uint8Array {
  const [r, s] = [integerAt(raw, 0), integerAt(raw, 32)];
  const der = new Uint8Array(6 + r.length + s.length);
  der.set([0x30, der.length - 2, 0x02, r.length]);
  der.set(r, 4);
  der.set([0x02, s.length], 4 + r.length);
  der.set(s, 6 + r.length);
  return der;
}

/** X.690 §8.3: as few bytes as tell the number, and a zero in front of what would read as negative. */
function integerAt(raw: Uint8Array, start: number): Uint8Array {
  let from = start;
  while (from < start + 31 && raw[from] === 0) from++;
  const bytes = raw.subarray(from, start + 32);
  if ((bytes[0] ?? 0) < 0x80) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes, 1);
  return padded;
}

/**
 * The way back, for what Node signed with a key of P-256 and no options: the two halves, each of 32 bytes. With options
 * `sign` throws and catches an error of its own on the way, which costs more than the arithmetic.
 */
export function rawSignature(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64);
  const middle = 4 + der[3]!;
  putHalf(raw, 32, der.subarray(4, middle));
  putHalf(raw, 64, der.subarray(middle + 2, middle + 2 + der[middle + 1]!));
  return raw;
}

/** The last bytes of a half: what is in front of 32 is the zero that keeps it from reading as negative. */
function putHalf(raw: Uint8Array, end: number, integer: Uint8Array): void {
  const bytes = integer.subarray(Math.max(0, integer.length - 32));
  raw.set(bytes, end - bytes.length);
}
