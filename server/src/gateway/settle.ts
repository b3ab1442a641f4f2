import type { EntryId, TenantId } from '@ambit/protocol';
import { asRefusal, type Change, type EntryDraft, entry, type Ground, planeItself, span } from '../foundation/index.ts';
import { type Seen, settle as settlementOf } from '../limits/index.ts';
import { flagCredential } from '../vault/index.ts';
import type { Admitted } from './admit.ts';
import { type Asking, watched } from './caller.ts';
import type { Outcome } from './forward-outcome.ts';
import { whoOf } from './record.ts';
import type { Rooms } from './rooms.ts';
import { dropSent, findUnknownEffect, isUntold, rememberUnknown } from './store.ts';

/**
 * Writes what came back, and gives back what was reserved only where the upstream itself said that nothing happened, or
 * not one byte was sent. INVARIANT (record first): `unknown` stays spent, and the same write asks a person.
 */
export function settle(rooms: Rooms, asking: Asking, admitted: Admitted, outcome: Outcome): Promise<void> {
  return span('gateway/settle', async () => {
    const { ground } = rooms;
    const { call, tenant } = admitted;
    const written = writeOutcome(ground, asking, admitted, outcome);
    if (call.action.effect === 'write') rooms.unsettled.begin(admitted.entry, written);
    try {
      await written;
    } catch (error) {
      // It is known, and stays so until the store takes it.
      rooms.unsettled.keep(() => writeOutcome(ground, asking, admitted, outcome));
      rooms.complain(`the outcome of ${admitted.entry}`, error);
    }
    const learned = seen(outcome);
    if (learned !== null) rooms.watch.learn(watched(asking, call), ground.clock(), learned);
    if (outcome.flagged === 'credential' && admitted.credential !== null) {
      const about = { credential: admitted.credential, about: admitted.entry, because: outcome.because };
      await flagCredential(ground, { tenant, who: planeItself }, about);
    }
  });
}

// Two writes of one digest may end as unknown at the same moment: the second finds the first remembered.
const racesMax = 3;

async function writeOutcome(ground: Ground, asking: Asking, admitted: Admitted, outcome: Outcome): Promise<void> {
  const { call, permit, tenant } = admitted;
  const [task] = permit.facts.chain;
  const id = ground.newId('entry');
  const returned = settlementOf(permit.charges, outcome.kind, outcome.sent);
  const told = entry({
    id,
    kind: 'call.outcome',
    who: whoOf(asking, permit.facts),
    task: task.id,
    run: task.root,
    about: admitted.entry,
    action: call.action.id,
    code: outcome.kind,
    keys: call.resources,
    detail: outcomeDetail(outcome, returned),
  });
  for (let race = 1; ; race++) {
    const isUnknownWrite = outcome.kind === 'unknown' && call.action.effect === 'write';
    const digest = isUnknownWrite ? asking.effectDigestOf(call) : null;
    const changes = [dropSent(admitted.entry), ...returned, ...(await remembered(ground, tenant, digest, id))];
    const checks = [isUntold(admitted.entry)];
    try {
      // The answer to a read is with its caller; a write's outcome is what the next decision about it waits for.
      const canWait = call.action.effect === 'read';
      await ground.database.commit({ tenant, checks, changes, entries: [told] }, { canWait });
      return;
    } catch (error) {
      const { code } = asRefusal(error);
      // This node was taken for dead, and others told the call as unknown: that stands, and what is known is told beside it.
      if (code === 'thing.not_found') return writeLate(ground, tenant, told);
      if (code !== 'state.changed' || race === racesMax) throw error;
    }
  }
}

async function writeLate(ground: Ground, tenant: TenantId, told: EntryDraft): Promise<void> {
  const detail = { ...told.detail, returned: [] };
  await ground.database.commit({ tenant, entries: [{ ...told, kind: 'call.outcome-late', detail }] });
}

/**
 * An upstream that is silent or fails counts as broken; its plain no counts against the caller alone. What was cut from
 * this side says nothing of it: else whoever hangs up often enough would have it rest for everybody.
 */
function seen({ kind, code, status, refusal }: Outcome): Seen | null {
  if (kind === 'done') return 'fine';
  if (code === 'task_ended' || code === 'cut_off' || refusal !== null) return null;
  if (code === 'caller_left' || code === 'reply_failed') return 'denied';
  return status !== null && status < 500 ? 'refused' : 'broken';
}

/** The write that nobody can tell of, by its digest. Nothing where there is none. */
export async function remembered(
  ground: Ground,
  tenant: TenantId,
  digest: string | null,
  id: EntryId,
): Promise<readonly Change[]> {
  if (digest === null) return [];
  const known = await findUnknownEffect(ground, tenant, digest);
  return [rememberUnknown(known, { digest, entry: id, at: ground.clock(), state: 'open' })];
}

function outcomeDetail(
  { copy, refusal, ...rest }: Outcome,
  returned: ReturnType<typeof settlementOf>,
): Record<string, unknown> {
  return {
    ...rest,
    returned: returned.map(({ counter, window, by }) => ({ counter, window, by })),
    refusal: refusal?.code ?? null,
    ...(refusal === null ? {} : { denied: refusal.parts }),
    copy: copy.length === 0 ? null : Buffer.from(copy).toString('base64'),
  };
}
