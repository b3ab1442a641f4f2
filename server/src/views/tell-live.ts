import type { ApprovalId, LiveEvent, PersonId, TenantId } from '@ambit/protocol';
import { findApproval, mayReadApproval } from '../approvals/index.ts';
import { mayReadAllRuns } from '../audit/index.ts';
import { asRefusal, type Ground, refuse } from '../foundation/index.ts';
import { callerStill, type SessionCaller } from '../identity/index.ts';
import type { Change } from './changes-in.ts';
import type { LogFollower } from './follow-log.ts';

export type LiveSettings = {
  /** So that whoever listens, and every proxy between, knows that the stream lives. */
  readonly heartbeatMs: number;
  readonly streamsPerPersonMax: number;
  readonly streamsMax: number;
};

export const liveSettings: LiveSettings = { heartbeatMs: 15_000, streamsPerPersonMax: 8, streamsMax: 1000 };

/** The streams that are open at this node. */
export type Streams = { take(tenant: TenantId, person: PersonId): () => void };

/** THREATS: log-flood. Nobody keeps more streams open than a person looks at. */
export function createStreams({ streamsPerPersonMax, streamsMax }: LiveSettings): Streams {
  const open = new Map<string, number>();
  let all = 0;
  return {
    take(tenant, person) {
      const name = `${tenant}|${person}`;
      const own = open.get(name) ?? 0;
      if (own >= streamsPerPersonMax || all >= streamsMax)
        throw refuse('live.too_many', `${person} has ${own} streams open, all persons ${all}`);
      open.set(name, own + 1);
      all++;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        all--;
        const left = (open.get(name) ?? 1) - 1;
        if (left === 0) open.delete(name);
        else open.set(name, left);
      };
    },
  };
}

export type Telling = {
  readonly ground: Ground;
  readonly log: LogFollower;
  /** Whether this node may speak for the plane. */
  readonly isStanding: () => boolean;
  /** Tells the operator of a fault that no caller can be told. */
  readonly complain: (about: string, error: unknown) => void;
  readonly settings: LiveSettings;
};

/**
 * Server-sent events for one person, from that length of the log on. It keeps nothing but its place, so a reader who is slow
 * is told later, or that there was a gap. INVARIANT (live): before each event the person may still read what it is about;
 * the stream ends with the session, the account, or a change of roles.
 */
export async function* tellLive(
  { settings, ...telling }: Telling,
  caller: SessionCaller,
  from: number | null,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const { ground, log } = telling;
  let place = from ?? (await log.size());
  yield eventOf({ type: 'open', now: ground.clock(), size: place }, place);
  while (!gone.aborted) {
    const look = await lookOnce(telling, caller, place);
    if ('end' in look) {
      yield eventOf({ type: 'end', because: look.end }, place);
      return;
    }
    const hasGrown = look.until > place;
    place = look.until;
    const told = look.events.map((event) => eventOf(event, place));
    if (hasGrown) told.push(eventOf({ type: 'log', now: ground.clock(), size: place }, place));
    // A comment (HTML, Server-sent events): nobody hears it as an event.
    yield told.length === 0 ? ': here\n\n' : told.join('');
    await log.longerThan(place, waitOf(caller, ground.clock(), settings), gone);
  }
}

type Look = { readonly until: number; readonly events: readonly LiveEvent[] } | { readonly end: EndedBy };
type EndedBy = Extract<LiveEvent, { type: 'end' }>['because'];

async function lookOnce(
  { ground, log, isStanding, complain }: Omit<Telling, 'settings'>,
  caller: SessionCaller,
  place: number,
): Promise<Look> {
  try {
    if (!isStanding()) return { end: 'plane' };
    // Read first, asked about after: whoever lost a right by an entry of these is told nothing of them.
    const { until, changes } = await log.since(caller.tenant, place);
    const now = await callerStill(ground, caller);
    if (now.roles.toSorted().join() !== caller.roles.toSorted().join()) return { end: 'roles' };
    if (changes === 'gap') return { until, events: [{ type: 'gap' }] };
    const heard = await Promise.all(changes.map((change) => mayHear(ground, now, change)));
    return { until, events: changes.filter((_, i) => heard[i]).map(({ event }) => event) };
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal.code === 'plane.fault') complain(`a stream of events for ${caller.person}`, error);
    return { end: refusal.code === 'session.invalid' ? 'signed-out' : 'plane' };
  }
}

async function mayHear(ground: Ground, caller: SessionCaller, { heardBy }: Change): Promise<boolean> {
  if (heardBy === 'all') return true;
  if ('approval' in heardBy) return mayReadQuestion(ground, caller, heardBy.approval);
  return heardBy.requester === caller.person || mayReadAllRuns(caller);
}

async function mayReadQuestion(ground: Ground, caller: SessionCaller, id: ApprovalId): Promise<boolean> {
  const approval = await findApproval(ground, caller.tenant, id);
  return approval !== undefined && mayReadApproval(approval, caller);
}

/** A session that runs out leaves no entry: its end is looked for when it comes. */
const waitOf = ({ session }: SessionCaller, now: number, { heartbeatMs }: LiveSettings): number =>
  Math.max(1, Math.min(heartbeatMs, session.expiresAt - now));

const eventOf = (event: LiveEvent, place: number): string =>
  `id: ${place}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
