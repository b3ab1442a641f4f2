/**
 * npm run test:conformance [-- part-of-a-path …]
 *
 * Runs every test under server/test/conformance: what the standards ask for, and clients that others wrote. `npm test`
 * skips what needs something that is not here, in one line each; here that is a failure, which names what to install.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const parts = process.argv.slice(2);
const files = globSync('server/test/conformance/**/*.test.ts', { cwd: root }).sort();
const asked = parts.length === 0 ? files : files.filter((file) => parts.some((part) => file.includes(part)));
if (asked.length === 0) {
  process.stderr.write(`no file under server/test/conformance has ${parts.join(' or ') || 'a test'}\n`);
  process.exit(1);
}
const args = [join(root, 'scripts/test.ts'), '--whole', ...asked];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
