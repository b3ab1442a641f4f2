/** Addresses as one number: a network is its first address and how many leading bits of it count. */
export type Network = { readonly family: 4 | 6; readonly bits: bigint; readonly length: number };

/**
 * An address (`10.1.2.3`) or a network (`10.1.0.0/16`), in the strict spellings of RFC 6943 §3.1.1 and RFC 4291 §2.2:
 * no leading zeros, no zones, no hexadecimal or shortened IPv4, and no IPv4 dressed up as IPv6 (`::ffff:…`), which
 * says one family and means another.
 */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([0-9a-fA-F:.]{2,39})(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text);
  if (match === null) return undefined;
  const address = match[1]!.includes(':') ? parseSix(match[1]!) : parseFour(match[1]!);
  if (address === undefined) return undefined;
  const width = address.family === 4 ? 32 : 128;
  const length = match[2] === undefined ? width : Number(match[2]);
  return length > width ? undefined : { ...address, length };
}

/** Whether every address of `inner` is one of `outer`. */
export function isWithin(inner: Network, outer: Network): boolean {
  const width = outer.family === 4 ? 32 : 128;
  const shift = BigInt(width - outer.length);
  return inner.family === outer.family && inner.length >= outer.length && inner.bits >> shift === outer.bits >> shift;
}

/** Whether the bits behind the length are all zero, as in a network that is written the usual way. */
export function isAligned({ family, bits, length }: Network): boolean {
  const shift = BigInt((family === 4 ? 32 : 128) - length);
  return (bits >> shift) << shift === bits;
}

type Address = Pick<Network, 'family' | 'bits'>;

function parseFour(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  if (!parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return { family: 4, bits: parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) };
}

function parseSix(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  // RFC 4291 §2.2: "::" stands for one group at least.
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head!, ...Array<string>(missing).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const bits = groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  return bits >> 32n === 0xffffn ? undefined : { family: 6, bits };
}
