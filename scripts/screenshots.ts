/** npm run screenshots [-- part-of-a-name]: pictures of the console's pages, light and dark, into docs/console. */
import { join, relative } from 'node:path';
import { takeShots } from '../console/test/shots.ts';

const root = join(import.meta.dirname, '..');
for (const file of await takeShots(join(root, 'docs/console'), process.argv[2] ?? ''))
  process.stdout.write(`${relative(root, file)}\n`);
