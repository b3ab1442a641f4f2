import type { Authority, Decimal, Grant } from '@ambit/protocol';
import { answeredWith, whoSaidYes } from '../approvals/index.ts';
import { askCounters, type CallFacts, covers } from '../authority/index.ts';
import { askingAgain } from '../elevations/index.ts';
import { type Ground, span } from '../foundation/index.ts';
import { chargesOf, countCharges } from '../limits/index.ts';
import { type ApprovalFact, type Bound, type Facts, type Halt, linkCounter } from '../policy/index.ts';
import { type Chain, type Elevation, elevationStands, type Task } from '../tasks/index.ts';
import { type Behind, whatStandsBehind } from './behind.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import { chooseElevations } from './choose-elevations.ts';
import { askAction } from './question.ts';
import { findInDoubt } from './store.ts';

/** A snapshot of everything that the decision will read. `admit` is what makes a stale snapshot harmless. */
export async function gatherFacts(ground: Ground, asking: Asking, call: Call, halted: Halt | null): Promise<Facts> {
  const { limits, elevations, until: _, ...behind } = await whatStandsBehind(ground, asking, call);
  return span('gateway/facts', async () => {
    const { tenant } = asking;
    const now = ground.clock();
    const { chain, bounds } = behind;
    const facts: CallFacts = { action: call.action.id, arguments: call.arguments, money: call.money };
    const cost = call.action.costUnits;
    const chosen = await chooseElevations(ground, tenant, { chain, elevations, call: facts, cost, now });
    const elevated = chosen.map((one) => asOfNow(one, call));
    const charged = { ofLinks: grantsOf(chain, elevated, facts), ofBounds: grantsOfBounds(bounds, facts) };
    const inDoubt =
      call.action.effect === 'write'
        ? await findInDoubt(ground, tenant, { digest: asking.effectDigestOf(call), run: chain[0].root })
        : undefined;
    return {
      now,
      ...behind,
      ...(elevated.length === 0 ? {} : { stands: [...behind.stands, ...elevated.map(elevationStands)] }),
      elevated,
      call: facts,
      callDigest: asking.digestOf(call, behind.credential),
      ...(await chargeFacts(ground, { asking, chain, limits, charged, call, now })),
      spent: await spentOn(ground, asking, charged, facts),
      halted,
      unknownBefore: inDoubt ?? null,
      approval: await approvalOf(ground, asking),
      remembered: null,
      question: askAction(asking, call, chain, behind.agents, now),
    };
  });
}

/** A yes to have it is no yes to what cannot be undone, also where the catalog says so since the yes. */
function asOfNow(elevation: Elevation, { action }: Call): Elevation {
  if (action.reversibility !== 'irreversible') return elevation;
  const authority = askingAgain(elevation.authority, new Map([[action.id, action]]));
  return { ...elevation, authority };
}

/** Every counter that the call would add to, with what stands on it now. */
async function chargeFacts(
  ground: Ground,
  {
    asking,
    chain,
    limits,
    charged: { ofLinks, ofBounds },
    call,
    now,
  }: Pick<Behind, 'chain' | 'limits'> & { asking: Asking; charged: ChargedGrants; call: Call; now: number },
): Promise<Pick<Facts, 'charges' | 'uncountable'>> {
  const charged = chargesOf({
    now,
    action: call.action.id,
    money: call.money,
    cost: call.action.costUnits,
    grants: [...ofLinks.map(({ as, index, grant }) => ({ owner: as, index, grant })), ...ofBounds],
    standing: limits,
    behind: { agent: asking.caller.agent, requester: chain[0].requester, purpose: chain[0].purposeType },
  });
  if (charged.kind === 'uncountable') return { charges: [], uncountable: charged };
  return { charges: await countCharges(ground.database, asking.tenant, charged.charges), uncountable: null };
}

/** The grants that the call charges: of each link, and of each bound beside the chain. */
type ChargedGrants = {
  readonly ofLinks: ReturnType<typeof grantsOf>;
  readonly ofBounds: ReturnType<typeof grantsOfBounds>;
};

/** The grant that each link charges; a link that does not cover the call has none, and the decision will say so. */
function grantsOf(chain: Chain, elevated: readonly Elevation[], call: CallFacts) {
  return chain.flatMap((task) => {
    const { as, owner, authority } = sourceOf(task, elevated);
    return covering(authority, call).map((one) => ({ as, owner, ...one }));
  });
}

/** Where a link's yes would come from, and whose counters it charges. */
function sourceOf(task: Task, elevated: readonly Elevation[]) {
  const elevation = elevated.find((one) => one.task === task.id);
  if (elevation === undefined) return { as: `task:${task.id}`, owner: task.id as string, authority: task.authority };
  return { as: `elevation:${elevation.id}`, owner: elevation.id as string, authority: elevation.authority };
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
  for (const { owner, index, grant } of [...ofLinks, ...ofBounds]) {
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
  const together = await answeredWith(ground, tenant, parked.approval);
  return { id, callDigest, asks, by, together: together.map((one) => one.asks) };
}
