import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { moduleOf, runTarget, sentence, shown } from './run.ts';
import type { Target } from './target.ts';
import type { TargetName } from './targets.ts';

const secondsInTests = 9;

/** Fuzzes a target for about ten seconds. FUZZ_SECONDS sets how long, FUZZ_SEED repeats a run. */
export async function fuzzTest(name: TargetName): Promise<void> {
  const seconds = Number(process.env.FUZZ_SECONDS ?? secondsInTests);
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
  const { target } = (await import(moduleOf(name))) as { readonly target: Target };
  test(`${target.holds} (FUZZ_SEED=${seed})`, async () => {
    const finished = await runTarget(name, { seed, seconds });
    process.stdout.write(`fuzz ${sentence(name, finished)}, FUZZ_SEED=${seed}\n`);
    const { failure, outcomes } = finished;
    if (failure !== undefined)
      assert.fail(
        `${failure.says}\n\nThe input, as short as it could be made:\n${shown(failure.input)}\n\n` +
          `To keep it in the corpus: npm run fuzz -- --only ${name} --seed ${seed}`,
      );
    for (const wanted of target.reaches)
      assert.ok(
        outcomes.some((one) => one.name.startsWith(wanted)),
        `no input had an outcome like ${JSON.stringify(wanted)}: there were ${outcomes.map((one) => one.name).join(' | ')}`,
      );
  });
}
