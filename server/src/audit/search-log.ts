import type { EntryHeader, TenantId } from '@ambit/protocol';
import type { LogSearch as LogAsked } from '@ambit/protocol/wire';
import type { Ground } from '../foundation/index.ts';

type LogSearch = Omit<LogAsked, 'before' | 'limit'>;

export type LogPage = {
  readonly entries: readonly { readonly index: number; readonly header: EntryHeader }[];
  /** The index to go on before; null where the log has been looked through. */
  readonly next: number | null;
};

// Where an index helps, one step reaches far; where none does, no question holds up the others for long.
const namedStep = 20_000;
const plainStep = 2000;
const lookedThroughMax = 20_000;
const skewMilliseconds = 60_000;

/** The newest first. Kinds are found by an index, everything else by looking: a page may be short, or empty, and still go on. */
export async function searchLog(
  ground: Ground,
  tenant: TenantId,
  search: LogSearch,
  { before, limit, mayRead }: { before?: number; limit: number; mayRead: (header: EntryHeader) => boolean },
): Promise<LogPage> {
  const { log } = ground.database;
  const named = search.kind === undefined ? {} : { kind: search.kind };
  const step = search.kind === undefined ? plainStep : namedStep;
  const found: LogPage['entries'][number][] = [];
  let end = Math.min(before ?? Number.MAX_SAFE_INTEGER, (await log.head()).size);
  for (let looked = 0; end > 0 && looked < lookedThroughMax; looked += step) {
    const from = Math.max(0, end - step);
    const page = await log.entries(tenant, { ...named, from, until: end, limit: step });
    for (const { index, header } of page.toReversed()) {
      if (search.from !== undefined && header.at < search.from - skewMilliseconds)
        return { entries: found, next: null };
      if (!matches(search, header) || !mayRead(header)) continue;
      found.push({ index, header });
      if (found.length === limit) return { entries: found, next: index === 0 ? null : index };
    }
    end = from;
  }
  return { entries: found, next: end === 0 ? null : end };
}

function matches(search: LogSearch, { at, kind, who, task, action, decision, keys }: EntryHeader): boolean {
  const is = <T>(wanted: T | undefined, value: T | null) => wanted === undefined || wanted === value;
  return (
    is(search.kind, kind) &&
    is(search.agent, who.agent) &&
    (search.person === undefined || who.requester === search.person || who.initiator === search.person) &&
    is(search.task, task) &&
    is(search.action, action) &&
    is(search.decision, decision) &&
    (search.resource === undefined || keys.some((key) => isResource(key, search.resource ?? ''))) &&
    (search.from === undefined || at >= search.from) &&
    (search.to === undefined || at < search.to)
  );
}

const isResource = (key: string, wanted: string): boolean =>
  wanted.endsWith('*') ? key.startsWith(wanted.slice(0, -1)) : key === wanted;
