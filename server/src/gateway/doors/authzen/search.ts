import { setImmediate } from 'node:timers/promises';
import type { EntryId } from '@ambit/protocol';
import { entry, type PointCaller, refuse, span } from '../../../foundation/index.ts';
import type { Rooms } from '../../rooms.ts';
import { candidatesInDomain, candidatesOfOwn } from './candidates.ts';
import { pageTokens } from './page-token.ts';
import { type Find, readSearch } from './searched.ts';

// Others get their turn between so many questions.
const questionsAtOnce = 50;

/**
 * AuthZEN 1.0 §8: who may, on what, or what may be done. Each candidate is asked about as an evaluation would be, a
 * bounded number a page. THREATS: search-harvest. It tells much at once, so it needs a right of its own, and what was told is
 * written down first.
 */
export function search(rooms: Rooms, caller: PointCaller, find: Find, body: unknown): Promise<Found> {
  return span('gateway/authzen-search', async () => {
    if (!caller.maySearch) throw refuse('search.not_allowed', `${caller.point} may not search`);
    const wanted = readSearch(find, body);
    const of = await (caller.domain === null ? candidatesOfOwn : candidatesInDomain)(rooms, caller, wanted);
    const tokens = pageTokens(rooms, caller, wanted, of.version);
    const from = wanted.token === null ? '' : tokens.open(wanted.token);
    const candidates = await of.after(from, of.perPageMax);
    const results: object[] = [];
    let looked = 0;
    for (const { id, asks } of candidates) {
      if (results.length >= wanted.limit) break;
      looked += 1;
      if (looked % questionsAtOnce === 0) await setImmediate();
      if (asks === null || !(await of.decide(asks)).decision) continue;
      results.push(wanted.type === null ? { name: id } : { type: wanted.type, id });
    }
    const isEnd = looked === candidates.length && candidates.length < of.perPageMax;
    const last = looked === 0 ? from : (candidates[looked - 1]?.id ?? from);
    const told = await record(rooms, caller, { find, asked: wanted.asked, from, looked, results });
    const page = { next_token: isEnd ? '' : tokens.seal(last), count: results.length };
    return { body: { results, page }, entry: told };
  });
}

export type Found = { readonly body: object; readonly entry: EntryId };

type Searched = {
  readonly find: Find;
  readonly asked: object;
  readonly from: string;
  readonly looked: number;
  readonly results: readonly object[];
};

async function record({ ground }: Rooms, { tenant, who, domain }: PointCaller, { find, ...detail }: Searched) {
  const id = ground.newId('entry');
  await ground.database.commit({
    tenant,
    entries: [entry({ id, kind: 'authzen.searched', who, decision: null, code: find, detail: { domain, ...detail } })],
  });
  return id;
}
