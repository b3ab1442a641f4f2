import { AmbitRefusal, type Operator, type Run, type RunTask } from '@ambit/sdk/operator';
import type { Known } from './show/run.ts';

const namesMax = 500;
const endingsMax = 50;

/** What makes a run readable and is not part of it. Whoever may not read names sees ids alone. */
export async function knownOf(operator: Operator, run: Run): Promise<Known> {
  const [persons, agents, ended] = await Promise.all([
    orNone(operator.persons.list({ limit: namesMax })),
    orNone(operator.agents.list({ limit: namesMax })),
    Promise.all(
      endingsIn(run.tasks)
        .slice(0, endingsMax)
        .map(async (entry) => [entry, await diedWith(operator, entry)] as const),
    ),
  ]);
  return { names: new Map([...persons, ...agents].map(({ id, name }) => [id, name])), ended: new Map(ended) };
}

async function orNone<T>(listed: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await listed;
  } catch (error) {
    if (error instanceof AmbitRefusal) return [];
    throw error;
  }
}

type EntryId = RunTask['steps'][number]['entry'];

const endingsIn = (tasks: readonly RunTask[]): readonly EntryId[] =>
  tasks.flatMap(({ steps, tasks: below }) => [
    ...steps.filter(({ kind }) => kind === 'task.ended').map(({ entry }) => entry),
    ...endingsIn(below),
  ]);

type Died = { readonly kind: string; readonly id: string };

/** The list in the ending's own entry: its detail is `{ detail: { ended: [...] } }`. */
async function diedWith({ log }: Operator, entry: EntryId): Promise<readonly Died[]> {
  const [shown] = await orNone(log.entry(entry).then((one) => [one]));
  const detail = (shown?.detail as { readonly detail?: { readonly ended?: unknown } } | undefined)?.detail;
  return Array.isArray(detail?.ended) ? detail.ended.filter(isDied) : [];
}

const isDied = (value: unknown): value is Died =>
  typeof (value as Died | null)?.kind === 'string' && typeof (value as Died).id === 'string';
