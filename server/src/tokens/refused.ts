import { planeHeader, type TenantId, type Who } from '@ambit/protocol';
import { type Change, entry, type Fields, type Ground, Refusal } from '../foundation/index.ts';
import type { Task } from '../tasks/index.ts';

/** What is known of a request for a token that is being refused. */
export type RefusedRequest = {
  readonly tenant: TenantId;
  readonly kind: 'token.refused' | 'task.delegation-refused';
  readonly who: Who;
  readonly task: Pick<Task, 'id' | 'root'> | null;
  /** Proofs that came along: a refused request has used them too. */
  readonly spend: readonly Change[];
  readonly detail: Fields;
};

/**
 * Records the refusal of an agent that proved itself, and answers what to throw. The answer names the entry, so that
 * whoever turns it into a response knows that it is recorded already. Faults are passed on as they are.
 */
export async function recordRefused(ground: Ground, error: unknown, about: RefusedRequest): Promise<unknown> {
  if (!(error instanceof Refusal)) return error;
  const id = ground.newId('entry');
  const { tenant, kind, who, task, spend } = about;
  const write = (refusal: Refusal, changes: readonly Change[]) =>
    ground.database.commit({
      tenant,
      changes,
      entries: [
        entry({
          id,
          kind,
          who,
          task: task?.id ?? null,
          run: task?.root ?? null,
          decision: 'deny',
          code: refusal.code,
          detail: { ...about.detail, because: refusal.because, says: refusal.says },
        }),
      ],
    });
  const written = await spendAndWrite(write, error, spend);
  const headers = { ...written.headers, [planeHeader.entry]: id };
  return new Refusal(written.code, written.because, written.says, headers);
}

/** A proof that turns out to be used already is the graver refusal: it is recorded instead, and spends nothing. */
async function spendAndWrite(
  write: (refusal: Refusal, changes: readonly Change[]) => Promise<unknown>,
  refusal: Refusal,
  spend: readonly Change[],
): Promise<Refusal> {
  const replayed = refusal.code === 'proof.replayed' || refusal.code === 'assertion.replayed';
  try {
    await write(refusal, replayed ? [] : spend);
    return refusal;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await write(error, []);
    return error;
  }
}
