import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '@ambit/protocol';
import { type PointCaller, refuse } from '../../../foundation/index.ts';
import type { Rooms } from '../../rooms.ts';
import type { Search } from './searched.ts';

const minutesMax = 15;

/**
 * Where a search goes on, sealed. THREATS: search-harvest. It opens for the point that got it, for the very same
 * question, about the same version of what is searched, and for a quarter of an hour; everything else is no token.
 */
export function pageTokens({ pageSeal, ground }: Rooms, caller: PointCaller, search: Search, version: string) {
  const question = canonicalJson({ find: search.find, ...search.asked } as JsonValue);
  const bound = canonicalJson([caller.tenant, caller.point, caller.domain, version, hash('sha256', question)]);
  return {
    seal: (after: string): string =>
      pageSeal.seal(JSON.stringify({ after, until: ground.clock() + minutesMax * 60_000 }), bound),
    open(token: string): string {
      const { after, until } = opened(() => pageSeal.open(token, bound));
      if (until < ground.clock()) throw refuse('search.page_unknown', 'the page token is too old');
      return after;
    },
  };
}

function opened(open: () => string): { readonly after: string; readonly until: number } {
  try {
    return JSON.parse(open());
  } catch (error) {
    const because = error instanceof Error ? error.name : 'unknown';
    throw refuse('search.page_unknown', `the page token does not open for this search (${because})`);
  }
}
