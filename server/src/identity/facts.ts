import {
  type AgentId,
  type Authority,
  canonicalJson,
  type PersonId,
  type StandingGrantId,
  type TenantId,
} from '@ambit/protocol';
import { type Ground, Refusal } from '../foundation/index.ts';
import { type Agent, type AgentKey, keyHolds } from './agent.ts';
import type { Person, PersonKey } from './person.ts';
import { signerOf } from './signature.ts';
import type { StandingGrant } from './standing-grant.ts';
import { findAgent, findPerson, listAgentKeys, listPersonKeys, listStandingGrants } from './store.ts';

/** What a decision may know of an agent: its row, the keys that hold now, and the person who answers for it. */
export type AgentFacts = {
  readonly agent: Agent;
  readonly keys: readonly AgentKey[];
  /** Epoch milliseconds of the first moment at which other keys hold, though no row has changed. */
  readonly keysUntil: number;
  /** Keys that were not revoked and hold no more, by their own end or because they are too old: they prove nothing. */
  readonly ended: readonly AgentKey[];
  readonly owner: Person | undefined;
};

export async function agentFacts(ground: Ground, tenant: TenantId, id: AgentId): Promise<AgentFacts | undefined> {
  const agent = await findAgent(ground, tenant, id);
  if (agent === undefined) return undefined;
  const [keys, owner] = await Promise.all([listAgentKeys(ground, tenant, id), findPerson(ground, tenant, agent.owner)]);
  const now = ground.clock();
  const turns = keys.flatMap((key) => [key.notBefore, key.notAfter]).filter((at) => at > now);
  return {
    agent,
    keys: keys.filter((key) => keyHolds(key, now)),
    keysUntil: Math.min(...turns),
    ended: keys.filter((key) => key.state === 'active' && key.notAfter <= now),
    owner,
  };
}

/** A person and the keys by which they may sign and sign in. */
export type PersonFacts = { readonly person: Person; readonly keys: readonly PersonKey[] };

export async function personFacts(ground: Ground, tenant: TenantId, id: PersonId): Promise<PersonFacts | undefined> {
  const person = await findPerson(ground, tenant, id);
  if (person === undefined) return undefined;
  const keys = await listPersonKeys(ground, tenant, id);
  return { person, keys: keys.filter((key) => key.state === 'active') };
}

/** A standing grant that holds now, with what it gives. `row` is what a unit checks with `standingGrantStands`. */
export type LiveStandingGrant = {
  readonly id: StandingGrantId;
  readonly agent: AgentId;
  readonly owner: PersonId;
  readonly authority: Authority;
  readonly liveTasksMax: number;
  readonly taskSecondsMax: number;
  readonly expiresAt: number;
  readonly row: StandingGrant;
};

/**
 * The standing grants under which the agent may open tasks now. INVARIANT (asked): each was signed by the one who owns
 * the agent now, with a key that is still enrolled, and says what was signed: an edited row gives nothing.
 */
export async function liveStandingGrants(
  ground: Ground,
  tenant: TenantId,
  agent: AgentId,
): Promise<readonly LiveStandingGrant[]> {
  const facts = await agentFacts(ground, tenant, agent);
  if (facts?.owner?.state !== 'active') return [];
  const { keys } = (await personFacts(ground, tenant, facts.agent.owner)) ?? { keys: [] };
  const rows = await listStandingGrants(ground, tenant, agent);
  const now = ground.clock();
  return rows
    .filter((row) => saysWhatWasSigned(row, tenant, facts.agent, keys) && now < row.document.expiresAt)
    .map(opened);
}

function saysWhatWasSigned(row: StandingGrant, tenant: TenantId, agent: Agent, keys: readonly PersonKey[]): boolean {
  const { document } = row;
  const named = canonicalJson([document.type, document.tenant, document.agent, document.owner]);
  const expected = canonicalJson(['ambit_standing_grant', tenant, agent.id, agent.owner]);
  return row.state === 'active' && named === expected && isSigned(row, keys);
}

function isSigned({ document, signature }: StandingGrant, keys: readonly PersonKey[]): boolean {
  try {
    signerOf(keys, document, signature);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function opened(row: StandingGrant): LiveStandingGrant {
  const { authority, liveTasksMax, taskSecondsMax, expiresAt } = row.document;
  return { id: row.id, agent: row.agent, owner: row.owner, authority, liveTasksMax, taskSecondsMax, expiresAt, row };
}
