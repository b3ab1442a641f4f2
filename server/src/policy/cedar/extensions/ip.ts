import { fail } from '../evaluation-error.ts';
import type { Ip } from '../value.ts';

// Longest text: eight groups of four, seven colons, a slash and three digits.
const textMax = 43;

/** IPv4 or IPv6, with an optional prefix; no leading zeros, zones, ports or IPv4 inside IPv6. */
export function parseIp(text: string): Ip {
  return parse(text) ?? fail('this is not an ip address or range');
}

function parse(text: string): Ip | undefined {
  if (text.length > textMax) return undefined;
  const [address, range, ...rest] = text.split('/') as [string, ...string[]];
  const family = address.includes(':') ? 6 : 4;
  const bits = family === 4 ? parseV4(address) : parseV6(address);
  const prefix = range === undefined ? widthOf(family) : parsePrefix(range, widthOf(family));
  if (rest.length > 0 || bits === undefined || prefix === undefined) return undefined;
  return { kind: 'ip', family, bits, prefix };
}

const octet = /^(?:0|[1-9][0-9]{0,2})$/;
const group = /^[0-9a-fA-F]{1,4}$/;

function parseV4(address: string): bigint | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => octet.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

/** `::` may stand once, for at least one group of zeros. */
function parseV6(address: string): bigint | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?];
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(tail ?? [])];
  if (!groups.every((part) => group.test(part))) return undefined;
  return groups.reduce((bits, part) => (bits << 16n) | BigInt(`0x${part}`), 0n);
}

function parsePrefix(text: string, width: number): number | undefined {
  return octet.test(text) && Number(text) <= width ? Number(text) : undefined;
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** Whether every address of the one range lies in the other; the two families never meet. */
export function isInRange(inner: Ip, outer: Ip): boolean {
  if (inner.family !== outer.family) return false;
  const [innerFirst, innerLast] = ends(inner);
  const [outerFirst, outerLast] = ends(outer);
  return outerFirst <= innerFirst && innerLast <= outerLast;
}

function ends({ family, bits, prefix }: Ip): [bigint, bigint] {
  const host = (1n << BigInt(widthOf(family) - prefix)) - 1n;
  const first = (bits | host) ^ host;
  return [first, first | host];
}

/** 127.0.0.0/8 and ::1; a range that reaches beyond them is not loopback. */
export function isLoopback({ family, bits, prefix }: Ip): boolean {
  return family === 4 ? bits >> 24n === 127n && prefix >= 8 : bits === 1n && prefix === 128;
}

/** 224.0.0.0/4 and ff00::/8; a range that reaches beyond them is not multicast. */
export function isMulticast({ family, bits, prefix }: Ip): boolean {
  return family === 4 ? bits >> 28n === 14n && prefix >= 4 : bits >> 120n === 255n && prefix >= 8;
}

export function printIp({ family, bits, prefix }: Ip): string {
  const [count, size, radix, joint] = family === 4 ? ([4, 8n, 10, '.'] as const) : ([8, 16n, 16, ':'] as const);
  const parts = Array.from({ length: count }, (_, place) => {
    const shift = size * BigInt(count - 1 - place);
    return ((bits >> shift) & ((1n << size) - 1n)).toString(radix);
  });
  return `${parts.join(joint)}/${prefix}`;
}
