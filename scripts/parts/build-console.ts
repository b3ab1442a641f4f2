import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const stampFile = join(root, 'console/dist/sources.txt');

/** What the built files follow from. */
const places = [
  'console/{index.html,package.json,vite.config.ts}',
  'console/src/**/*',
  '{sdk,protocol}/{package.json,src/**/*.ts}',
];

/** Builds the console into console/dist, unless what lies there was built from these very sources. */
export async function buildConsole(): Promise<void> {
  const now = sourcesNow();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === now) return;
  const started = performance.now();
  process.stderr.write('ambit: Building the console … ');
  const { build } = await import('vite');
  await build({ root: join(root, 'console'), configFile: join(root, 'console/vite.config.ts'), logLevel: 'error' });
  // INVARIANT (whole build): the stamp is written last; Vite removes the old one first.
  writeFileSync(stampFile, now);
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}

function sourcesNow(): string {
  const hash = createHash('sha256');
  for (const file of globSync(places, { cwd: root }).sort()) {
    if (/\.test\.tsx?$/.test(file) || statSync(join(root, file)).isDirectory()) continue;
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}
