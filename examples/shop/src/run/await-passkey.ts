import { setTimeout as wait } from 'node:timers/promises';
import type { Operator, PersonId } from '@ambit/sdk/operator';

const lookEveryMilliseconds = 1000;

/** A signal that comes once this person has one key more than now. */
export async function awaitPasskey(
  { persons }: Operator,
  person: PersonId,
  giveUp: (error: unknown) => void,
): Promise<AbortSignal> {
  const made = new AbortController();
  const keysNow = async () => (await persons.show(person)).keys.length;
  const before = await keysNow();
  const look = async () => {
    while ((await keysNow()) <= before) await wait(lookEveryMilliseconds);
    made.abort();
  };
  void look().catch(giveUp);
  return made.signal;
}
