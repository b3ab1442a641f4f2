import type { AgentUserId } from '@ambit/protocol';
import { type Check, check, type Ground, refuse, span } from '../foundation/index.ts';
import {
  type Agent,
  agentStands,
  findAgent,
  findPerson,
  listAgentUsers,
  liveStandingGrants,
  type Person,
  personStands,
  requireActsFor,
  standingGrantStands,
} from '../identity/index.ts';
import { listStandingLimits } from '../limits/index.ts';
import type { Bound, Facts } from '../policy/index.ts';
import { type Chain, type Elevation, findChain, isStanding, standingElevations, tasks } from '../tasks/index.ts';
import { readAlive, requireStanding } from '../tokens/index.ts';
import { chooseCredential } from '../vault/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';

/** What stands behind every call of one credential to one API. It follows from rows alone, whatever the call is. */
export type Behind = Pick<
  Facts,
  'chain' | 'agents' | 'owners' | 'requester' | 'agentUser' | 'credential' | 'bounds' | 'stands'
> & {
  /** What stands beside the authority of each link. */
  readonly elevations: readonly Elevation[];
  /** The organisation's limits over time. */
  readonly limits: Awaited<ReturnType<typeof listStandingLimits>>;
  /** Epoch milliseconds: until then the same rows say the same. */
  readonly until: number;
};

/**
 * Refuses where what the caller proved does not stand any more. A fresh call comes with a token, which may be revoked; a
 * parked one with the key that proved it, which may be too; an enforcement point's question and the plane's own look with
 * nothing, so that only the task itself and its people are read.
 */
export function whatStandsBehind(ground: Ground, asking: Asking, { api }: Pick<Call, 'api'>): Promise<Behind> {
  return span('gateway/behind', () => keptBehind(ground, asking, api));
}

async function keptBehind(ground: Ground, asking: Asking, api: Call['api']): Promise<Behind> {
  const { caller, tenant, task } = asking;
  // What is asked once is not worth keeping.
  if (asking.looking || caller.token === null) return readBehind(ground, asking, api);
  const name = `behind ${tenant} ${caller.token} ${task} ${caller.agent} ${caller.agentKey} ${caller.jkt} ${api.origin} ${api.name}`;
  const known = await ground.database.kept(name, (reads) =>
    readBehind({ ...ground, database: { ...ground.database, ...reads } }, asking, api),
  );
  // Nothing changed but the time: read again, it is the refusal that says what has ended, or what goes on without it.
  return ground.clock() < known.until ? known : readBehind(ground, asking, api);
}

async function readBehind(ground: Ground, asking: Asking, api: Call['api']): Promise<Behind> {
  const { tenant } = asking;
  const credential = await requireCredential(ground, asking);
  const chain = await findChain(ground, tenant, asking.task);
  if (chain === undefined) throw refuse('task.ended', `task ${asking.task}, or one above it, is not there`);
  requireSameKey(chain, asking);
  const people = await peopleOf(ground, asking, chain);
  const agentUser = await agentUserOf(ground, asking, api);
  const { bounds, until } = await boundsOf(ground, asking, chain, people);
  const now = ground.clock();
  const links = chain.map(({ id }) => id);
  const elevations = (await standingElevations(ground, tenant, links)).filter((one) => isStanding(one, now));
  return {
    chain,
    elevations,
    ...people,
    agentUser,
    credential: await chooseCredential(ground, tenant, { origin: api.origin, api: api.name, agentUser }),
    bounds,
    limits: await listStandingLimits(ground, tenant),
    stands: [...stillStands(chain, people), ...credential.stands],
    until: Math.min(credential.until, until, ...elevations.map(({ expiresAt }) => expiresAt)),
  };
}

/** The checks are of what the decision does not read: the token, and those it came from. */
async function requireCredential(
  ground: Ground,
  { tenant, caller, task, looking }: Asking,
): Promise<Pick<Behind, 'stands' | 'until'>> {
  if (looking) return { stands: [], until: 0 };
  if (caller.token === null) {
    await requireStanding(ground, tenant, { agent: caller.agent, agentKey: caller.agentKey, task });
    return { stands: [], until: 0 };
  }
  const { ofToken, until } = await readAlive(ground, tenant, caller.token);
  return { stands: ofToken.map((one) => ({ ...one, otherwise: 'state.changed' })), until };
}

/** A task belongs to the key that accepted it, whatever the token says. */
function requireSameKey([task]: Chain, { caller, parked }: Asking): void {
  const jkt = parked?.approval.jkt ?? caller.jkt;
  if (task.agent === caller.agent && task.acceptedJkt === jkt) return;
  throw refuse(
    'token.other_key',
    `task ${task.id} was accepted by ${task.acceptedJkt} of ${task.agent}, not by ${jkt} of ${caller.agent}`,
  );
}

type People = {
  readonly agents: readonly Agent[];
  readonly owners: readonly Person[];
  readonly requester: Person | null;
};

/** Whoever is missing leaves a gap that the decision takes for an end. */
async function peopleOf(ground: Ground, { tenant }: Asking, chain: Chain): Promise<People> {
  const agents = present(await Promise.all(chain.map((task) => findAgent(ground, tenant, task.agent))));
  const owners = present(await Promise.all(agents.map((agent) => findPerson(ground, tenant, agent.owner))));
  const id = chain[0].requester;
  for (const agent of agents) requireActsFor(agent, id);
  const requester = id === null ? null : await findPerson(ground, tenant, id);
  if (requester === undefined) throw refuse('task.ended', `the person ${id} who asked is not there`);
  return { agents, owners, requester };
}

const present = <T>(rows: readonly (T | undefined)[]): T[] => rows.filter((row) => row !== undefined);

async function agentUserOf(ground: Ground, { tenant, caller }: Asking, api: Call['api']): Promise<AgentUserId | null> {
  const users = await listAgentUsers(ground, tenant, caller.agent);
  return users.find((user) => user.api === api.name)?.id ?? null;
}

/** What else must cover the call: every agent's ceiling, and where the authority came from in the first place. */
async function boundsOf(
  ground: Ground,
  { tenant }: Asking,
  chain: Chain,
  people: People,
): Promise<Pick<Behind, 'bounds' | 'until'>> {
  // An agent that stands in the chain twice has one ceiling, and one sum on it.
  const ceilings = [...new Map(people.agents.map((agent) => [agent.id, agent])).values()].map(
    (agent): Bound => ({ whose: `agent:${agent.id}`, authority: agent.ceiling, code: 'authority.beyond_ceiling' }),
  );
  const root = chain[chain.length - 1] ?? chain[0];
  const { origin } = root;
  const until = Number.POSITIVE_INFINITY;
  if (origin.by === 'person' && people.requester !== null) {
    const { id, delegable } = people.requester;
    const bound: Bound = { whose: `person:${id}`, authority: delegable, code: 'authority.beyond_delegable' };
    return { bounds: [...ceilings, bound], until };
  }
  if (origin.by === 'standing-grant') {
    const grant = (await liveStandingGrants(ground, tenant, root.agent)).find((one) => one.id === origin.grant);
    const authority = grant?.authority ?? [];
    const owner = people.owners[chain.length - 1];
    const bounds: Bound[] = [
      ...ceilings,
      { whose: `grant:${origin.grant}`, authority, code: 'authority.beyond_standing_grant' },
      // Who signed it gave no more than they may give now.
      { whose: `person:${owner?.id}`, authority: owner?.delegable ?? [], code: 'authority.beyond_delegable' },
    ];
    return { bounds, until: grant?.expiresAt ?? until };
  }
  // A chain whose top is itself a delegation has lost its beginning: nothing covers it.
  const lost: Bound = { whose: `the beginning of ${root.id}`, authority: [], code: 'authority.not_covered' };
  return { bounds: [lost], until };
}

/** INVARIANT (ends together): the last look at every link, agent and person is the writer's own, in the unit that admits. */
function stillStands(chain: Chain, { agents, owners, requester }: People): Check[] {
  const origin = chain.at(-1)?.origin;
  const people = [...owners, ...(requester === null ? [] : [requester])];
  return [
    ...chain.map((task) => check(tasks, { id: task.id }, { state: task.state, epoch: task.epoch }, 'state.changed')),
    ...agents.map(agentStands),
    ...(origin?.by === 'standing-grant' ? [standingGrantStands({ id: origin.grant }, 'state.changed')] : []),
    ...people.filter((person, i) => people.findIndex((one) => one.id === person.id) === i).map(personStands),
  ];
}
