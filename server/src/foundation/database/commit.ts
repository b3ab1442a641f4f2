import type { Clock } from '../clock.ts';
import { refuse, StoreFault } from '../errors.ts';
import type { Database } from './database.ts';
import type { Memory } from './memory.ts';
import { draftOf } from './seal.ts';
import type { Writer } from './start-writer.ts';
import type { Answer } from './writer.ts';

/** `commit` of every store: what the writer answers is a place in the log, a refusal with its name, or a fault. */
export function committing(
  writer: Writer,
  memory: Memory,
  clock: Clock,
  /** Nobody else changes the store: what the writer says of a counter is what stands on it until it says more. */
  { isAlone }: { readonly isAlone: boolean },
): Database['commit'] {
  return async (unit, { canWait = false } = {}) => {
    const at = clock();
    const draft = draftOf(unit, at);
    // INVARIANT (a commit is seen): forgotten before anyone who waits for the answer goes on.
    const told = (said?: Answer) => memory.forget(draft, isAlone && said?.ok === true ? said.counted : undefined);
    const answer = await writer.send(draft, told, !canWait);
    if (answer.ok) return { entries: answer.entries, at };
    if ('fault' in answer) throw new StoreFault(answer.fault);
    throw refuse(answer.code, answer.because);
  };
}
