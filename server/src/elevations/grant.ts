import { type ApprovalId, type Authority, canonicalJson, type TenantId } from '@ambit/protocol';
import { type Approval, conclude, findApproval, moveApproval, whoSaidYes } from '../approvals/index.ts';
import { describeGrant } from '../authority/index.ts';
import { entry, type Ground, insert, planeItself, Refusal, refuse, span } from '../foundation/index.ts';
import { personStands } from '../identity/index.ts';
import {
  type Chain,
  type Elevation,
  elevations,
  elevationsMax,
  findChain,
  isStanding,
  standingElevations,
} from '../tasks/index.ts';
import { requireWithin } from './require-within.ts';
import { type Actions, askingAgain, elevationAction, requireElevatable, type Wish, wishShown } from './wish.ts';

/**
 * Gives what people said yes to, exactly as it was shown, and once: the question is over and the row is there by one unit.
 * Every bound is looked at again, since each may have been tightened since; what does not hold any more is `denied`.
 * Throws `approval.over` where somebody else gave it, and `state.changed` where something moved: the next tick tries again.
 */
export function grantElevation(
  ground: Ground,
  tenant: TenantId,
  id: ApprovalId,
  actions: (tenant: TenantId) => Promise<Actions>,
): Promise<void> {
  return span('elevations/grant', async () => {
    const approval = await findApproval(ground, tenant, id);
    if (approval?.state !== 'approved' || approval.action !== elevationAction)
      throw refuse('approval.over', `approval ${id} is ${approval?.state ?? 'unknown'}`);
    if (approval.runBefore === null || ground.clock() >= approval.runBefore)
      return conclude(ground, tenant, approval, 'expired', 'the yes was not used in time');
    try {
      await give(ground, tenant, approval, await actions(tenant));
    } catch (error) {
      if (!(error instanceof Refusal) || passing.has(error.code)) throw error;
      await conclude(ground, tenant, approval, 'denied', error.because);
    }
  });
}

const passing: ReadonlySet<string> = new Set(['state.changed', 'approval.over', 'store.unavailable']);

async function give(ground: Ground, tenant: TenantId, approval: Approval, actions: Actions): Promise<void> {
  const by = await whoSaidYes(ground, tenant, approval);
  if (by === null) throw refuse('approval.denied', `whoever said yes to ${approval.id} could not say it any more`);
  const chain = await findChain(ground, tenant, approval.task);
  if (chain === undefined || chain[0].acceptedJkt !== approval.jkt)
    throw refuse('task.ended', `task ${approval.task} is not the one that asked`);
  const wish = wishShown(approval);
  requireElevatable(wish.authority, actions);
  requireAsShown(wish.authority, actions);
  const { checks } = await requireWithin(ground, tenant, chain, wish.authority);
  await requireRoom(ground, tenant, chain);
  const elevation = elevationOf(ground, approval, chain, wish);
  const entryId = ground.newId('entry');
  await ground.database.commit({
    tenant,
    checks: [...checks, ...by.map(personStands)],
    changes: [
      moveApproval(approval, { state: 'done', ranAs: entryId }),
      insert(elevations, elevation, 'approval.over'),
    ],
    entries: [
      entry({
        id: entryId,
        kind: 'elevation.granted',
        who: { ...planeItself, requester: approval.requester, agent: approval.agent },
        task: approval.task,
        run: approval.run,
        about: approval.entry,
        action: elevationAction,
        detail: {
          elevation: elevation.id,
          approval: approval.id,
          by: by.map((person) => person.id),
          authority: elevation.authority,
          expiresAt: elevation.expiresAt,
          because: elevation.authority.map(describeGrant),
        },
      }),
    ],
  });
}

/** INVARIANT (elevation): what became final since it was shown was not said yes to; the agent asks anew, and the person sees it. */
function requireAsShown(authority: Authority, actions: Actions): void {
  if (canonicalJson(askingAgain(authority, actions)) === canonicalJson(authority)) return;
  throw refuse('approval.denied', 'what was asked for cannot be undone any more, which was not so when it was shown');
}

async function requireRoom(ground: Ground, tenant: TenantId, [task]: Chain): Promise<void> {
  const now = ground.clock();
  const standing = (await standingElevations(ground, tenant, [task.id])).filter((one) => isStanding(one, now));
  if (standing.length >= elevationsMax) throw refuse('elevation.too_many', `task ${task.id} has ${standing.length}`);
}

function elevationOf(ground: Ground, approval: Approval, [task]: Chain, { authority, seconds }: Wish): Elevation {
  const now = ground.clock();
  return {
    id: ground.newId('elevation'),
    task: task.id,
    run: task.root,
    agent: task.agent,
    authority,
    approval: approval.id,
    state: 'standing',
    grantedAt: now,
    expiresAt: Math.min(now + seconds * 1000, task.expiresAt),
    endedAt: null,
  };
}
