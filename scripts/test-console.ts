/**
 * npm run test:console [-- part-of-a-path …]
 *
 * Runs the tests of the console, in a real browser too. `npm test` skips those where no Chromium is, in one line each; here that is
 * a failure, which names what to install.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const parts = process.argv.slice(2);
const exclude = (path: string) => /(^|\/)(node_modules|dist)$/.test(path);
const files = globSync('console/**/*.test.ts', { cwd: root, exclude }).sort();
const asked = parts.length === 0 ? files : files.filter((file) => parts.some((part) => file.includes(part)));
if (asked.length === 0) {
  process.stderr.write(`no file under console has ${parts.join(' or ') || 'a test'}\n`);
  process.exit(1);
}
const args = [join(root, 'scripts/test.ts'), '--whole', ...asked];
process.exitCode =
  spawnSync(process.execPath, ['--conditions=ambit-source', ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;
