/**
 * npm run test:faults [-- [--kills N] [--seed N] [name …]]
 *
 * Plays every fault of server/test/faults in full, one file after the other: 200 kills under load unless --kills says
 * otherwise, from --seed on. A name is part of a file's name. The seed of what fails is in its name: given back, the
 * same kills and choices come again.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const {
  values: { kills, seed = String(Math.floor(Math.random() * 1_000_000)) },
  positionals: names,
} = parseArgs({ allowPositionals: true, options: { kills: { type: 'string' }, seed: { type: 'string' } } });

for (const [name, value] of Object.entries({ kills, seed })) {
  if (value === undefined || /^\d{1,9}$/.test(value)) continue;
  process.stderr.write(`--${name} takes a whole number, not ${JSON.stringify(value)}\n`);
  process.exit(2);
}

const files = globSync('server/test/faults/*.test.ts', { cwd: root })
  .sort()
  .filter((file) => names.length === 0 || names.some((name) => basename(file).includes(name)));
const env = {
  ...process.env,
  FAULTS_FULL: 'yes',
  FAULTS_SEED: seed,
  ...(kills === undefined ? {} : { FAULTS_KILLS: kills }),
};

process.stdout.write(`${files.length} files of faults, seed ${seed}\n`);
const failed = files.filter((file) => {
  process.stdout.write(`\n${file}\n`);
  const args = ['--conditions=ambit-source', '--test', '--test-reporter=spec', file];
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status !== 0;
});
process.stdout.write(
  failed.length === 0
    ? `\nevery fault holds, seed ${seed}\n`
    : `\n${failed.length} of ${files.length} files failed, seed ${seed}: ${failed.join(', ')}\n`,
);
process.exitCode = failed.length === 0 && files.length > 0 ? 0 : 1;
