/**
 * The reporter of a process that runs test files: a line of JSON per test that ended. The runner (scripts/test.ts) reads them, so
 * that one table of results spans every file and the code under test keeps its own standard output. Where several files share the
 * process (run-together.ts), a line says of each when it ended: what came before it, since the last such line, is its own.
 */

import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export type Result = {
  name: string;
  nesting: number;
  line: number | undefined;
  outcome: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, or what failed, in full. Empty for a test that failed only because one inside it did. */
  because: string;
  milliseconds: number;
};

/** A file whose last test ended, among several in one process. */
export type EndedFile = { endedFile: string; milliseconds: number };

/** Node says it as it says how many tests there were. */
const afterItsEnd = /asynchronous activity/;

const isTogether = process.argv[1]?.endsWith('run-together.ts') === true;

export default async function* collectResults(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // What went wrong when no test ran any more fails the process: it is said where the file's own output goes.
    if (event.type === 'test:diagnostic' && afterItsEnd.test(event.data.message))
      process.stderr.write(`${event.data.message}\n`);
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    if (isTogether && event.data.nesting === 0) {
      if (isFaultOfItsOwn(event)) yield `${JSON.stringify({ ...resultOf(event), line: 1 })}\n`;
      const ended: EndedFile = { endedFile: event.data.name, milliseconds: event.data.details.duration_ms };
      yield `${JSON.stringify(ended)}\n`;
      continue;
    }
    // A suite only groups; it counts where one of its own hooks failed, and where it was skipped as a whole: then
    // nobody hears of its tests.
    if (event.data.details.type === 'suite' && !isFaultOfItsOwn(event) && !isSkipped(event)) continue;
    yield `${JSON.stringify(resultOf(event))}\n`;
  }
}

type Ended = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

const isFaultOfItsOwn = ({ type, data }: Ended) =>
  type === 'test:fail' && failureTypeOf(data.details.error) !== 'subtestsFailed';

const isSkipped = ({ data: { skip } }: Ended) => skip !== undefined && skip !== false;

const failureTypeOf = (error: Error & { failureType?: string }) => error.failureType;

function resultOf({ type, data }: Ended): Result {
  const nesting = isTogether ? Math.max(0, data.nesting - 1) : data.nesting;
  const about = { name: data.name, nesting, line: data.line, milliseconds: data.details.duration_ms };
  // What Node calls `todo` runs and counts like any test: one that fails is a failure.
  if (isSkipped({ type, data } as Ended))
    return { ...about, outcome: 'skipped', because: typeof data.skip === 'string' ? data.skip : '(no reason given)' };
  if (type === 'test:pass') return { ...about, outcome: 'passed', because: '' };
  return { ...about, outcome: 'failed', because: whatFailed(data.details.error) };
}

function whatFailed(error: Error): string {
  if (failureTypeOf(error) === 'subtestsFailed') return '';
  const cause = error.cause instanceof Error ? error.cause : undefined;
  return cause === undefined ? `${error.message}${textOf(error.cause)}` : inspect(cause, { depth: 6 });
}

const textOf = (cause: unknown) => (cause === undefined || typeof cause === 'string' ? '' : `: ${inspect(cause)}`);
