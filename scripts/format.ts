/** npm run format [-- path …]: writes the format and the lint fixes that are safe. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const paths = process.argv.length > 2 ? process.argv.slice(2) : ['.'];
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
process.exitCode =
  spawnSync(process.execPath, [biome, 'check', '--write', ...paths], { cwd: root, stdio: 'inherit' }).status ?? 1;
