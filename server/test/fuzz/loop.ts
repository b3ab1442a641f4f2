import { type Random, randomFrom } from '../../src/policy/cedar/generate.testing.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import type { Input, Subject, Target } from './target.ts';

export type LoopOptions = {
  readonly seed: number;
  readonly seconds: number;
  readonly corpus: readonly Input[];
  readonly minimiseSecondsMax: number;
  /** Whether the first input of each new outcome is made short, to be kept. */
  readonly shorten?: boolean;
  /** Called before an input is checked, so that somebody knows it where the check never ends. */
  readonly before: (input: Input) => void;
  /** Called about once a second. */
  readonly progress: (far: Progress) => void;
};

export type Progress = { readonly executions: number; readonly outcomes: number; readonly seconds: number };

export type Failure = {
  readonly input: Input;
  /** The same before it was minimised. */
  readonly asFound: Input;
  readonly says: string;
  /** Which input of the run it was; those of the corpus come first. */
  readonly position: number;
};

export type Outcome = { readonly name: string; readonly times: number; readonly first: Input; readonly isNew: boolean };

export type Finished = {
  readonly executions: number;
  readonly seconds: number;
  readonly outcomes: readonly Outcome[];
  readonly failure: Failure | undefined;
};

const poolMax = 4000;

type Seen = { times: number; first: Input; isNew: boolean };
type Run = {
  readonly target: Target;
  readonly subject: Subject;
  readonly options: LoopOptions;
  readonly pool: Input[];
  readonly seen: Map<string, Seen>;
  executions: number;
};

/** Replays the corpus, then mutates what is known until the time is up or something breaks. The same seed, the same inputs. */
export async function fuzzLoop(target: Target, options: LoopOptions): Promise<Finished> {
  const subject = await target.open();
  const run: Run = { target, subject, options, pool: [], seen: new Map(), executions: 0 };
  const started = performance.now();
  try {
    const failure = (await replay(run)) ?? (await explore(run, started));
    const seconds = (performance.now() - started) / 1000;
    if (options.shorten === true) await shortenNew(run);
    const outcomes = [...run.seen].map(([name, { times, first, isNew }]) => ({ name, times, first, isNew }));
    return { executions: run.executions, seconds, outcomes, failure };
  } finally {
    await subject.close?.();
  }
}

async function replay(run: Run): Promise<Failure | undefined> {
  for (const input of [...run.options.corpus, ...(run.target.seeds?.() ?? [])]) {
    const failure = await take(run, input, false);
    if (failure !== undefined) return failure;
    run.pool.push(input);
  }
  return undefined;
}

async function explore(run: Run, started: number): Promise<Failure | undefined> {
  const { options, target } = run;
  const random = randomFrom(options.seed);
  const end = started + options.seconds * 1000;
  let next = started + 1000;
  for (let now = performance.now(); now < end; now = performance.now()) {
    if (now >= next) {
      next = now + 1000;
      options.progress({ executions: run.executions, outcomes: run.seen.size, seconds: (now - started) / 1000 });
    }
    const failure = await take(run, makeInput(run, target, random), true);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function makeInput({ pool }: Run, target: Target, random: Random): Input {
  if (target.generate !== undefined && (pool.length === 0 || random.chance(target.generatedShare ?? 0.2))) {
    const made = target.generate(random);
    return random.chance(0.5) ? made : mutate(random, target, made, pick(random, pool));
  }
  return mutate(random, target, pick(random, pool), pick(random, pool));
}

/** What was found last leads furthest: half of the time one of the newest. */
function pick(random: Random, pool: readonly Input[]): Input {
  if (pool.length === 0) return '';
  const newest = Math.min(pool.length, 32);
  return random.chance(0.5) ? pool[pool.length - 1 - random.below(newest)]! : random.pick(pool);
}

async function take(run: Run, input: Input, isNew: boolean): Promise<Failure | undefined> {
  run.options.before(input);
  run.executions++;
  const judged = await judge(run, input);
  if ('broken' in judged) return explain(run, input, judged.broken);
  const seen = run.seen.get(judged.outcome);
  if (seen !== undefined) seen.times++;
  else {
    run.seen.set(judged.outcome, { times: 1, first: input, isNew });
    if (isNew && run.pool.length < poolMax) run.pool.push(input);
  }
  return undefined;
}

async function shortenNew(run: Run): Promise<void> {
  for (const [name, seen] of run.seen) {
    const hasOutcome = async (shorter: Input) => {
      run.options.before(shorter);
      const judged = await judge(run, shorter);
      return 'outcome' in judged && judged.outcome === name;
    };
    if (seen.isNew) seen.first = await minimise(seen.first, hasOutcome, 2);
  }
}

type Judged = { readonly outcome: string } | { readonly broken: Error };

async function judge({ target, subject }: Run, input: Input): Promise<Judged> {
  let milliseconds = Number.POSITIVE_INFINITY;
  let outcome = '';
  // A machine that is busy with something else makes one try slow, not three.
  for (let time = 0; time < 3 && milliseconds > target.millisecondsMax; time++) {
    const from = performance.now();
    try {
      const told = subject.check(input);
      outcome = typeof told === 'string' ? told : await told;
    } catch (error) {
      return { broken: error instanceof Error ? error : new Error(String(error)) };
    }
    milliseconds = Math.min(milliseconds, performance.now() - from);
  }
  if (milliseconds <= target.millisecondsMax) return { outcome };
  return { broken: new SlowInput(target.millisecondsMax, milliseconds) };
}

class SlowInput extends Error {
  constructor(most: number, took: number) {
    super(`took ${Math.round(took)} ms three times; the most is ${most} ms`);
    this.name = 'SlowInput';
  }
}

/** Numbers and quoted pieces change while an input shrinks; what is said around them is what is broken. */
const kindOf = (error: Error) =>
  `${error.name} ${(error.message.split('\n')[0] ?? '').replace(/"[^"]*"|'[^']*'|[0-9]+/g, '…').slice(0, 80)}`;

async function explain(run: Run, input: Input, error: Error): Promise<Failure> {
  const kind = kindOf(error);
  const fails = async (smaller: Input) => {
    run.options.before(smaller);
    const judged = await judge(run, smaller);
    return 'broken' in judged && kindOf(judged.broken) === kind;
  };
  const smallest = await minimise(input, fails, run.options.minimiseSecondsMax);
  const again = await judge(run, smallest);
  const last = 'broken' in again ? again.broken : error;
  return { input: smallest, asFound: input, says: last.stack ?? String(last), position: run.executions };
}
