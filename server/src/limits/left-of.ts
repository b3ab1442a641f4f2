import {
  type Authority,
  compareDecimal,
  type Decimal,
  decimalOf,
  type Limit,
  subtractDecimal,
  type TenantId,
} from '@ambit/protocol';
import { maxOf } from '../authority/index.ts';
import type { Ground } from '../foundation/index.ts';
import { counterOf, tightest } from './charges.ts';
import { readSlices, usedOf } from './count-charges.ts';
import { sliceOf } from './window.ts';

/** A limit of a grant, with what stands on its counter now. */
export type Left = {
  readonly actions: readonly string[];
  /** The place of its grant in the authority. */
  readonly grant: number;
  /** The span it counts in; null where it counts in all. */
  readonly seconds: number | null;
  /** A currency, `calls` or `cost units`. */
  readonly unit: string;
  readonly spent: Decimal;
  readonly max: Decimal;
  /** Null where nothing is left. */
  readonly left: Decimal | null;
};

/** What is left of each limit of the owner's grants: for people, never for deciding. */
export async function leftOf(ground: Ground, tenant: TenantId, owner: string, authority: Authority): Promise<Left[]> {
  const all = authority.flatMap(({ actions, limits }, i) =>
    tightest(limits ?? []).map((limit) => ({ actions, limit, i })),
  );
  return Promise.all(
    all.map(async ({ actions, limit, i }) => {
      const spent = await spentOn(ground, tenant, counterOf(limit, `${owner}|${i}`), limit);
      const max = decimalOf(maxOf(limit));
      const left = compareDecimal(max, spent) > 0 ? subtractDecimal(max, spent) : null;
      return { actions, grant: i, seconds: limit.seconds ?? null, unit: unitOf(limit), spent, max, left };
    }),
  );
}

async function spentOn({ database, clock }: Ground, tenant: TenantId, counter: string, { seconds }: Limit) {
  if (seconds === undefined) return database.counter(tenant, counter, 0);
  const { start: window, around } = sliceOf(clock(), seconds);
  return usedOf(await readSlices(database, tenant, { counter, window, around }));
}

const unitOf = (limit: Limit): string =>
  'sum' in limit ? limit.sum.currency : 'cost' in limit ? 'cost units' : 'calls';
