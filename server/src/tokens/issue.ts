import { hash } from 'node:crypto';
import {
  type ActorClaim,
  type AgentId,
  type Authority,
  capacityOf,
  entityProfile,
  jsonDigest,
  jwtType,
  statusMember,
  type TenantId,
  type TokenId,
} from '@ambit/protocol';
import {
  type Change,
  type EntryDraft,
  entry,
  type Ground,
  planeItself,
  Refusal,
  refuse,
  span,
  type Unit,
} from '../foundation/index.ts';
import { type AgeLimit, kindOf, listAgeLimits, tooOldAt } from '../identity/index.ts';
import type { Task } from '../tasks/index.ts';
import type { Standing } from './alive.ts';
import type { Bound } from './holder.ts';
import { actorName, type Issuer, planeAudience, taskAudience } from './issuer.ts';
import type { Resource } from './resource.ts';
import { signJwt } from './sign-jwt.ts';
import { listOf, placesMax, placeTriesMax, statusListUri } from './status-list.ts';
import { addToken } from './store.ts';
import { confirmationOf, type IssuedToken, tokenClaim } from './token.ts';

/** What a grant has made sure of: who gets the token, what it is bound to, and what is to be spent with it. */
export type Wanted = {
  readonly tenant: TenantId;
  readonly standing: Standing;
  /** The API that the token is for, where it is for one that verifies tokens itself. */
  readonly resource: Resource | null;
  readonly holder: Bound & { readonly endsAt: number | null };
  readonly agentKey: string;
  /** Where it came by exchange: that token, and the time it ends. */
  readonly from: { readonly token: TokenId; readonly expiresAt: number; readonly by: AgentId } | null;
  /** How the one who asks proved itself, as entries tell it. */
  readonly method: string;
  /** Proofs that count once; spent in the unit that writes the token. */
  readonly spend: readonly Change[];
};

export type Issued = { readonly text: string; readonly token: IssuedToken; readonly audience: string };

/** Writes what makes a token exist; it may write more in the same unit. */
export type Commit = (unit: Required<Omit<Unit, 'tenant' | 'standing'>>) => Promise<unknown>;

/** Signs a token and writes that it exists, in one unit with all that was spent for it. */
export function issueToken(
  ground: Ground,
  issuer: Issuer,
  wanted: Wanted,
  commit: Commit = (unit) => ground.database.commit({ tenant: wanted.tenant, ...unit }),
): Promise<Issued> {
  return span('tokens/issue', async () => {
    for (let tries = 1; ; tries++) {
      try {
        return await issueAt(issuer.pick(placesMax), ground, issuer, wanted, commit);
      } catch (error) {
        const isTaken = error instanceof Refusal && error.code === 'token.no_place';
        if (!isTaken || tries === placeTriesMax) throw error;
      }
    }
  });
}

/** The same with that place in the status list, or a refusal by `token.no_place` where another token has it. */
async function issueAt(place: number, ground: Ground, issuer: Issuer, wanted: Wanted, commit: Commit): Promise<Issued> {
  const { standing, resource } = wanted;
  const token = draft(ground, issuer, wanted, { place, ages: await listAgeLimits(ground, wanted.tenant) });
  if (ground.clock() >= token.expiresAt) throw refuse('task.ended', 'less than a second is left of what it stands on');
  const own = standing.chain === null ? planeAudience(issuer) : taskAudience(issuer);
  const audience = resource?.url ?? own;
  const text = signJwt(issuer.keys(), jwtType.accessToken, claimsOf(issuer, wanted, token, audience));
  await commit({
    // What was alive when it was read is alive when the token is written, or there is none.
    checks: standing.checks,
    changes: [...wanted.spend, addToken(token)],
    entries: [told(ground, wanted, token)],
  });
  return { text, token, audience };
}

function draft(
  ground: Ground,
  issuer: Issuer,
  { standing, holder, agentKey, from, resource }: Wanted,
  { place, ages }: { readonly place: number; readonly ages: readonly AgeLimit[] },
): IssuedToken {
  // Whole seconds, as they stand in the token (RFC 7519 §2): the row says what the token says.
  const issuedAt = Math.floor(ground.clock() / 1000) * 1000;
  const stands = [standing.agent, ...(standing.chain ?? []), ...(from === null ? [] : [from])];
  const tooOld = tooOldAt(ages, 'token', issuedAt);
  const ends = [tooOld, ...stands.map((one) => one.expiresAt), ...(holder.endsAt === null ? [] : [holder.endsAt])];
  return {
    id: ground.newId('token'),
    agent: standing.agent.id,
    task: standing.chain?.[0].id ?? null,
    jkt: holder.jkt,
    x5t: holder.x5t,
    agentKey,
    parentToken: from?.token ?? null,
    state: 'live',
    issuedAt,
    expiresAt: Math.floor(Math.min(issuedAt + issuer.ttlSeconds * 1000, ...ends) / 1000) * 1000,
    statusList: listOf(issuedAt),
    statusIndex: place,
    resource: resource?.url ?? null,
    authorityHash: resource === null ? null : digestOf(resource.authority),
  };
}

/** An authority is part of a row, which nobody changes: its digest holds for as long as the row is kept. */
const digests = new WeakMap<Authority, string>();

export function digestOf(authority: Authority): string {
  const known = digests.get(authority);
  if (known !== undefined) return known;
  const made = jsonDigest(authority, (bytes) => hash('sha256', bytes, 'buffer'));
  digests.set(authority, made);
  return made;
}

/** The task, and the run that it belongs to, as those read them who verify tokens. */
export function missionOf(issuer: Pick<Issuer, 'url'>, task: Pick<Task, 'id' | 'root' | 'authority'>): object {
  return {
    [tokenClaim.mission]: { id: task.id, issuer: issuer.url, authority_hash: digestOf(task.authority) },
    [tokenClaim.run]: task.root,
  };
}

function claimsOf(
  issuer: Issuer,
  { tenant, standing, resource }: Wanted,
  token: IssuedToken,
  audience: string,
): object {
  const task = standing.chain?.[0];
  const ours = {
    [tokenClaim.issuer]: issuer.url,
    [tokenClaim.audience]: audience,
    [tokenClaim.subject]: task?.requester ?? standing.agent.id,
    [tokenClaim.clientId]: standing.agent.id,
    [tokenClaim.clientProfile]: entityProfile[kindOf(standing.agent)],
    [tokenClaim.tenant]: tenant,
    [tokenClaim.actor]: actorOf(issuer, standing),
    [tokenClaim.confirmation]: confirmationOf(token),
    [tokenClaim.agentKey]: token.agentKey,
    [tokenClaim.tokenId]: token.id,
    [tokenClaim.issuedAt]: token.issuedAt / 1000,
    [tokenClaim.expires]: token.expiresAt / 1000,
    [tokenClaim.status]: {
      [statusMember.list]: {
        [statusMember.index]: token.statusIndex,
        [statusMember.uri]: statusListUri(issuer, tenant, listOf(token.issuedAt)),
      },
    },
  };
  if (task === undefined) return ours;
  return {
    ...ours,
    ...missionOf(issuer, task),
    ...mayActOf(issuer, task.delegates),
    ...authenticationOf(standing.chain),
    ...(resource === null ? {} : { [tokenClaim.authorizationDetails]: resource.authority }),
  };
}

/**
 * RFC 8693 §4.1: the outermost is the current actor, inside it those it acts for. Built from the plane's own records;
 * nothing that a client sends comes in, and it is never left out: nobody is impersonated here.
 */
function actorOf(issuer: Issuer, { agent, chain, agents: known }: Standing): ActorClaim {
  const agents = chain === null ? [agent.id] : chain.map((link) => link.agent);
  const profiles = new Map(known.map((one) => [one.id, entityProfile[kindOf(one)]]));
  const nested = agents.reduceRight<ActorClaim | undefined>((inner, id) => {
    const actor = { iss: issuer.url, sub: actorName(issuer.trustDomain, id), sub_profile: profiles.get(id)! };
    return inner === undefined ? actor : { ...actor, act: inner };
  }, undefined);
  return nested!;
}

/**
 * RFC 8693 §4.4: who may take over, for those who read tokens; this plane asks the task itself. The RFC has an object for
 * one party: of several it is a list of such objects, and for nobody an empty one.
 */
export function mayActOf(issuer: Issuer, delegates: readonly AgentId[] | null): object {
  if (delegates === null) return {};
  const parties = delegates.map((id) => ({ iss: issuer.url, sub: actorName(issuer.trustDomain, id) }));
  return { [tokenClaim.mayAct]: parties.length === 1 ? parties[0] : parties };
}

/** RFC 9068 §2.2.1: of the person who asked for the chain. */
export function authenticationOf(chain: Standing['chain']): object {
  const authenticated = chain?.at(-1)?.authenticated ?? null;
  if (authenticated === null) return {};
  return {
    [tokenClaim.authTime]: Math.floor(authenticated.at / 1000),
    [tokenClaim.authContext]: authenticated.acr,
  };
}

function told(ground: Ground, { standing, resource, from, method }: Wanted, token: IssuedToken): EntryDraft {
  const task = standing.chain?.[0];
  return entry({
    id: ground.newId('entry'),
    kind: from === null ? 'token.issued' : 'token.exchanged',
    who: {
      ...planeItself,
      requester: task?.requester ?? null,
      agent: standing.agent.id,
      kind: kindOf(standing.agent),
      ...(task === undefined ? {} : { capacity: capacityOf(task.requester) }),
      initiator: from?.by ?? standing.agent.id,
      instance: token.jkt,
      environment: standing.agent.environment,
      zone: standing.agent.zone,
      channel: 'oauth',
      proof: method,
    },
    task: task?.id ?? null,
    run: task?.root ?? null,
    detail: {
      token,
      chain: (standing.chain ?? []).map(({ id, agent }) => ({ task: id, agent })),
      ...(resource === null ? {} : { resource }),
    },
  });
}
