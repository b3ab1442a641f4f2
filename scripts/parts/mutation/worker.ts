/**
 * One process in which mutants are tried: `worker.ts <plan.json> [mutant]`. It imports the tests over kernels that hold
 * all of their mutants, and then wakes one after the other as it is told. A mutant given on the command line is awake
 * from the start, for what only shows while modules are loaded.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CollectedTest } from './collected-tests.ts';

/** What a worker is started with. */
export type Plan = {
  readonly root: string;
  readonly sources: Readonly<Record<string, string>>;
  /** From the root of the checkout. */
  readonly tests: readonly string[];
};

/** One test without any mutant. */
export type DryTest = {
  readonly key: string;
  readonly passed: boolean;
  /** Whether it counts what its properties came across, and so needs as many runs as in `npm test`. */
  readonly needsAllRuns: boolean;
  /** Whether it passes again, in the same process. */
  readonly passedAgain: boolean;
  readonly milliseconds: number;
  /** How often each mutant's place is passed, by the mutant's id. */
  readonly hits: Readonly<Record<string, number>>;
};

export type AskedTest = Pick<DryTest, 'key' | 'needsAllRuns'>;

export type Told =
  | { readonly kind: 'dry' }
  | { readonly kind: 'try'; readonly mutant: string; readonly tests: readonly AskedTest[]; readonly hitsMax: number }
  | { readonly kind: 'end' };

export type Says =
  | { readonly kind: 'ready' }
  | { readonly kind: 'dry'; readonly tests: readonly DryTest[]; readonly loadHits: Readonly<Record<string, number>> }
  | {
      readonly kind: 'tried';
      readonly outcome: 'killed' | 'endless' | 'survived';
      /** The test that failed. */
      readonly by: string | null;
      /** Whether that test passes again without the mutant; one that does not was not failing because of it. */
      readonly isSure: boolean;
    };

/** The switchboard that the instrumented code looks at, under the name that Stryker gave it. */
type Switchboard = {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
};
const switchboard: Switchboard = {};
Object.assign(globalThis, { __stryker__: switchboard });

const [planFile = '', awake] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan;
switchboard.activeMutant = awake;

const own = (name: string) => pathToFileURL(join(import.meta.dirname, name)).href;
const instead: Readonly<Record<string, string>> = {
  'node:test': own('collected-tests.ts'),
  'fast-check': own('fewer-runs.ts'),
};
const isOwn = (url: string | undefined) => url?.startsWith(own('')) ?? false;

registerHooks({
  resolve: (specifier, context, next) => {
    const url = isOwn(context.parentURL) ? undefined : instead[specifier];
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
  },
  load: (url, context, next) => {
    const source = plan.sources[url];
    return source === undefined ? next(url, context) : { format: 'module-typescript', source, shortCircuit: true };
  },
});

const { runs } = await import('./fewer-runs.ts');
const { closeScopes, collectFrom, fileOf } = await import('./collected-tests.ts');
const tests = new Map<string, CollectedTest>();
const loaded = new Set<string>();

async function load(file: string): Promise<void> {
  if (loaded.has(file)) return;
  loaded.add(file);
  for (const one of await collectFrom(file, () => import(pathToFileURL(join(plan.root, file)).href)))
    tests.set(one.key, one);
}

// Beside a mutant only what is needed is loaded: most are dead before the second file.
if (awake === undefined) for (const file of plan.tests) await load(file);
const loadHits = { ...switchboard.mutantCoverage?.static };

const say = (says: Says) => process.send!(says);
process.on('disconnect', () => process.exit(1));
process.on('message', (told: Told) => void answer(told));
say({ kind: 'ready' });

async function answer(told: Told): Promise<void> {
  if (told.kind === 'dry') say({ kind: 'dry', tests: await dryRun(), loadHits });
  else if (told.kind === 'try') say(await tryMutant(told));
  else {
    await closeScopes();
    process.exit(0);
  }
}

async function dryRun(): Promise<DryTest[]> {
  const results: DryTest[] = [];
  for (const one of tests.values()) {
    switchboard.currentTestId = one.key;
    let first = await timed(one, false);
    const needsAllRuns = first.fault !== undefined;
    if (needsAllRuns) first = await timed(one, true);
    switchboard.currentTestId = undefined;
    if (first.fault !== undefined) process.stderr.write(`${one.key}: ${String(first.fault)}\n`);
    const hits = { ...switchboard.mutantCoverage?.perTest[one.key] };
    const { milliseconds } = first;
    results.push({
      key: one.key,
      passed: first.fault === undefined,
      needsAllRuns,
      passedAgain: false,
      milliseconds,
      hits,
    });
  }
  const again: DryTest[] = [];
  for (const one of results) {
    const fault = await faultOf(tests.get(one.key)!, one.needsAllRuns);
    again.push({ ...one, passedAgain: fault === undefined });
  }
  return again;
}

async function timed(one: CollectedTest, hasAllRuns: boolean) {
  const started = performance.now();
  const fault = await faultOf(one, hasAllRuns);
  return { fault, milliseconds: performance.now() - started };
}

async function faultOf(one: CollectedTest, hasAllRuns: boolean): Promise<unknown> {
  runs.areAll = hasAllRuns;
  try {
    await one.run();
    return undefined;
  } catch (error) {
    return error ?? 'nothing was thrown, but it was thrown';
  }
}

/** With a mutant awake a file may not even load, which nobody overlooks. */
async function isLoadable(file: string): Promise<boolean> {
  try {
    await load(file);
    return true;
  } catch (error) {
    process.stderr.write(`${file}: ${String(error)}\n`);
    return false;
  }
}

async function tryMutant({ mutant, tests: keys, hitsMax }: Extract<Told, { kind: 'try' }>): Promise<Says> {
  let isReached = true;
  for (const { key, needsAllRuns } of keys) {
    const file = fileOf(key);
    if (!(await isLoadable(file))) return { kind: 'tried', outcome: 'killed', by: file, isSure: true };
    const one = tests.get(key);
    // The mutant itself may keep a test from being written down; that alone fails nothing.
    if (one === undefined) continue;
    Object.assign(switchboard, { activeMutant: mutant, hitCount: 0, hitLimit: hitsMax });
    const fault = await faultOf(one, needsAllRuns);
    const hits = switchboard.hitCount ?? 0;
    Object.assign(switchboard, { activeMutant: awake, hitCount: undefined, hitLimit: undefined });
    if (fault === undefined) isReached &&= hits > 0;
    else if (hits > hitsMax) return { kind: 'tried', outcome: 'endless', by: key, isSure: true };
    else {
      const isSure = awake !== undefined || (await faultOf(one, needsAllRuns)) === undefined;
      return { kind: 'tried', outcome: 'killed', by: key, isSure };
    }
  }
  return { kind: 'tried', outcome: 'survived', by: null, isSure: isReached };
}
