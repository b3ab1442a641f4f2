/** npm run docs [-- --check]: writes the references in docs/ from the tables in the code; --check only says which are stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { references } from './parts/references.ts';

const root = join(import.meta.dirname, '..');
const stale = Object.entries(references).filter(([path, render]) => {
  const file = join(root, path);
  return !existsSync(file) || readFileSync(file, 'utf8') !== render();
});
const isCheck = process.argv.includes('--check');
for (const [path, render] of stale) {
  if (!isCheck) writeFileSync(join(root, path), render());
  process.stdout.write(`${path} ${isCheck ? 'is stale; run: npm run docs' : 'is written'}\n`);
}
if (stale.length === 0) process.stdout.write('the references are as the code has it\n');
process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
