import type { ApprovalId, EntryId, TenantId } from '@ambit/protocol';
import type { Opened } from '../endings/index.ts';
import { asRefusal, type Refusal, refuse, span } from '../foundation/index.ts';
import { type Decision, decide, questionOf } from '../policy/index.ts';
import type { AuthenticatedCaller } from '../tokens/index.ts';
import { lend } from '../vault/index.ts';
import { type Admitted, admit } from './admit.ts';
import { byRemembered } from './by-remembered.ts';
import type { Call } from './call.ts';
import { type Asking, askingNow, watched } from './caller.ts';
import { collector } from './collect.ts';
import { endsSoon } from './ends-soon.ts';
import { gatherFacts } from './facts.ts';
import { forward, notSent } from './forward.ts';
import type { Outcome } from './forward-outcome.ts';
import type { Incoming } from './incoming.ts';
import { type Looked, lookBytesMax } from './look-again.ts';
import { park } from './park.ts';
import { prepare } from './prepare.ts';
import { refuseCall, refuseRequest } from './refuse.ts';
import type { Rooms } from './rooms.ts';
import { settle } from './settle.ts';
import { leaveSent } from './store.ts';

/** How a call ended for its caller: answered by the upstream, parked for a person, or refused with an entry. */
export type Ruled = { /** Whose log the entry is in. */ readonly tenant: TenantId } & (
  | { readonly kind: 'sent'; readonly outcome: Outcome; readonly entry: EntryId }
  | { readonly kind: 'parked'; readonly approval: ApprovalId; readonly entry: EntryId }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly entry: EntryId | undefined }
);

/**
 * The story of a call: authenticate the agent, read the call in its one meaning, decide in context, admit one bounded
 * action, forward it, record what came back. Whatever is missing, unknown, unreadable or late on the way is a recorded
 * denial.
 */
export function enforce(rooms: Rooms, incoming: Incoming): Promise<Ruled> {
  return span('gateway/enforce', async () => {
    try {
      rooms.nodes.requireStanding();
      const authenticated = await incoming.authenticate();
      // Whatever follows costs the agent its own pace, readable or not; what is too fast is counted, not told one by one.
      requirePace(rooms, authenticated);
      const asking = askingNow(authenticated, incoming.taskOf(authenticated), incoming.request);
      const call = await incoming.read(asking).catch((error: unknown) => asRefusal(error));
      if (call instanceof Error) return refuseCall(rooms, asking, null, call);
      requireFresh(rooms, authenticated);
      return await rule(rooms, asking, call, incoming.reply);
    } catch (error) {
      return refuseRequest(rooms, incoming, asRefusal(error));
    }
  });
}

function requirePace({ watch, ground }: Rooms, { caller }: AuthenticatedCaller): void {
  const halt = watch.pace(caller, ground.clock());
  if (halt === null) return;
  throw refuse(halt.code, halt.because, undefined, { 'retry-after': String(halt.retryAfterSeconds) });
}

/**
 * THREATS: replay-across-processes. A body may take long to arrive: the proof has to be young when it is spent, or it
 * could be one that was spent before and has been forgotten since.
 */
function requireFresh({ ground }: Rooms, { proof }: AuthenticatedCaller): void {
  const now = ground.clock();
  if (proof !== null && now >= proof.expiresAt)
    throw refuse('proof.stale', `the proof was fresh until ${proof.expiresAt}, it is ${now}`).with({
      values: { made: proof.iat },
    });
}

/**
 * A proof is spent with the unit that it served, so deciding again spends nothing twice. Of calls that stand in line for
 * one counter each round lets one through, so that the last one loses as many races as there are others.
 */
const racesMax = 50;
/** How often a call is decided again because the write it would be asked about is about to be over. */
const waitsMax = 4;

/**
 * From here on a parked call and a fresh one are the same: only a decision makes a permit.
 * Everything up to `admit` is before the first byte, where every fault is a denial; after it, a call ends as done,
 * failed or unknown, and never as a denial.
 */
export async function rule(rooms: Rooms, asking: Asking, call: Call, reply: Incoming['reply']): Promise<Ruled> {
  let letOut: LetOut;
  try {
    const ruled = await decideAndAdmit(rooms, asking, call);
    if ('kind' in ruled) return ruled;
    letOut = ruled;
  } catch (error) {
    return refuseCall(rooms, asking, call, asRefusal(error));
  }
  const { admitted, open } = letOut;
  const outcome = await send(rooms, admitted, open, reply);
  await settle(rooms, asking, admitted, outcome).catch((error: unknown) =>
    rooms.complain(`the outcome of ${admitted.entry}`, error),
  );
  return { kind: 'sent', tenant: asking.tenant, outcome, entry: admitted.entry };
}

type LetOut = { readonly admitted: Admitted; readonly open: Opened };

async function decideAndAdmit(rooms: Rooms, asking: Asking, call: Call): Promise<LetOut | Ruled> {
  const halted = asking.parked === null ? rooms.watch.breakers(watched(asking, call), rooms.ground.clock()) : null;
  // INVARIANT (record first): whatever this decision reads, it reads how the calls before it ended.
  await rooms.unsettled.write().catch((error: unknown) => rooms.complain('the outcome of a call', error));
  for (let race = 1; ; race++) {
    const gathered = await gatherFacts(rooms.ground, asking, call, halted);
    const rules = await rooms.rules(asking.tenant);
    const judged = rooms.judge === null ? undefined : await rooms.judge(rules, questionOf(gathered));
    const first: Decision = span('policy/decide', () => decide(gathered, rules, judged));
    const { facts, decision } =
      first.kind === 'ask'
        ? await byRemembered(rooms.ground, { asking, call, facts: gathered, decision: first }, (found) =>
            span('policy/decide', () => decide(found, rules, judged)),
          )
        : { facts: gathered, decision: first };
    if (decision.kind === 'deny') return refuseCall(rooms, asking, call, decision, facts);
    if (decision.kind === 'ask') {
      const held = { underWay: facts.unknownBefore, race };
      if (race <= waitsMax && (await endsSoon(rooms, asking.tenant, held))) continue;
      if (asking.looking) return refuseCall(rooms, asking, call, notAskedAbout(decision), facts);
      return park(rooms, asking, call, facts, decision, (read) => lookAt(rooms, asking, read));
    }
    // INVARIANT (ends together): known before the unit that admits the call, so that an ending holds it back or cuts it.
    const id = rooms.ground.newId('entry');
    const open = rooms.live.open({ tenant: asking.tenant, tasks: facts.chain.map((task) => task.id), entry: id });
    try {
      const { nodes } = rooms;
      // INVARIANT (fenced): read before the unit, so that the row which names the node is the one that is checked.
      const process = nodes.name();
      const admitting = { id, process, checks: nodes.stands() };
      return { admitted: await admit(rooms.ground, asking, call, decision.permit, admitting), open };
    } catch (error) {
      open.close();
      if (!isLostRace(asRefusal(error)) || race === racesMax) throw error;
    }
  }
}

// Who finds a budget used up meanwhile is decided again too: the decision knows what to say, and when to come back.
const isLostRace = ({ code }: Refusal) => code === 'state.changed' || code.startsWith('limits.');

const notAskedAbout = ({ asks }: Extract<Decision, { kind: 'ask' }>) =>
  ({
    code: 'approval.needed',
    because: `a person would have to be asked: ${asks.map((one) => one.name).join(', ')}`,
    says: null,
  }) as const;

/** A read on behalf of the approver: the same task and key, nothing to spend, set in motion by the plane. */
export async function lookAt(rooms: Rooms, asking: Asking, read: Call): Promise<Looked> {
  const { caller } = asking;
  const plane = { ...caller, who: { ...caller.who, initiator: 'plane' } };
  const { reply, collected } = collector(lookBytesMax);
  const ruled = await rule(
    rooms,
    { ...asking, caller: plane, spend: [], parked: null, looking: true },
    read,
    () => reply,
  );
  return ruled.kind === 'sent' && ruled.outcome.kind === 'done' ? collected() : null;
}

/** Lends, sends, and always comes to an outcome. */
async function send(rooms: Rooms, admitted: Admitted, open: Opened, reply: Incoming['reply']): Promise<Outcome> {
  const { ground, outbound } = rooms;
  try {
    const loan = await lend(ground, rooms.vault, admitted);
    const prepared = prepare(rooms, admitted, open);
    const back = reply(admitted);
    back.body.once('close', () => {
      if (!back.body.writableFinished) noteLeft(rooms, admitted);
    });
    return await forward({ outbound, clock: ground.clock }, prepared, loan, back);
  } catch (error) {
    return notSent(error, 0);
  } finally {
    open.close();
  }
}

/** The caller hung up on a write that is under way: whether it happens is nothing that a second one may guess. */
function noteLeft({ ground, complain }: Rooms, { call, tenant, entry }: Admitted): void {
  if (call.action.effect === 'read') return;
  ground.database.commit({ tenant, changes: [leaveSent(entry)], entries: [] }).catch((error: unknown) => {
    // It has ended meanwhile, and its outcome says more than this would.
    if (asRefusal(error).code !== 'state.changed') complain(`that the caller of ${entry} left`, error);
  });
}
