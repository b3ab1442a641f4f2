/**
 * Runs several test files in one process, one after the other: `node run-together.ts FILE …`. Each is a suite of its own that is
 * named after it, so its hooks are its own, and collect-results.ts tells whose results are whose.
 */
import { join } from 'node:path';
import { suite } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

for (const file of process.argv.slice(2))
  suite(file, async () => {
    await import(pathToFileURL(join(root, file)).href);
  });
