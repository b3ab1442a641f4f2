/**
 * npm run screenshots [-- part-of-a-name]: pictures of every page of the console, light and dark, at a desk and on a phone. Those
 * that readers want go into docs/console, the others into out/console.
 */
import { join, relative } from 'node:path';
import { takeShots } from '../console/test/shots.ts';

const root = join(import.meta.dirname, '..');
const folders = { docs: join(root, 'docs/console'), others: join(root, 'out/console') };
for (const file of await takeShots(folders, process.argv[2] ?? '')) process.stdout.write(`${relative(root, file)}\n`);
