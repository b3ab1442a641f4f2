/**
 * The name in small letters, if it is a DNS name of plain ASCII labels (RFC 1123 §2.1, with `_` as services use it).
 * Undefined for all else: Unicode names (write their `xn--` form), a dot at the end, addresses, ports, user names.
 */
export function parseDnsName(text: string): string | undefined {
  // ASCII first: small letters are made only of what cannot turn into other letters on the way.
  if (text.length > 253 || !/^[A-Za-z0-9._-]+$/.test(text)) return undefined;
  const name = text.toLowerCase();
  const labels = name.split('.');
  if (!labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return undefined;
  // A last label of digits (or 0x…) is how URL parsers tell an IPv4 address from a name.
  return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1)!) ? undefined : name;
}

/** Whether `name` is `domain` or lies below it; both as `parseDnsName` returned them. */
export function isSameOrBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}
