import type { TenantId } from '@ambit/protocol';
import { type Change, type Ground, Refusal, type StoredEntry, span } from '../foundation/index.ts';
import { eventsOf, isBreaker, isTold } from './events-of.ts';
import { eventsSupported, eventType } from './names.ts';
import { addWaiting, countWaiting, findPosition, findWaiting, listRemovedSubjects, movePosition } from './store.ts';
import type { Position, Stream, Told, Waiting } from './stream.ts';
import { type ComplexSubject, covers } from './subject.ts';

const entriesAtOnce = 500;
const pagesAtOnceMax = 20;
const eventsAtOnceMax = 500;
/** A stream that has as many waiting reads no further: what it has not read stays where it is, in the log. */
export const waitingMax = 2000;
const breakerQuietMs = 60_000;

/**
 * Follows the log for one stream: what its entries tell is put up for delivery in the same unit in which the position
 * moves. INVARIANT (at least once): whoever dies in between left both as they were. Of two nodes that read the same
 * position one moves it.
 */
export function readLog(ground: Ground, tenant: TenantId, stream: Stream, issuer: string): Promise<void> {
  return span('signals/read-log', async () => {
    if (stream.status !== 'enabled') return;
    for (let pages = 0; pages < pagesAtOnceMax; pages++) {
      const position = await findPosition(ground, tenant, stream.id);
      if (position === undefined || !(await readPage(ground, tenant, stream, position, issuer))) return;
    }
  });
}

/** Whether there may be more. */
async function readPage(
  ground: Ground,
  tenant: TenantId,
  stream: Stream,
  position: Position,
  issuer: string,
): Promise<boolean> {
  const { log } = ground.database;
  const { size } = await log.head();
  if (position.next >= size) return false;
  if ((await countWaiting(ground, tenant, stream.id)) >= waitingMax) return false;
  const page = await log.entries(tenant, { from: position.next, limit: entriesAtOnce });
  const removed = (await listRemovedSubjects(ground, tenant, stream.id)).map(({ subject }) => subject);
  const found: Waiting[] = [];
  let next = position.next;
  let skip = position.skip;
  for (const entry of page) {
    const told = toldBy(ground, entry, issuer);
    const from = entry.index === position.next ? position.skip : 0;
    const room = eventsAtOnceMax - found.length;
    for (const [n, one] of told.entries()) {
      if (n < from || n >= from + room || !isWanted(stream, removed, entry, one)) continue;
      const waiting = waitingFor(stream, entry, one, n);
      if (await isNews(ground, tenant, waiting, found)) found.push(waiting);
    }
    const isWhole = told.length <= from + room;
    [next, skip] = isWhole ? [entry.index + 1, 0] : [entry.index, from + room];
    if (!isWhole || found.length >= eventsAtOnceMax) break;
  }
  // Entries of other tenants lie behind the last one of this.
  const isAll = page.length < entriesAtOnce && skip === 0 && (page.length === 0 || next === page.at(-1)!.index + 1);
  if (isAll) next = Math.max(next, size);
  return moved(ground, tenant, [movePosition(position, { next, skip }), ...found.map(addWaiting)]);
}

async function moved(ground: Ground, tenant: TenantId, changes: readonly Change[]): Promise<boolean> {
  try {
    await ground.database.commit({ tenant, changes, entries: [] });
    return true;
  } catch (error) {
    // Another node was there first, and put up the same.
    if (error instanceof Refusal && (error.code === 'state.changed' || error.code === 'thing.exists')) return false;
    throw error;
  }
}

function toldBy(ground: Ground, entry: StoredEntry, issuer: string): readonly Told[] {
  if (isBreaker(entry.header)) return eventsOf({ header: entry.header, detail: {} }, issuer);
  if (entry.header.kind === 'signal.verification-asked') return [verification(ground, entry)];
  if (!isTold(entry.header)) return [];
  // A detail that was deleted tells nothing any more.
  const detail = ground.database.log.open(entry)?.detail;
  return detail === undefined ? [] : eventsOf({ header: entry.header, detail }, issuer);
}

/** SSF 1.0 §8.1.4.1: its subject is the stream itself, and it goes to that one only. */
function verification(ground: Ground, entry: StoredEntry): Told {
  const { stream, state } = (ground.database.log.open(entry)?.detail ?? {}) as { stream?: string; state?: string };
  return {
    type: eventType.verification,
    subject: { format: 'opaque', id: stream ?? '' },
    event: typeof state === 'string' ? { state } : {},
  };
}

function isWanted(
  stream: Stream,
  removed: readonly Parameters<typeof covers>[0][],
  _entry: StoredEntry,
  { type, subject }: Told,
): boolean {
  if (type === eventType.verification) return subject.format === 'opaque' && subject.id === stream.id;
  if (!eventsSupported.includes(type) || !stream.eventsRequested.includes(type)) return false;
  return !removed.some((one) => covers(one, subject as ComplexSubject));
}

/** Of a breaker that turns many calls away, one event in a minute says so. */
const jtiOf = (stream: Stream, { header }: StoredEntry, n: number): string =>
  isBreaker(header)
    ? `${stream.id}.${header.who.agent}.breaker.${Math.floor(header.at / breakerQuietMs)}`
    : `${stream.id}.${header.id}.${n}`;

function waitingFor(stream: Stream, entry: StoredEntry, { type, subject, event }: Told, n: number): Waiting {
  return {
    stream: stream.id,
    jti: jtiOf(stream, entry, n),
    place: entry.index,
    claims: {
      iat: Math.floor(entry.header.at / 1000),
      txn: entry.header.id,
      sub_id: subject,
      events: { [type]: event },
    },
  };
}

async function isNews(ground: Ground, tenant: TenantId, one: Waiting, found: readonly Waiting[]): Promise<boolean> {
  if (found.some(({ jti }) => jti === one.jti)) return false;
  return (await findWaiting(ground, tenant, one.stream, one.jti)) === undefined;
}
