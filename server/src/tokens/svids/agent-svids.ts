import { randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import type { AgentId, TaskId, TenantId } from '@ambit/protocol';
import { type Fields, type Ground, planeItself, refuse, Secret, span } from '../../foundation/index.ts';
import { type Agent, createRecent, kindOf, type Recent } from '../../identity/index.ts';
import { findTask } from '../../tasks/index.ts';
import { missionOf } from '../issue.ts';
import { actorName } from '../issuer.ts';
import { endOf, jwtSecondsMax, recordSvid, requireAgent, requireAuthority, requireForeign } from './issue-svid.ts';
import { signJwtSvid, signX509Svid } from './sign-svid.ts';
import type { SvidIssuer } from './svid-authority.ts';

/** Whom an SVID names, and what it does just now. */
export type SvidOf = { readonly tenant: TenantId; readonly agent: AgentId; readonly task: TaskId };

/** SVIDs that the plane itself holds for its agents and shows in their name; the agents never see them. */
export type AgentSvids = {
  /** Refuses what could never be made here. */
  requireIssuable(audience: string | null): Promise<void>;
  /** A certificate with its key, in PEM form; `version` is its fingerprint. */
  certificate(of: SvidOf): Promise<{ readonly version: string; readonly pem: Secret }>;
  /** A JWT-SVID that names the task too, and the one before it while that still holds. */
  token(of: SvidOf, audience: string): Promise<{ readonly svid: Secret; readonly before: Secret | null }>;
};

/** More than the agents that one node works for at once; what is pushed out is made anew. */
const keptMax = 4096;

type Kept<V> = { readonly value: V; readonly freshUntil: number; readonly expiresAt: number };
type Shown = { readonly version: string; readonly pem: Secret };

/**
 * INVARIANT (one agent, one SVID): what is kept is found by tenant and agent first, so that nobody is ever shown another's.
 * Keys are made here, stay in memory and go with each SVID; it is renewed when half its life is over.
 */
export function createAgentSvids(
  ground: Ground,
  issuer: { readonly url: string; readonly trustDomain: string; readonly svids: SvidIssuer },
): AgentSvids {
  const certificates = createRecent<Promise<Kept<Shown>>>(keptMax);
  const tokens = createRecent<Promise<Kept<{ readonly svid: Secret; readonly before: Secret | null }>>>(keptMax);

  async function makeCertificate(of: SvidOf): Promise<Kept<Shown>> {
    const { authority, ttlSeconds } = await requireAuthority(issuer.svids);
    const agent = await requireAgent(ground, of);
    const now = ground.clock();
    const notAfter = new Date(Math.floor(endOf(agent, now, ttlSeconds) / 1000) * 1000);
    const spiffeId = actorName(authority.trustDomain, agent.id);
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const made = await signX509Svid(authority, keys.publicKey, { agent, spiffeId, now, notAfter });
    const { fingerprint256 } = new X509Certificate(new Uint8Array(made.rawData));
    const expiresAt = notAfter.getTime();
    await record(of.tenant, agent, { kind: 'x509', spiffeId, fingerprint256, expiresAt });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    const pem = new Secret(
      `${made.toString('pem')}\n-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    );
    return { value: { version: fingerprint256, pem }, expiresAt, freshUntil: halfWay(now, expiresAt) };
  }

  async function makeToken(of: SvidOf, audience: string, before: Kept<{ readonly svid: Secret }> | undefined) {
    const { authority, ttlSeconds } = await requireAuthority(issuer.svids);
    requireForeign(issuer, audience);
    const agent = await requireAgent(ground, of);
    const task = await findTask(ground, of.tenant, of.task);
    if (task === undefined) throw refuse('task.ended', `no task ${of.task}`);
    const now = ground.clock();
    const iat = Math.floor(now / 1000);
    const exp = Math.floor(Math.min(task.expiresAt, endOf(agent, now, Math.min(jwtSecondsMax, ttlSeconds))) / 1000);
    const spiffeId = actorName(authority.trustDomain, agent.id);
    await record(of.tenant, agent, { kind: 'jwt', spiffeId, audience, expiresAt: exp * 1000 });
    const named = { sub: spiffeId, aud: [audience], iat, exp, jti: randomUUID() };
    const svid = new Secret(signJwtSvid(authority, { ...named, ...missionOf(issuer, task) }));
    const stillHolds = before !== undefined && before.expiresAt > now ? before.value.svid : null;
    return { value: { svid, before: stillHolds }, expiresAt: exp * 1000, freshUntil: halfWay(now, exp * 1000) };
  }

  const record = (tenant: TenantId, agent: Agent, detail: Fields) => {
    const who = { ...planeItself, agent: agent.id, kind: kindOf(agent) };
    return recordSvid(ground, { tenant, who }, agent, { ...detail, heldBy: 'gateway' });
  };

  return {
    async requireIssuable(audience) {
      await requireAuthority(issuer.svids);
      if (audience !== null) requireForeign(issuer, audience);
    },
    certificate: (of) =>
      span('tokens/agent-certificate', () =>
        fresh(ground, certificates, JSON.stringify([of.tenant, of.agent]), () => makeCertificate(of)),
      ),
    token: (of, audience) =>
      span('tokens/agent-jwt-svid', () =>
        fresh(ground, tokens, JSON.stringify([of.tenant, of.agent, of.task, audience]), (before) =>
          makeToken(of, audience, before),
        ),
      ),
  };
}

const halfWay = (now: number, end: number) => now + (end - now) / 2;

/** What is kept while it is fresh, or made once for all who wait for it. */
async function fresh<V>(
  { clock }: Ground,
  kept: Recent<Promise<Kept<V>>>,
  key: string,
  make: (before: Kept<V> | undefined) => Promise<Kept<V>>,
): Promise<V> {
  const known = kept.get(key);
  const before = await known;
  if (before !== undefined && before.freshUntil > clock()) return before.value;
  const meanwhile = kept.get(key);
  // Another one who waited has begun to make it.
  if (meanwhile !== undefined && meanwhile !== known) return (await meanwhile).value;
  const making = make(before).catch((error: unknown) => {
    kept.drop(key);
    throw error;
  });
  kept.put(key, making);
  return (await making).value;
}
