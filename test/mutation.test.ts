import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { explained } from '../scripts/parts/mutation/explained.ts';
import { expand } from '../scripts/parts/mutation/instrument.ts';
import { kernels } from '../scripts/parts/mutation/kernels.ts';
import { asTable, asText, scoreOf } from '../scripts/parts/mutation/report.ts';
import { DryRunFault, tryMutants } from '../scripts/parts/mutation/try-mutants.ts';

const root = mkdtempSync(join(tmpdir(), 'ambit-mutation-test-'));
after(() => rmSync(root, { recursive: true, force: true }));

const plant = (name: string, kernel: string, tests: string) => {
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, `${name}.ts`), kernel);
  writeFileSync(join(root, `${name}.test.ts`), tests);
  return { name, what: 'planted', files: [`${name}.ts`], tests: [`${name}.test.ts`] };
};
const ground = { root, scratch: root, jobs: 1, wants: () => true, progress: () => undefined };

const kernel = `
export const tested = (n: number) => n * 2;
export const onlyReached = (n: number) => n / 2;
export const never = (n: number) => n + 1;
export const read = ['while it is loaded'];
export function down(n: number) {
  while (n !== 0) n -= 1;
  return n;
}
let kept: number | undefined;
export function once(n: number) {
  kept ??= n - 1;
  return kept;
}
`;
const tests = `
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { down, once, onlyReached, read, tested } from './planted.ts';
test('two and two', () => assert.equal(tested(2), 4));
describe('inside', async () => {
  await Promise.resolve();
  test('says nothing', () => void onlyReached(2));
  test('is read', async () => assert.deepEqual(read, ['while it is loaded']));
});
test('comes to an end', () => assert.equal(down(3), 0));
test('is remembered', () => assert.equal(once(3), 2));
`;

test('a change is killed, endless, survives or is not reached, also one that shows only at the start of a process', async () => {
  const tried = await tryMutants(plant('planted', kernel, tests), ground);
  const outcomes = (original: string) =>
    tried.filter(({ mutant }) => mutant.original === original).map(({ outcome, by }) => [outcome, by ?? '']);
  const by = (name: string) => `planted.test.ts › ${name}`;
  assert.deepEqual(outcomes('n * 2'), [['killed', by('two and two')]]);
  assert.deepEqual(outcomes('n / 2'), [['survived', '']]);
  assert.deepEqual(outcomes('n + 1'), [['unreached', '']]);
  assert.deepEqual(outcomes("'while it is loaded'"), [['killed', by('inside › is read')]]);
  assert.deepEqual(outcomes('n - 1'), [['killed', by('is remembered')]]);
  assert.ok(outcomes('n -= 1').some(([outcome]) => outcome === 'timeout'));

  const known = { file: 'planted.ts', because: 'it is planted' };
  const within = 'export const onlyReached = (n: number) => n / 2;';
  const score = scoreOf(
    'planted',
    tried,
    [
      { ...known, within, original: 'n / 2', replacement: 'n * 2' },
      { ...known, within: 'export const tested = (n: number) => n * 2;', original: 'n * 2', replacement: 'n / 2' },
    ],
    1,
  );
  assert.equal(score.counts.mutants, tried.length);
  assert.equal(score.counts.explained, 1);
  assert.ok(score.noticed < score.noticedOfRest && score.noticedOfRest < 100);
  assert.deepEqual(
    score.stale.map(({ original }) => original),
    ['n * 2'],
  );
  assert.match(
    asText(score),
    /planted\.ts:3 {2}ArithmeticOperator\n +n \/ 2 {2}→ {2}n \* 2\n +explained: it is planted/,
  );
  assert.match(asText(score), /explains no survivor: planted\.ts: n \* 2/);
  assert.match(asTable([score]), /^\| kernel +\| mutants \|.*\n\|-+\|.*\n\| planted \| /);
});

test('tests that fail without any change stop the run, and are named', async () => {
  const failing = plant(
    'failing',
    'export const one = () => true;',
    "import { test } from 'node:test'; import { one } from './failing.ts'; test('no', () => { if (one()) throw new Error('no'); });",
  );
  await assert.rejects(tryMutants(failing, ground), (fault) => {
    assert.ok(fault instanceof DryRunFault);
    assert.match(fault.message, /failing\.test\.ts › no/);
    return true;
  });
});

test('every kernel has files and tests, and every explanation is about one of them', () => {
  const checkout = join(import.meta.dirname, '..');
  const files = new Set<string>();
  for (const { name, files: patterns, tests: held } of kernels) {
    for (const pattern of [...patterns, ...held])
      assert.ok(expand(checkout, [pattern]).length > 0, `${name}: ${pattern} finds nothing`);
    for (const file of expand(checkout, patterns)) files.add(file);
    assert.ok(!expand(checkout, patterns).some((file) => /\.(test|testing)\.ts$/.test(file)), name);
  }
  for (const { file } of explained) assert.ok(files.has(file), `${file} is in no kernel`);
});
