import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand, instrument, type Mutant } from './instrument.ts';
import type { Kernel } from './kernels.ts';
import type { AskedTest, DryTest, Plan, Says } from './worker.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

/**
 * `killed`: a test failed. `timeout`: the tests did not come to an end. `survived`: every test that passes its place
 * passed. `unreached`: no test passes its place.
 */
export type Outcome = 'killed' | 'timeout' | 'survived' | 'unreached';
export type Tried = {
  readonly mutant: Mutant;
  readonly outcome: Outcome /** The test that failed. */;
  readonly by: string | null;
};

const drySecondsMax = 300;
/** A mutant may make its tests so much slower before it counts as endless. */
const slowdownMax = 3;
const graceSeconds = 1;
const hitsFactor = 100;

/** Something is wrong with the kernel's tests themselves. */
export class DryRunFault extends Error {}

type Ground = {
  readonly root: string;
  readonly scratch: string;
  readonly jobs: number;
  /** Only mutants that this says yes to. */
  readonly wants: (mutant: Mutant) => boolean;
  readonly progress: (done: number, total: number) => void;
};

/** Tries every mutant of a kernel, cheapest first: in a warm process, then, where that says little, in a fresh one. */
export async function tryMutants(kernel: Kernel, ground: Ground): Promise<Tried[]> {
  const { root, scratch } = ground;
  const { sources, mutants } = await instrument(root, expand(root, kernel.files));
  const plan: Plan = { root, sources, tests: expand(root, kernel.tests) };
  const planFile = join(scratch, `${kernel.name}.json`);
  writeFileSync(planFile, JSON.stringify(plan));

  const from = performance.now();
  const first = await warmWorker({ planFile, scratch });
  const place = { planFile, scratch, loadSeconds: (performance.now() - from) / 1000 };
  const dry = await dryRunOf(first);
  const order = orderOf(dry);
  const bench = { dry, order, alone: aloneOf(place), place };
  const waiting = mutants.filter(ground.wants);
  const queue = waiting.values();
  const done: Tried[] = [];
  const lane = async (start?: WorkerProcess) => {
    let warm = start;
    for (const mutant of queue) {
      if (warm === undefined || warm.isDead()) warm = await warmWorker(place);
      const tried = await tryOne(mutant, bench, warm);
      order.killed(mutant, tried.by);
      done.push(tried);
      ground.progress(done.length, waiting.length);
    }
    await warm?.close();
  };
  await Promise.all([lane(first), ...Array.from({ length: ground.jobs - 1 }, () => lane())]);
  const places = new Map(mutants.map(({ id }, place) => [id, place]));
  return done.sort((a, b) => places.get(a.mutant.id)! - places.get(b.mutant.id)!);
}

type Bench = { readonly dry: Dry; readonly order: Order; readonly alone: Alone; readonly place: Place };

type Place = {
  readonly planFile: string;
  readonly scratch: string /** What all test files took. */;
  readonly loadSeconds: number;
};

async function warmWorker({ planFile, scratch }: Pick<Place, 'planFile' | 'scratch'>): Promise<WorkerProcess> {
  const { worker, ready } = await startWorker(planFile, scratch);
  if (typeof ready !== 'string') return worker;
  throw new DryRunFault(`the tests could not be loaded (${ready}):\n${worker.output()}`);
}

type Dry = { readonly tests: readonly DryTest[]; readonly loadHits: Readonly<Record<string, number>> };

async function dryRunOf(worker: WorkerProcess): Promise<Dry> {
  const says = await worker.ask({ kind: 'dry' }, drySecondsMax);
  const fault = faultOf(says);
  if (typeof says !== 'string' && says.kind === 'dry' && fault === undefined) return says;
  await worker.close();
  throw new DryRunFault(`without a mutant ${fault}:\n${worker.output()}`);
}

function faultOf(says: Says | 'late' | 'ended'): string | undefined {
  if (typeof says === 'string' || says.kind !== 'dry') return 'the tests did not come to an end';
  const failed = says.tests.filter(({ passed }) => !passed).map(({ key }) => key);
  return failed.length === 0 ? undefined : `these tests fail:\n${failed.join('\n')}`;
}

async function tryOne(mutant: Mutant, { dry, order, alone, place }: Bench, warm: WorkerProcess): Promise<Tried> {
  const { id } = mutant;
  const reaching = dry.tests.filter(({ hits }) => hits[id] !== undefined);
  const isLoaded = dry.loadHits[id] !== undefined;
  const repeatable = reaching.filter(({ passedAgain }) => passedAgain);
  if (reaching.length === 0 && !isLoaded) return { mutant, outcome: 'unreached', by: null };
  const hitsMax = 1000 + hitsFactor * Math.max(0, ...reaching.map(({ hits }) => hits[id]!));
  const ask: Ask = (worker, tests, loadSeconds = 0) =>
    worker.ask({ kind: 'try', mutant: id, tests: order.of(mutant, tests), hitsMax }, secondsFor(tests, loadSeconds));

  if (repeatable.length > 0) {
    const says = await ask(warm, repeatable);
    if (says === 'late') return { mutant, outcome: 'timeout', by: null };
    const isAll = repeatable.length === reaching.length && !isLoaded;
    if (says !== 'ended' && says.kind === 'tried') {
      if (says.outcome === 'killed' && !says.isSure) await warm.close();
      if (says.isSure && (says.outcome !== 'survived' || isAll)) return triedOf(mutant, says);
    }
  }
  // What is read once while modules are loaded, or kept in memory since, shows in a process of its own only.
  return tryFresh(mutant, isLoaded ? dry.tests : reaching, ask, alone, place);
}

type Ask = (worker: WorkerProcess, tests: readonly DryTest[], loadSeconds?: number) => Promise<Says | 'late' | 'ended'>;

async function tryFresh(
  mutant: Mutant,
  tests: readonly DryTest[],
  ask: Ask,
  alone: Alone,
  place: Place,
): Promise<Tried> {
  const { worker, ready } = await startWorker(place.planFile, place.scratch, mutant.id);
  if (ready === 'late') return { mutant, outcome: 'timeout', by: null };
  if (ready === 'ended') return { mutant, outcome: 'killed', by: 'loading the tests' };
  const says = await ask(worker, tests, place.loadSeconds);
  await worker.close();
  if (says === 'late') return { mutant, outcome: 'timeout', by: null };
  if (says === 'ended') return { mutant, outcome: 'killed', by: 'the process ended' };
  const tried = triedOf(mutant, says);
  const failed = tests.find(({ key }) => key === tried.by);
  if (tried.outcome !== 'killed' || failed === undefined || (await alone.passes(failed))) return tried;
  return tryFresh(
    mutant,
    tests.filter((one) => one !== failed),
    ask,
    alone,
    place,
  );
}

type Alone = { readonly passes: (test: DryTest) => Promise<boolean> };

/** A test that fails where those before it did not run says nothing about a mutant. Looked at once per test. */
function aloneOf(place: Place): Alone {
  const known = new Map<string, Promise<boolean>>();
  const look = async ({ key, needsAllRuns }: DryTest) => {
    const worker = await warmWorker(place);
    const tests = [{ key, needsAllRuns }];
    const says = await worker.ask({ kind: 'try', mutant: 'none', tests, hitsMax: 1 }, drySecondsMax);
    await worker.close();
    return typeof says !== 'string' && says.kind === 'tried' && says.outcome === 'survived';
  };
  return {
    passes: (test) => {
      const seen = known.get(test.key) ?? look(test);
      known.set(test.key, seen);
      return seen;
    },
  };
}

const secondsFor = (tests: readonly DryTest[], loadSeconds: number) =>
  graceSeconds + slowdownMax * (loadSeconds + tests.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000);

function triedOf(mutant: Mutant, says: Says): Tried {
  if (says.kind !== 'tried') throw new Error(`a worker answered ${says.kind} instead of what became of a mutant`);
  return { mutant, outcome: says.outcome === 'endless' ? 'timeout' : says.outcome, by: says.by };
}

type Order = {
  readonly of: (mutant: Mutant, tests: readonly DryTest[]) => AskedTest[];
  readonly killed: (mutant: Mutant, by: string | null) => void;
};

/** Short tests first, and before them those that noticed other mutants of the same file. */
function orderOf(dry: Dry): Order {
  const noticed = new Map<string, number>();
  const times = new Map(dry.tests.map(({ key, milliseconds }) => [key, milliseconds]));
  const nameOf = ({ file }: Mutant, key: string) => `${file} ${key}`;
  return {
    of: (mutant, tests) => {
      const cost = ({ key }: DryTest) => (times.get(key)! + 0.1) / (1 + (noticed.get(nameOf(mutant, key)) ?? 0));
      return tests.toSorted((a, b) => cost(a) - cost(b)).map(({ key, needsAllRuns }) => ({ key, needsAllRuns }));
    },
    killed: (mutant, by) => {
      if (by !== null) noticed.set(nameOf(mutant, by), (noticed.get(nameOf(mutant, by)) ?? 0) + 1);
    },
  };
}
