import type { AgentId, EntryHeader, TenantId } from '@ambit/protocol';
import type { DecisionStats } from '@ambit/protocol/wire';
import { type Ground, refuse, span } from '../foundation/index.ts';
import { newestOfKind } from './store.ts';

/** By what decisions are put together. */
export const statsBy = ['kind', 'agent', 'action'] as const satisfies readonly DecisionStats['by'][];

export type Tally = {
  readonly name: string;
  readonly permit: number;
  readonly ask: number;
  readonly deny: number;
};

const pageSize = 1000;
/** So many decisions are read one by one; a longer span is asked for in parts. */
const statsDecisionsMax = 100_000;
// Nodes write into one log by clocks of their own, which may differ a little.
const skewMilliseconds = 60_000;

/**
 * How calls were decided in a span of time, counted from the log itself, by what the callers are: so the doings of agents
 * and of people's own clients can be told apart and compared.
 */
export function decisionStats(
  ground: Ground,
  tenant: TenantId,
  { by, since, until }: Pick<DecisionStats, 'by' | 'since' | 'until'>,
  decisionsMax: number = statsDecisionsMax,
): Promise<DecisionStats> {
  return span('audit/decision-stats', async () => {
    const tallies = new Map<string, Record<'permit' | 'ask' | 'deny', number>>();
    let decisions = 0;
    for await (const { at, who, action, decision } of decided(ground, tenant)) {
      if (at < since - skewMilliseconds) break;
      if (at < since || at >= until || decision === null) continue;
      decisions += 1;
      if (decisions > decisionsMax)
        throw refuse('log.span_too_long', `more than ${decisionsMax} decisions between ${since} and ${until}`);
      const name =
        { kind: who.agent === null ? 'unknown' : (who.kind ?? 'agent'), agent: who.agent, action }[by] ?? 'unknown';
      const tally = tallies.get(name) ?? { permit: 0, ask: 0, deny: 0 };
      tally[decision] += 1;
      tallies.set(name, tally);
    }
    const rows = [...tallies].map(([name, tally]) => ({ name, ...tally }));
    return { by, since, until, decisions, rows: rows.toSorted((one, other) => total(other) - total(one)) };
  });
}

/** So many decisions of the organisation are looked through for what one agent used. */
const usesDecisionsMax = 20_000;

export type AgentUses = {
  readonly actions: readonly (Omit<Tally, 'name'> & { readonly action: string; readonly lastAt: number })[];
  /** Whether all of that time was looked through. */
  readonly isWhole: boolean;
};

/** How the calls of one agent were decided since then, action by action, the one used last first. */
export function usesOfAgent(ground: Ground, tenant: TenantId, agent: AgentId, since: number): Promise<AgentUses> {
  return span('audit/uses-of-agent', async () => {
    const uses = new Map<string, { permit: number; ask: number; deny: number; lastAt: number }>();
    const told = () => [...uses].map(([action, use]) => ({ action, ...use }));
    let looked = 0;
    for await (const { at, who, action, decision } of decided(ground, tenant)) {
      if (at < since - skewMilliseconds) break;
      if (++looked > usesDecisionsMax) return { actions: told(), isWhole: false };
      if (who.agent !== agent || action === null || decision === null || at < since) continue;
      const use = uses.get(action) ?? { permit: 0, ask: 0, deny: 0, lastAt: at };
      use[decision] += 1;
      uses.set(action, use);
    }
    return { actions: told(), isWhole: true };
  });
}

const total = ({ permit, ask, deny }: Tally) => permit + ask + deny;

async function* decided(ground: Ground, tenant: TenantId): AsyncGenerator<EntryHeader> {
  let before: number | undefined;
  while (true) {
    const from = before === undefined ? {} : { before };
    const page = await newestOfKind(ground, tenant, 'call.decided', { limit: pageSize, ...from });
    for (const { header } of page) yield header;
    if (page.length < pageSize) return;
    before = page.at(-1)!.index;
  }
}
