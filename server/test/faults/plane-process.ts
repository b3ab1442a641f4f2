import { readConfig } from '../../src/config.ts';
import { serve } from '../../src/main.ts';

/** A plane as a process of its own, for those who kill it. Says where it listens in one line. */
const { agents, people, close } = await serve(readConfig(process.env));
process.once('SIGTERM', () => void close());
process.stdout.write(`${JSON.stringify({ agents, people })}\n`);
