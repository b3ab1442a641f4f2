import type { AgentId, TaskId, TenantId, TokenId } from '@ambit/protocol';
import { type Check, check, type Ground, Refusal, refuse, span } from '../foundation/index.ts';
import {
  type Agent,
  agentFacts,
  agentKeyHolds,
  agentStands,
  findPerson,
  type Person,
  personStands,
  requireActsFor,
} from '../identity/index.ts';
import { type Chain, findChain, tasks } from '../tasks/index.ts';
import { findToken, tokenStands } from './store.ts';
import type { IssuedToken } from './token.ts';
import { expired } from './verify-token.ts';

/** Everything that a credential of this agent, for this task, stands on: read together, and alive when it was read. */
export type Standing = {
  readonly agent: Agent;
  /** The task and those above it; null where the credential is for no task. */
  readonly chain: Chain | null;
  /** The agent and those of the chain, each once. */
  readonly agents: readonly Agent[];
  /** What must still be so when a unit that relies on it commits. */
  readonly checks: readonly Check[];
  /**
   * Epoch milliseconds of the first moment at which any of it may end by itself or any key begins to hold: until then
   * the same rows say the same.
   */
  readonly until: number;
};

/**
 * Refuses unless the agent's key, every task of the chain, every agent and owner along it and the person who asked are
 * alive, and each of those agents may act for that person.
 * INVARIANT (ends together): liveness is read here, from the rows themselves, and never pushed to a token.
 */
export async function requireStanding(
  ground: Ground,
  tenant: TenantId,
  holder: { readonly agent: AgentId; readonly agentKey: string; readonly task: TaskId | null },
): Promise<Standing> {
  const chain = holder.task === null ? null : await requireChain(ground, tenant, holder.task);
  const links = (chain ?? []).map((link) =>
    check(tasks, { id: link.id }, { state: link.state, epoch: link.epoch }, 'task.ended'),
  );
  return standingOn(ground, tenant, holder, chain, links);
}

/** The same under a chain that begins with a task which the same unit writes: that unit checks the chain above it. */
export const requireStandingToBe = (
  ground: Ground,
  tenant: TenantId,
  holder: { readonly agent: AgentId; readonly agentKey: string },
  chain: Chain,
): Promise<Standing> => standingOn(ground, tenant, holder, chain, []);

async function standingOn(
  ground: Ground,
  tenant: TenantId,
  holder: { readonly agent: AgentId; readonly agentKey: string },
  chain: Chain | null,
  links: readonly Check[],
): Promise<Standing> {
  const ids = [...new Set([holder.agent, ...(chain ?? []).map((link) => link.agent)])];
  const actors = await Promise.all(ids.map((id) => requireAgent(ground, tenant, id)));
  const self = actors[0]!;
  if (!(await agentKeyHolds(ground, tenant, self, holder.agentKey))) {
    throw refuse('token.key_revoked', `key ${holder.agentKey} of ${holder.agent} does not hold now`);
  }
  // An agent may have had another owner when the task was opened, or handed on.
  if (chain !== null) for (const { agent } of actors) requireActsFor(agent, chain[0].requester);
  const persons = [...actors.map(({ owner }) => owner), ...(await requesterOf(ground, tenant, chain))];
  return {
    agent: self.agent,
    chain,
    agents: actors.map(({ agent }) => agent),
    checks: [
      ...links,
      ...actors.map(({ agent }) => agentStands(agent)),
      ...new Map(persons.map((person) => [person.id, personStands(person)])).values(),
    ],
    until: Math.min(
      ...(chain ?? []).map((link) => link.expiresAt),
      ...actors.flatMap(({ agent, keysUntil }) => [agent.expiresAt, keysUntil]),
    ),
  };
}

async function requireChain(ground: Ground, tenant: TenantId, id: TaskId): Promise<Chain> {
  const chain = await findChain(ground, tenant, id);
  const now = ground.clock();
  const dead = chain?.find((link) => link.state !== 'active' || now >= link.expiresAt);
  if (chain !== undefined && dead === undefined) return chain;
  throw refuse('task.ended', dead ? sayDead(dead) : `no task ${id}`);
}

const sayDead = ({ id, state, expiresAt }: Chain[number]): string =>
  state === 'active' ? `task ${id} expired at ${showAt(expiresAt)}` : `task ${id} is ${state}`;

const showAt = (at: number): string => new Date(at).toISOString();

async function requireAgent(ground: Ground, tenant: TenantId, id: AgentId) {
  const facts = await agentFacts(ground, tenant, id);
  if (facts?.agent.state !== 'active') throw refuse('agent.not_active', `agent ${id} is ${facts?.agent.state}`);
  const { expiresAt } = facts.agent;
  if (ground.clock() >= expiresAt)
    throw refuse('agent.expired', `agent ${id} has expired`).with({ values: { until: expiresAt } });
  const { agent, keys, keysUntil, owner } = facts;
  if (owner?.state !== 'active')
    throw refuse('agent.owner_not_active', `${agent.owner}, owner of ${id}, is not active`);
  return { agent, keys, keysUntil, owner };
}

async function requesterOf(ground: Ground, tenant: TenantId, chain: Chain | null): Promise<Person[]> {
  const id = chain?.[0].requester ?? null;
  if (id === null) return [];
  const person = await findPerson(ground, tenant, id);
  if (person?.state === 'active') return [person];
  throw refuse('token.requester_not_active', `${id} is ${person?.state ?? 'unknown'}`);
}

/** The row of a token that is neither revoked nor came from a revoked one, and all that it stands on. */
export type Alive = Standing & {
  readonly token: IssuedToken;
  /** Of `checks`, those about the token itself and the tokens it came from. */
  readonly ofToken: readonly Check[];
};

/** Refuses with what is dead about the token: the token itself, one it came from, its task, agent, key or owner. */
export function requireAlive(ground: Ground, tenant: TenantId, id: TokenId): Promise<Alive> {
  return span('tokens/alive', () => readAlive(ground, tenant, id));
}

/** The same as a part of what somebody else reads, and keeps. */
export async function readAlive(ground: Ground, tenant: TenantId, id: TokenId): Promise<Alive> {
  const token = await requireToken(ground, tenant, id);
  if (ground.clock() >= token.expiresAt) throw expired(token);
  const line = [token];
  for (let up = token.parentToken; up !== null; up = line.at(-1)!.parentToken)
    line.push(await requireToken(ground, tenant, up));
  const standing = await requireStanding(ground, tenant, token);
  const ofToken = line.map(tokenStands);
  const until = Math.min(standing.until, token.expiresAt);
  return { ...standing, checks: [...standing.checks, ...ofToken], until, ofToken, token };
}

async function requireToken(ground: Ground, tenant: TenantId, id: TokenId): Promise<IssuedToken> {
  const token = await findToken(ground, tenant, id);
  if (token === undefined) throw refuse('token.invalid', `token ${id} is not known`);
  if (token.state !== 'live') throw refuse('token.revoked', `token ${id} is ${token.state}`);
  return token;
}

/** Whether the token still stands. A store that does not answer throws: nobody may take that for either answer. */
export async function isAlive(ground: Ground, tenant: TenantId, id: TokenId): Promise<boolean> {
  try {
    await requireAlive(ground, tenant, id);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
