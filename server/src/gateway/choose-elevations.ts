import type { Authority, Decimal, Grant, TenantId } from '@ambit/protocol';
import { type CallFacts, covers, fits } from '../authority/index.ts';
import type { Ground } from '../foundation/index.ts';
import { chargesOf, countCharges } from '../limits/index.ts';
import type { Chain, Elevation } from '../tasks/index.ts';

type About = {
  readonly chain: Chain;
  readonly elevations: readonly Elevation[];
  readonly call: CallFacts;
  /** Cost units of one call. */
  readonly cost: Decimal;
  readonly now: number;
};

const none: readonly Elevation[] = [];

/**
 * Under which elevations a call would be made: of each link the first one that has room for it, where the task itself does
 * not cover it or has no room left. It only picks; whether what was picked gives anything is for the decision.
 */
export async function chooseElevations(ground: Ground, tenant: TenantId, about: About): Promise<readonly Elevation[]> {
  if (about.elevations.length === 0) return none;
  const chosen: Elevation[] = [];
  for (const task of about.chain) {
    const own = about.elevations.filter((one) => one.task === task.id && covers(one.authority, about.call).covered);
    if (own.length === 0 || (await hasRoom(ground, tenant, about, `task:${task.id}`, task.authority))) continue;
    const roomy = await firstWith(own, (one) => hasRoom(ground, tenant, about, `elevation:${one.id}`, one.authority));
    // Where none has room the agent hears of the task's own bounds, if it has any for this call.
    const isCovered = covers(task.authority, about.call).covered;
    const pick = roomy ?? (isCovered ? undefined : own[0]);
    if (pick !== undefined) chosen.push(pick);
  }
  return chosen;
}

async function firstWith<T>(things: readonly T[], is: (thing: T) => Promise<boolean>): Promise<T | undefined> {
  for (const thing of things) if (await is(thing)) return thing;
  return undefined;
}

async function hasRoom(
  { database }: Ground,
  tenant: TenantId,
  { call, cost, now }: About,
  owner: string,
  authority: Authority,
): Promise<boolean> {
  const result = covers(authority, call);
  if (!result.covered) return false;
  const grant: Grant = authority[result.grant]!;
  const { action, money } = call;
  const charging = chargesOf({
    now,
    action,
    money,
    cost,
    grants: [{ owner, index: result.grant, grant }],
    standing: [],
    behind: { agent: '', requester: null, purpose: '' },
  });
  if (charging.kind === 'uncountable') return false;
  const counted = await countCharges(database, tenant, charging.charges);
  return counted.every(({ used, by, max }) => fits(used, by, max));
}
