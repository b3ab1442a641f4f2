import { type Change, entry, type Ground, planeItself, span } from '../foundation/index.ts';
import { type Seen, settle as settlementOf } from '../limits/index.ts';
import { flagCredential } from '../vault/index.ts';
import type { Admitted } from './admit.ts';
import { type Asking, watched } from './caller.ts';
import type { Outcome } from './forward-outcome.ts';
import { whoOf } from './record.ts';
import type { Rooms } from './rooms.ts';
import { findUnknownEffect, rememberUnknown } from './store.ts';

/**
 * Writes what came back, and gives back what was reserved only where the upstream itself said that nothing happened, or
 * not one byte was sent. INVARIANT (record first): `unknown` stays spent, and the same write asks a person.
 */
export function settle(rooms: Rooms, asking: Asking, admitted: Admitted, outcome: Outcome): Promise<void> {
  return span('gateway/settle', async () => {
    const { ground } = rooms;
    const { call, permit, tenant } = admitted;
    const id = ground.newId('entry');
    const [task] = permit.facts.chain;
    await ground.database.commit({
      tenant,
      changes: [
        ...settlementOf(permit.charges, outcome.kind, outcome.sent),
        ...(await remembered(ground, asking, admitted, outcome, id)),
      ],
      entries: [
        entry({
          id,
          kind: 'call.outcome',
          who: whoOf(asking, permit.facts),
          task: task.id,
          run: task.root,
          about: admitted.entry,
          action: call.action.id,
          code: outcome.kind,
          keys: call.resources,
          detail: outcomeDetail(outcome),
        }),
      ],
    });
    rooms.watch.learn(watched(asking, call), ground.clock(), seen(outcome));
    if (outcome.flagged === 'credential' && admitted.credential !== null) {
      const about = { credential: admitted.credential, about: admitted.entry, because: outcome.because };
      await flagCredential(ground, { tenant, who: planeItself }, about);
    }
  });
}

/** An upstream that is silent or fails counts as broken; its plain no counts against the caller alone. */
function seen({ kind, status }: Outcome): Seen {
  if (kind === 'done') return 'fine';
  return status !== null && status < 500 ? 'refused' : 'broken';
}

async function remembered(
  ground: Ground,
  asking: Asking,
  { call, tenant }: Admitted,
  outcome: Outcome,
  id: Parameters<typeof rememberUnknown>[1]['entry'],
): Promise<Change[]> {
  if (outcome.kind !== 'unknown' || call.action.effect !== 'write') return [];
  const digest = asking.effectDigestOf(call);
  const known = await findUnknownEffect(ground, tenant, digest);
  return [rememberUnknown(known, { digest, entry: id, at: ground.clock(), state: 'open' })];
}

function outcomeDetail({ copy, refusal, ...rest }: Outcome): Record<string, unknown> {
  return {
    ...rest,
    refusal: refusal?.code ?? null,
    copy: copy.length === 0 ? null : Buffer.from(copy).toString('base64'),
  };
}
