import { canonicalJson } from '@ambit/protocol';
import type { AgentIdentity } from '@ambit/sdk/operator';

export const methods = {
  spiffe: 'By its SPIFFE ID',
  workload_token: 'By a token of its platform',
  tls_client_auth: 'By its certificate',
} as const;
export type Method = keyof typeof methods;

/** A name from outside as it is filled in; what its method does not need stays empty. */
export type NameDraft = {
  readonly method: Method;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** A line each: `repository_id=1296269`. */
  readonly claims: string;
};

type Name = Pick<AgentIdentity, 'method' | 'issuer' | 'subject'>;

/** The name as the plane takes it, or what is missing. Whether the authority is known here is the plane's word. */
export function readName(draft: NameDraft): { readonly name: Name } | { readonly fault: string } {
  const { method } = draft;
  const [issuer, subject] = [draft.issuer.trim(), draft.subject.trim()];
  if (method === 'workload_token') return readRule(draft);
  if (method === 'tls_client_auth') {
    if (issuer === '') return { fault: 'Name the authority that signs its certificate.' };
    return subject === '' ? { fault: 'Say the URI in its certificate.' } : { name: { method, issuer, subject } };
  }
  const domain = /^spiffe:\/\/([a-z0-9._-]+)\/./.exec(subject)?.[1];
  if (domain === undefined) return { fault: 'It looks like spiffe://acme.example/refund-bot.' };
  return { name: { method, issuer: domain, subject } };
}

function readRule({ method, issuer, audience, claims }: NameDraft): ReturnType<typeof readName> {
  const lines = claims.split('\n').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
  const pairs = lines.map((one) => [one.slice(0, one.indexOf('=')).trim(), one.slice(one.indexOf('=') + 1).trim()]);
  if (issuer.trim() === '') return { fault: 'Say which issuer signs its tokens.' };
  if (audience.trim() === '') return { fault: 'Say the one audience of its tokens.' };
  if (lines.length === 0) return { fault: 'Name at least one claim: without one, every token of the issuer would do.' };
  if (lines.some((one) => one.indexOf('=') < 1)) return { fault: 'Write each claim on a line of its own: name=value.' };
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) return { fault: 'Name each claim once.' };
  const subject = canonicalJson({ audience: audience.trim(), claims: Object.fromEntries(pairs) });
  return { name: { method, issuer: issuer.trim(), subject } };
}
