import type { Authority, RefusalCode, TenantId } from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import { type Check, check, type Ground, refuse } from '../foundation/index.ts';
import {
  type Agent,
  agentStands,
  findAgent,
  findPerson,
  liveStandingGrants,
  type Person,
  personStands,
  standingGrantStands,
} from '../identity/index.ts';
import { type Chain, elevationStands, isLive, isStanding, standingElevations, tasks } from '../tasks/index.ts';

/** Who stands behind a task, and what must still be so when something is given to it. */
export type Around = {
  readonly agent: Agent;
  readonly requester: Person | null;
  readonly checks: readonly Check[];
};

type Bound = { readonly whose: string; readonly authority: Authority; readonly code: RefusalCode };

/**
 * Refuses what goes beyond a bound around the task: every task above it with what stands beside that one, every ceiling
 * of the chain, and where its authority came from.
 * INVARIANT (elevation): a task gets no more than those above it have now, and nobody gives what is not theirs to give.
 */
export async function requireWithin(
  ground: Ground,
  tenant: TenantId,
  chain: Chain,
  authority: Authority,
): Promise<Around> {
  const now = ground.clock();
  const dead = chain.find((task) => task.state !== 'active' || !isLive(task, now));
  if (dead !== undefined) throw refuse('task.ended', `task ${dead.id} is ${dead.state}, until ${dead.expiresAt}`);
  const agents = await Promise.all(chain.map((task) => requireActive(ground, tenant, task.agent)));
  const { bounds, checks, requester } = await beginningOf(ground, tenant, chain, agents);
  const above = await boundsAbove(ground, tenant, chain, now);
  const ceilings = agents.map(
    ({ id, ceiling }): Bound => ({ whose: `agent:${id}`, authority: ceiling, code: 'elevation.beyond_ceiling' }),
  );
  for (const bound of [...above.bounds, ...ceilings, ...bounds]) requireNarrower(authority, bound);
  return {
    agent: agents[0]!,
    requester,
    checks: [
      ...chain.map((task) => check(tasks, { id: task.id }, { state: task.state, epoch: task.epoch }, 'state.changed')),
      ...new Map(agents.map((agent) => [agent.id, agentStands(agent)])).values(),
      ...above.checks,
      ...checks,
    ],
  };
}

/** THREATS: oracle. The agent hears which bound it is, and the log how far that goes. */
function requireNarrower(authority: Authority, { whose, authority: bound, code }: Bound): void {
  const result = narrows(authority, bound, whose);
  if (!result.narrower) throw refuse(code, result.says);
}

async function requireActive(ground: Ground, tenant: TenantId, id: Agent['id']): Promise<Agent> {
  const agent = await findAgent(ground, tenant, id);
  if (agent?.state === 'active' && ground.clock() < agent.expiresAt) return agent;
  throw refuse('agent.not_active', `agent ${id} is ${agent?.state ?? 'unknown'}`);
}

async function boundsAbove(ground: Ground, tenant: TenantId, [, ...above]: Chain, now: number) {
  const ids = above.map(({ id }) => id);
  const all = ids.length === 0 ? [] : await standingElevations(ground, tenant, ids);
  const standing = all.filter((one) => isStanding(one, now));
  const bounds = above.map((task): Bound => {
    const beside = standing.filter((one) => one.task === task.id).flatMap((one) => one.authority);
    const authority = [...task.authority, ...beside];
    return { whose: `task:${task.id}`, authority, code: 'elevation.beyond_parent' };
  });
  return { bounds, checks: standing.map(elevationStands) };
}

type Beginning = {
  readonly bounds: readonly Bound[];
  readonly checks: readonly Check[];
  readonly requester: Person | null;
};

async function beginningOf(
  ground: Ground,
  tenant: TenantId,
  chain: Chain,
  agents: readonly Agent[],
): Promise<Beginning> {
  const root = chain.at(-1)!;
  const { origin } = root;
  const delegable = ({ id, delegable: authority }: Person): Bound => ({
    whose: `person:${id}`,
    authority,
    code: 'elevation.beyond_delegable',
  });
  if (origin.by === 'person' && chain[0].requester !== null) {
    const requester = await requirePerson(ground, tenant, chain[0].requester);
    return { bounds: [delegable(requester)], checks: [personStands(requester)], requester };
  }
  // A chain whose top is itself a delegation has lost its beginning: nobody can give it anything.
  if (origin.by !== 'standing-grant') throw refuse('task.ended', `the beginning of ${root.id} is lost`);
  const grant = (await liveStandingGrants(ground, tenant, root.agent)).find((one) => one.id === origin.grant);
  const owner = await requirePerson(ground, tenant, agents.at(-1)!.owner);
  const bound: Bound = {
    whose: `grant:${origin.grant}`,
    authority: grant?.authority ?? [],
    code: 'elevation.beyond_standing_grant',
  };
  const checks = [personStands(owner), standingGrantStands({ id: origin.grant }, 'state.changed')];
  return { bounds: [bound, delegable(owner)], checks, requester: null };
}

async function requirePerson(ground: Ground, tenant: TenantId, id: Person['id']): Promise<Person> {
  const person = await findPerson(ground, tenant, id);
  if (person?.state === 'active') return person;
  throw refuse('task.ended', `person ${id} is ${person?.state ?? 'unknown'}`);
}
