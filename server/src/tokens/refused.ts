import { planeHeader, type TenantId, type Who } from '@ambit/protocol';
import { type Change, entry, type Fields, type Ground, Refusal } from '../foundation/index.ts';
import type { Task } from '../tasks/index.ts';

/** What is known of a request for a token that is being refused. */
export type RefusedRequest = {
  readonly tenant: TenantId;
  readonly kind: 'token.refused' | 'task.delegation-refused';
  readonly who: Who;
  readonly task: Pick<Task, 'id' | 'root'> | null;
  /** What the agent proved itself by. Where that was used before, it is not known who asks. */
  readonly login: readonly Change[];
  /** Other proofs that came along: a refused request has used them too. */
  readonly spend: readonly Change[];
  readonly detail: Fields;
};

/**
 * Records the refusal of an agent that proved itself, and answers what to throw. The answer names the entry, so that
 * whoever turns it into a response knows that it is recorded already: the refusal of an agent whose own proof was used
 * before names none, since anybody may bring that. Faults are passed on as they are.
 */
export async function recordRefused(ground: Ground, error: unknown, about: RefusedRequest): Promise<unknown> {
  if (!(error instanceof Refusal)) return error;
  const id = ground.newId('entry');
  const { tenant, kind, who, task, login, spend } = about;
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
          detail: { ...about.detail, because: refusal.because, denied: refusal.parts, says: refusal.says },
        }),
      ],
    });
  const { refusal, isWritten } = await spendAndWrite(write, error, login, spend);
  if (!isWritten) return refusal;
  return refusal.with({ headers: { [planeHeader.entry]: id } });
}

type Write = (refusal: Refusal, changes: readonly Change[]) => Promise<unknown>;
type Told = { readonly refusal: Refusal; readonly isWritten: boolean };

/** A proof that turns out to be used already is the graver refusal: it is recorded instead, and spends only the login. */
async function spendAndWrite(
  write: Write,
  refusal: Refusal,
  login: readonly Change[],
  spend: readonly Change[],
): Promise<Told> {
  if (!isReplay(refusal)) {
    const used = await failing(() => write(refusal, [...login, ...spend]));
    if (used === undefined) return { refusal, isWritten: true };
    return spendAndWrite(write, isReplay(used) ? used : asFault(used), login, []);
  }
  const used = await failing(() => write(refusal, login));
  return used === undefined ? { refusal, isWritten: true } : { refusal: used, isWritten: false };
}

const isReplay = ({ code }: Refusal): boolean => code === 'proof.replayed' || code === 'assertion.replayed';
const asFault = (refusal: Refusal): never => {
  throw refusal;
};

async function failing(write: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
