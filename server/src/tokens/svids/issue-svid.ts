import { randomUUID, X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { type AgentCaller, entry, type Fields, type Ground, refuse, span, x509 } from '../../foundation/index.ts';
import { type Agent, agentStands, findAgent, requireActive } from '../../identity/index.ts';
import { actorName } from '../issuer.ts';
import { signJwtSvid, signX509Svid } from './sign-svid.ts';
import type { SvidIssuer } from './svid-authority.ts';

export type IssuedSvid = {
  readonly spiffeId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export const jwtSecondsMax = 300;

/** JWT-SVID §3 for the calling agent, for exactly the audience that it names; five minutes at most. */
export function issueJwtSvid(
  ground: Ground,
  issuer: { readonly url: string; readonly svids: SvidIssuer },
  caller: AgentCaller,
  audience: string,
): Promise<IssuedSvid & { readonly svid: string }> {
  return span('tokens/issue-jwt-svid', async () => {
    const { authority, ttlSeconds } = await requireAuthority(issuer.svids);
    requireForeign(issuer, audience);
    const agent = await requireAgent(ground, caller);
    const now = ground.clock();
    const iat = Math.floor(now / 1000);
    const exp = Math.floor(endOf(agent, now, Math.min(jwtSecondsMax, ttlSeconds)) / 1000);
    const spiffeId = actorName(authority.trustDomain, agent.id);
    await recordSvid(ground, caller, agent, { kind: 'jwt', spiffeId, audience, expiresAt: exp * 1000 });
    const claims = { sub: spiffeId, aud: [audience], iat, exp, jti: randomUUID() };
    return { svid: signJwtSvid(authority, claims), spiffeId, expiresAt: exp * 1000 };
  });
}

/**
 * X509-SVID §2 for the calling agent, over the key of its certificate request (RFC 2986). Nothing else of the request
 * counts: INVARIANT (lying name): the name is that of the agent that asks, and a request for another's is refused.
 */
export function issueX509Svid(
  ground: Ground,
  issuer: { readonly svids: SvidIssuer },
  caller: AgentCaller,
  request: string,
): Promise<IssuedSvid & { readonly certificate: string; readonly bundle: object }> {
  return span('tokens/issue-x509-svid', async () => {
    const { authority, ttlSeconds } = await requireAuthority(issuer.svids);
    const agent = await requireAgent(ground, caller);
    const spiffeId = actorName(authority.trustDomain, agent.id);
    const publicKey = await keyOfRequest(request, spiffeId);
    const now = ground.clock();
    const notAfter = new Date(Math.floor(endOf(agent, now, ttlSeconds) / 1000) * 1000);
    const made = await signX509Svid(authority, publicKey, { agent, spiffeId, now, notAfter });
    const { fingerprint256 } = new X509Certificate(new Uint8Array(made.rawData));
    await recordSvid(ground, caller, agent, { kind: 'x509', spiffeId, fingerprint256, expiresAt: notAfter.getTime() });
    const certificate = `${made.toString('pem')}\n`;
    return { certificate, bundle: authority.bundle, spiffeId, expiresAt: notAfter.getTime() };
  });
}

/** What opens this plane is asked of it in its own way, and ends with a task. */
export function requireForeign(issuer: { readonly url: string }, audience: string): void {
  if (audience === issuer.url || audience.startsWith(`${issuer.url}/`)) {
    throw refuse('svid.not_issued', 'the audience is this plane', 'Name another audience: here, agents use tokens.');
  }
}

export const endOf = (agent: Agent, now: number, seconds: number) => Math.min(agent.expiresAt, now + seconds * 1000);

export async function requireAuthority(issuer: SvidIssuer) {
  if (issuer !== null) return { authority: await issuer.authority(), ttlSeconds: issuer.ttlSeconds };
  const says = 'This plane issues no SVIDs: its operator makes keys for them with `ambit keys rotate --svids`.';
  throw refuse('svid.not_issued', 'there are no keys for SVIDs', says);
}

export async function requireAgent(
  ground: Ground,
  { tenant, agent: id }: Pick<AgentCaller, 'tenant' | 'agent'>,
): Promise<Agent> {
  const agent = await findAgent(ground, tenant, id);
  if (agent === undefined) throw refuse('agent.not_active', `no agent ${id}`);
  requireActive(agent, ground.clock());
  return agent;
}

/** Durable before the SVID is handed out, and only while the agent is as it was read: none goes to a suspended one. */
export async function recordSvid(
  ground: Ground,
  { tenant, who }: Pick<AgentCaller, 'tenant' | 'who'>,
  agent: Agent,
  detail: Fields,
): Promise<void> {
  const told = entry({
    id: ground.newId('entry'),
    kind: 'token.svid-issued',
    who,
    keys: [`ambit:agent/${agent.id}`],
    detail,
  });
  await ground.database.commit({ tenant, checks: [agentStands(agent)], changes: [], entries: [told] });
}

const badRequest = (because: string) => refuse('svid.request_invalid', because);

// RFC 5280 §4.2.1.6
const subjectAlternativeName = '2.5.29.17';

/** The key of a request that it signed itself: who asks holds it. */
async function keyOfRequest(request: string, spiffeId: string): Promise<X509.PublicKey> {
  const read = readRequest(request);
  if (!(await isSigned(read))) throw badRequest('the request is not signed by its own key');
  const asked = read.getExtension(subjectAlternativeName);
  const names = asked === null ? [] : new x509.library.SubjectAlternativeNameExtension(asked.rawData).names.items;
  const other = names.find(({ value }) => value !== spiffeId);
  if (other !== undefined)
    throw badRequest(`it asks for the name ${other.value.slice(0, 200)}, and the agent is ${spiffeId}`);
  requireKind(read.publicKey);
  return read.publicKey;
}

function readRequest(text: string): X509.Pkcs10CertificateRequest {
  try {
    return new x509.library.Pkcs10CertificateRequest(text);
  } catch (error) {
    throw badRequest(`it cannot be read (${error instanceof Error ? error.name : 'unknown'})`);
  }
}

async function isSigned(request: X509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch (error) {
    throw badRequest(`its signature cannot be verified (${error instanceof Error ? error.name : 'unknown'})`);
  }
}

function requireKind({ algorithm }: X509.PublicKey): void {
  const { name, namedCurve, modulusLength } = algorithm as {
    name: string;
    namedCurve?: string;
    modulusLength?: number;
  };
  if (name === 'ECDSA' && (namedCurve === 'P-256' || namedCurve === 'P-384')) return;
  if (name.startsWith('RSA') && modulusLength !== undefined && modulusLength >= 2048 && modulusLength <= 8192) return;
  throw badRequest(`its key is ${name} ${namedCurve ?? modulusLength ?? ''}`);
}
