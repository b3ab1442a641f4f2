import {
  type AgentId,
  type Authority,
  authorityShape,
  claim,
  type MissionClaim,
  type PersonId,
  parseId,
  ShapeFault,
  statusMember,
  type TaskId,
  type TenantId,
  type TokenId,
} from '@ambit/protocol';
import type { JWTPayload } from 'jose';
import { GuardRefusal } from './guard-refusal.ts';

/** One agent of the chain (RFC 8693 §4.1). */
export type Actor = { readonly agent: AgentId /** Its SPIFFE ID. */; readonly name: string };

/** Who calls, as the token says it: verified, and standing as of the status list. */
export type Caller = {
  readonly tenant: TenantId;
  /** The agent that calls. */
  readonly agent: AgentId;
  /** The person it is done for; null where the agent opened the task itself. */
  readonly requester: PersonId | null;
  readonly task: TaskId;
  /** The task that the run began with. */
  readonly run: TaskId;
  /** The calling agent first, behind it those that delegated to it. Access follows from the first; the others are for the record. */
  readonly chain: readonly Actor[];
  readonly mission: MissionClaim;
  /** What the task may do at this API. */
  readonly authority: Authority;
  readonly token: TokenId;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

/** What the token is bound to: exactly one of a key and a certificate (RFC 7800 §3.1). */
export type Binding =
  | { readonly by: 'key'; readonly jkt: string }
  | { readonly by: 'certificate'; readonly thumbprint: string };

export type StatusPlace = { readonly index: number; readonly uri: string };

/** Everything that is read of a token, once its signature, type, issuer, audience and times hold. */
export type ReadToken = {
  readonly caller: Caller;
  readonly binding: Binding;
  readonly status: StatusPlace;
  /** RFC 9470 §4: how and when the person behind it proved themselves, where the token says so. */
  readonly acr: string | null;
  /** Epoch milliseconds. */
  readonly authTime: number | null;
};

/** Issued and read nowhere else, so the shared table of claims does not name them. */
const run = 'txn';

type Expected = { readonly issuer: string; readonly tenant: TenantId; readonly actorsMax: number };

/** Reads the claims. Whatever is missing or not of its shape makes the token invalid: nothing is guessed or passed over. */
export function readToken(claims: JWTPayload, { issuer, tenant, actorsMax }: Expected): ReadToken {
  const of = idClaim(claims, 'tenant', claim.tenant);
  if (of !== tenant) throw new GuardRefusal('guard.wrong_tenant', `the token is of ${of}, not of ${tenant}`);
  const agent = idClaim(claims, 'agent', claim.clientId);
  const mission = missionOf(objectOf(claims, claim.mission), issuer);
  const caller: Caller = {
    tenant,
    agent,
    requester: parseId('person', claims[claim.subject]) ?? null,
    task: parseId('task', mission.id) ?? invalid('mission.id is no id of a task'),
    run: idClaim(claims, 'task', run),
    chain: chainOf(claims[claim.actor], { issuer, actorsMax, agent }),
    mission,
    authority: authorityOf(claims[claim.authorizationDetails]),
    token: idClaim(claims, 'token', claim.tokenId),
    expiresAt: Number(claims.exp) * 1000,
  };
  const { acr, auth_time: authTime } = claims;
  return {
    caller,
    binding: bindingOf(objectOf(claims, claim.confirmation)),
    status: placeOf(objectOf(objectOf(claims, claim.status), statusMember.list), issuer),
    acr: typeof acr === 'string' ? acr : null,
    authTime: typeof authTime === 'number' ? authTime * 1000 : null,
  };
}

function invalid(because: string): never {
  throw new GuardRefusal('token.invalid', because);
}

function idClaim<K extends Parameters<typeof parseId>[0]>(claims: JWTPayload, kind: K, name: string) {
  return parseId(kind, claims[name]) ?? invalid(`the claim ${name} is no id of a ${kind}`);
}

type Members = { readonly [name: string]: unknown };

function objectOf(of: Members, name: string): Members {
  const value = of[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  return invalid(`${name} is missing, or no object`);
}

function textOf(of: Members, name: string): string {
  const value = of[name];
  return typeof value === 'string' && value !== '' ? value : invalid(`${name} is missing, or no text`);
}

function missionOf(mission: Members, issuer: string): MissionClaim {
  const [id, by, authority_hash] = [
    textOf(mission, 'id'),
    textOf(mission, 'issuer'),
    textOf(mission, 'authority_hash'),
  ];
  return by === issuer ? { id, issuer: by, authority_hash } : invalid('the mission is of another issuer');
}

/** INVARIANT (chain): the outermost actor is the agent that the token was issued to, and every actor is one of the issuer’s. */
function chainOf(
  act: unknown,
  { issuer, actorsMax, agent }: Pick<Expected, 'issuer' | 'actorsMax'> & { agent: AgentId },
) {
  const chain: Actor[] = [];
  for (let next: unknown = act; next !== undefined; next = objectOf({ act: next }, 'act').act) {
    const actor = objectOf({ act: next }, 'act');
    if (chain.length === actorsMax) {
      throw new GuardRefusal('guard.chain_too_long', `the chain has more than ${actorsMax} actors`);
    }
    if (actor.iss !== issuer) invalid('an actor is of another issuer');
    const name = textOf(actor, 'sub');
    const id = parseId('agent', /^spiffe:\/\/[^/]+\/agent\/([^/]+)$/.exec(name)?.[1]);
    chain.push({ agent: id ?? invalid('an actor is no agent'), name });
  }
  return chain[0]?.agent === agent ? chain : invalid('the first actor is not the one the token was issued to');
}

function authorityOf(details: unknown): Authority {
  try {
    return authorityShape.read(details, claim.authorizationDetails);
  } catch (error) {
    if (!(error instanceof ShapeFault)) throw error;
    return invalid(error.message);
  }
}

function bindingOf(confirmation: Members): Binding {
  const { [claim.thumbprint]: jkt, [claim.certificateThumbprint]: thumbprint, ...more } = confirmation;
  // RFC 7800 §3.1: a way to confirm that is not known here may be the one that matters.
  if (Object.keys(more).length === 0 && thumbprint === undefined && typeof jkt === 'string') return { by: 'key', jkt };
  if (Object.keys(more).length === 0 && jkt === undefined && typeof thumbprint === 'string')
    return { by: 'certificate', thumbprint };
  throw new GuardRefusal('guard.unbound', 'cnf names no key or certificate, or more than one');
}

function placeOf(place: Members, issuer: string): StatusPlace {
  const { [statusMember.index]: index } = place;
  const uri = textOf(place, statusMember.uri);
  // INVARIANT (no way out): a token names no address but its issuer’s.
  if (!uri.startsWith(`${issuer}/`) || URL.parse(uri)?.href !== uri) invalid('the status list is not at the issuer');
  return Number.isSafeInteger(index) && Number(index) >= 0 ? { index: Number(index), uri } : invalid('idx is no index');
}
