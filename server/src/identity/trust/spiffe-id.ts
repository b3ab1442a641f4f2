/** A SPIFFE ID (SPIFFE-ID §2), taken apart. */
export type SpiffeId = {
  /** As it is written everywhere: there is one spelling of it. */
  readonly text: string;
  readonly trustDomain: string;
  /** With its slash in front; empty for the ID of a trust domain itself. */
  readonly path: string;
};

const bytesMax = 2048;
const domain = /^[a-z0-9._-]{1,255}$/;
const segment = /^[A-Za-z0-9._-]+$/;

export const isTrustDomain = (text: string): boolean => domain.test(text);

/** Undefined for what has a port, a query, an escape, an empty or a dotted segment, or anything else besides. */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  if (text.length > bytesMax || !text.startsWith('spiffe://')) return undefined;
  const [trustDomain = '', ...segments] = text.slice('spiffe://'.length).split('/');
  const isPath = segments.every((one) => segment.test(one) && one !== '.' && one !== '..');
  if (!isTrustDomain(trustDomain) || !isPath) return undefined;
  return { text, trustDomain, path: segments.map((one) => `/${one}`).join('') };
}

/** The ID of a workload: one with a path. That of a trust domain belongs to its authority (X509-SVID §3.1). */
export function parseWorkloadId(text: string): SpiffeId | undefined {
  const id = parseSpiffeId(text);
  return id === undefined || id.path === '' ? undefined : id;
}
