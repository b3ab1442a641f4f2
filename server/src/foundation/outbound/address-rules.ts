import ipaddr from 'ipaddr.js';
import { canonicalOrigin } from './origin.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** What the operator allowed beyond the public internet. */
export type AddressRules = { readonly ranges: readonly Range[]; readonly origins: ReadonlySet<string> };

/** Reads a list of CIDR ranges and origins; throws on an entry that is neither, since a misread list must not start. */
export function readAddressRules(allowed: readonly string[]): AddressRules {
  const ranges: Range[] = [];
  const origins = new Set<string>();
  for (const text of allowed) {
    const origin = canonicalOrigin(text);
    if (origin !== undefined) origins.add(origin);
    else if (ipaddr.isValidCIDR(text)) ranges.push(ipaddr.parseCIDR(text));
    else throw new Error(`"${text}" is neither a CIDR range like 10.0.0.0/8 nor an origin like http://127.0.0.1:8080`);
  }
  return { ranges, origins };
}

/** Null where a connection to `address` for `origin` is allowed; otherwise the reason, for the log. */
export function judgeAddress(rules: AddressRules, origin: string, address: string): string | null {
  if (!ipaddr.isValid(address)) return `${address} is not an address`;
  const seen = ipaddr.parse(address);
  const meant = embeddedIPv4(seen) ?? seen;
  const kind = kindOf(seen, meant);
  if (kind === null) return null;
  if (neverReached.has(kind)) return `${address} is ${kind}, which is no host`;
  if (namedByRange(rules, meant, isMetadata(meant)) || namedByRange(rules, seen, isMetadata(meant))) return null;
  if (isMetadata(meant)) return `${address} is a cloud metadata address; only a range that names it alone allows it`;
  if (rules.origins.has(origin)) return null;
  return `${address} is ${kind}, and neither it nor ${origin} is on the operator's list of private addresses`;
}

export function isLoopback(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const seen = ipaddr.parse(address);
  return (embeddedIPv4(seen) ?? seen).range() === 'loopback';
}

const neverReached: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'broadcast']);

/** Null for a public unicast address; else what it is instead. */
function kindOf(seen: Address, meant: Address): string | null {
  if (isMetadata(meant)) return 'metadata';
  const range: string = meant.range();
  if (range !== 'unicast') return range;
  // RFC 4291 §2.4: what IANA has handed out is 2000::/3; the rest of "unicast" is unassigned or IPv4 in disguise.
  if (seen === meant && meant.kind() === 'ipv6' && !meant.match(globalUnicast)) return 'outside global unicast';
  // RFC 8215: a local translation prefix leads wherever its owner says, not to the IPv4 address it spells.
  return meant !== seen && seen.match(localTranslation) ? 'a local translation prefix' : null;
}

const globalUnicast = ipaddr.parseCIDR('2000::/3');
const localTranslation = ipaddr.parseCIDR('64:ff9b:1::/48');

/** The IPv4 address that a mapped (RFC 4291 §2.5.5.2) or translated (RFC 6052 §2.1) IPv6 address really leads to. */
function embeddedIPv4(address: Address): ipaddr.IPv4 | undefined {
  if (!(address instanceof ipaddr.IPv6)) return undefined;
  const range = address.range();
  if (range !== 'ipv4Mapped' && range !== 'rfc6052') return undefined;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

// Credentials of the machine itself are handed out here to whoever asks: AWS and most others, ECS tasks, EKS pods,
// Alibaba, Azure's host channel, Oracle.
const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
].map((text) => ipaddr.parse(text).toNormalizedString());

function isMetadata(address: Address): boolean {
  return metadata.includes(address.toNormalizedString());
}

function namedByRange(rules: AddressRules, address: Address, exactly: boolean): boolean {
  const whole = address.kind() === 'ipv4' ? 32 : 128;
  return rules.ranges.some(
    ([network, bits]) =>
      network.kind() === address.kind() && (!exactly || bits === whole) && address.match(network as never, bits),
  );
}
