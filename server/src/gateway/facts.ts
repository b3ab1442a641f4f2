import type { AgentUserId, Authority, Decimal, Grant } from '@ambit/protocol';
import { whoSaidYes } from '../approvals/index.ts';
import { askCounters, type CallFacts, covers } from '../authority/index.ts';
import { type Ground, refuse, span } from '../foundation/index.ts';
import {
  type Agent,
  findAgent,
  findPerson,
  listAgentUsers,
  liveStandingGrants,
  type Person,
} from '../identity/index.ts';
import { chargesOf, listStandingLimits } from '../limits/index.ts';
import { type ApprovalFact, type Bound, type Facts, type Halt, linkCounter } from '../policy/index.ts';
import { type Chain, findChain } from '../tasks/index.ts';
import { chooseCredential } from '../vault/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import { askAction } from './question.ts';
import { findInDoubt } from './store.ts';

/** A snapshot of everything that the decision will read. `admit` is what makes a stale snapshot harmless. */
export function gatherFacts(ground: Ground, asking: Asking, call: Call, halted: Halt | null): Promise<Facts> {
  return span('gateway/facts', async () => {
    const { tenant } = asking;
    const now = ground.clock();
    const chain = await findChain(ground, tenant, asking.task);
    if (chain === undefined) throw refuse('task.ended', `task ${asking.task}, or one above it, is not there`);
    requireSameKey(chain, asking);
    const people = await peopleOf(ground, asking, chain);
    const agentUser = await agentUserOf(ground, asking, call);
    const credential = await chooseCredential(ground, tenant, { origin: call.origin, api: call.api.name, agentUser });
    const facts: CallFacts = { action: call.action.id, arguments: call.arguments, money: call.money };
    const bounds = await boundsOf(ground, asking, chain, people);
    const charged = { ofLinks: grantsOf(chain, facts), ofBounds: grantsOfBounds(bounds, facts) };
    const inDoubt =
      call.action.effect === 'write'
        ? await findInDoubt(ground, tenant, { digest: asking.effectDigestOf(call), run: chain[0].root })
        : undefined;
    return {
      now,
      chain,
      ...people,
      call: facts,
      callDigest: asking.digestOf(call, credential),
      credential,
      agentUser,
      bounds,
      ...(await chargeFacts(ground, asking, chain, charged, call, now)),
      spent: await spentOn(ground, asking, charged, facts),
      halted,
      unknownBefore: inDoubt ?? null,
      approval: await approvalOf(ground, asking),
      question: askAction(asking, call, chain, people.agents, now),
    };
  });
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
  const requester = id === null ? null : await findPerson(ground, tenant, id);
  if (requester === undefined) throw refuse('task.ended', `the person ${id} who asked is not there`);
  return { agents, owners, requester };
}

const present = <T>(rows: readonly (T | undefined)[]): T[] => rows.filter((row) => row !== undefined);

async function agentUserOf(ground: Ground, { tenant, caller }: Asking, call: Call): Promise<AgentUserId | null> {
  const users = await listAgentUsers(ground, tenant, caller.agent);
  return users.find((user) => user.api === call.api.name)?.id ?? null;
}

/** What else must cover the call: every agent's ceiling, and where the authority came from in the first place. */
async function boundsOf(ground: Ground, { tenant }: Asking, chain: Chain, people: People): Promise<Bound[]> {
  // An agent that stands in the chain twice has one ceiling, and one sum on it.
  const ceilings = [...new Map(people.agents.map((agent) => [agent.id, agent])).values()].map(
    (agent): Bound => ({ whose: `agent:${agent.id}`, authority: agent.ceiling, code: 'authority.beyond_ceiling' }),
  );
  const root = chain[chain.length - 1] ?? chain[0];
  const { origin } = root;
  if (origin.by === 'person' && people.requester !== null) {
    const { id, delegable } = people.requester;
    return [...ceilings, { whose: `person:${id}`, authority: delegable, code: 'authority.beyond_delegable' }];
  }
  if (origin.by === 'standing-grant') {
    const grant = (await liveStandingGrants(ground, tenant, root.agent)).find((one) => one.id === origin.grant);
    const authority = grant?.authority ?? [];
    const owner = people.owners[chain.length - 1];
    return [
      ...ceilings,
      { whose: `grant:${origin.grant}`, authority, code: 'authority.beyond_standing_grant' },
      // Who signed it gave no more than they may give now.
      { whose: `person:${owner?.id}`, authority: owner?.delegable ?? [], code: 'authority.beyond_delegable' },
    ];
  }
  // A chain whose top is itself a delegation has lost its beginning: nothing covers it.
  return [{ whose: `the beginning of ${root.id}`, authority: [], code: 'authority.not_covered' }];
}

/** Every counter that the call would add to, with what stands on it now. */
async function chargeFacts(
  ground: Ground,
  asking: Asking,
  chain: Chain,
  { ofLinks, ofBounds }: ChargedGrants,
  call: Call,
  now: number,
): Promise<Pick<Facts, 'charges' | 'uncountable'>> {
  const charged = chargesOf({
    now,
    action: call.action.id,
    money: call.money,
    cost: call.action.costUnits,
    grants: [...ofLinks.map(({ task, index, grant }) => ({ owner: `task:${task}`, index, grant })), ...ofBounds],
    standing: await listStandingLimits(ground, asking.tenant),
    behind: { agent: asking.caller.agent, requester: chain[0].requester, purpose: chain[0].purposeType },
  });
  if (charged.kind === 'uncountable') return { charges: [], uncountable: charged };
  const used = await Promise.all(
    charged.charges.map((charge) => ground.database.counter(asking.tenant, charge.counter, charge.window)),
  );
  return {
    charges: charged.charges.map((charge, i) => ({ ...charge, used: used[i] ?? charge.max })),
    uncountable: null,
  };
}

/** The grants that the call charges: of each link, and of each bound beside the chain. */
type ChargedGrants = {
  readonly ofLinks: ReturnType<typeof grantsOf>;
  readonly ofBounds: ReturnType<typeof grantsOfBounds>;
};

/** The grant that each link charges; a link that does not cover the call has none, and the decision will say so. */
function grantsOf(chain: Chain, call: CallFacts) {
  return chain.flatMap((task) => covering(task.authority, call).map((one) => ({ task: task.id, ...one })));
}

const grantsOfBounds = (bounds: readonly Bound[], call: CallFacts) =>
  bounds.flatMap(({ whose, authority }) => covering(authority, call).map((one) => ({ owner: whose, ...one })));

function covering(authority: Authority, call: CallFacts): { readonly index: number; readonly grant: Grant }[] {
  const result = covers(authority, call);
  const grant = result.covered ? authority[result.grant] : undefined;
  return result.covered && grant !== undefined ? [{ index: result.grant, grant }] : [];
}

async function spentOn(
  ground: Ground,
  { tenant }: Asking,
  { ofLinks, ofBounds }: ChargedGrants,
  call: CallFacts,
): Promise<Map<string, Decimal>> {
  const spent = new Map<string, Decimal>();
  const links = ofLinks.map(({ task, ...one }) => ({ owner: task as string, ...one }));
  for (const { owner, index, grant } of [...links, ...ofBounds]) {
    for (const { counter } of askCounters(grant, index, call)) {
      const name = linkCounter(owner, counter);
      spent.set(name, await ground.database.counter(tenant, name, 0));
    }
  }
  return spent;
}

/** THREATS: resume-shortcut. A yes counts while everyone who gave it could still give it; otherwise nobody has answered. */
async function approvalOf(ground: Ground, { tenant, parked, moved }: Asking): Promise<ApprovalFact | null> {
  if (parked === null || moved) return null;
  const { id, callDigest, asks } = parked.approval;
  const by = await whoSaidYes(ground, tenant, parked.approval);
  if (by === null) return null;
  return { id, callDigest, asks, by };
}
