import { readConfig } from '../../src/config.ts';
import { serve } from '../../src/main.ts';

/** A node as a process of its own, for those who kill it. Says where it listens itself, in one line. */
const { listening, close } = await serve(readConfig(process.env));
process.once('SIGTERM', () => void close());
process.stdout.write(`${JSON.stringify(listening)}\n`);
