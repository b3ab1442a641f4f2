/** npm start [-- --exit] [--json]: the example shop behind Ambit, and an agent's run through it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildConsole } from './parts/build-console.ts';

const demo = join(import.meta.dirname, '../examples/shop/src/start.ts');
if (!existsSync(demo)) {
  process.stderr.write(
    `ambit: ${demo} is missing from this checkout; fetch the whole repository, then run: npm start\n`,
  );
  process.exit(1);
}
await buildConsole();
// In this very process: one less between a signal and those it is meant for.
await import(pathToFileURL(demo).href);
