/** npm run check: types, format and lint, and what nobody uses. Every finding is shown, not only the first tool's. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');

/** The compiler is TypeScript 7's (the alias ts7); the package called typescript is 6, whose API other tools need. */
const tools: [what: string, command: string[]][] = [
  ['types', [process.execPath, join(modules, 'ts7/bin/tsc'), '-p', join(root, 'tsconfig.json'), '--noEmit']],
  [
    'types of the console',
    [process.execPath, join(modules, 'ts7/bin/tsc'), '-p', join(root, 'console/tsconfig.json'), '--noEmit'],
  ],
  [
    'format and lint',
    [process.execPath, join(modules, '@biomejs/biome/bin/biome'), 'ci', '--error-on-warnings', '--colors=off', root],
  ],
  ['unused', [process.execPath, join(modules, 'knip/bin/knip.js'), '--no-progress', '--no-config-hints']],
];

const failed: string[] = [];
for (const [what, [command = '', ...args]] of tools) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (error !== undefined) throw error;
  if (status !== 0) failed.push(what);
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${what} (${seconds} s)\n`);
  if (status !== 0) process.stdout.write(`${stdout}${stderr}\n`);
}
if (failed.length > 0)
  process.stdout.write(`Not clean: ${failed.join(', ')}. \`npm run format\` mends what a machine can.\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
