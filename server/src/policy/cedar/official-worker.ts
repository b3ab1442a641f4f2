/**
 * The thread in which the official Cedar build lives. It answers calls one by one, text in and text out, and ends itself
 * when the build traps: after a trap every later call would trap too.
 */
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

import type { Answer, Call, Question } from './official-wire.ts';

type Build = Readonly<Record<string, ((...args: readonly string[]) => string) | undefined>>;

const build = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as Build;
const port = parentPort ?? raise('this file runs as a worker only');

port.on('message', ({ id, calls }: Question) => {
  const answer = answerCalls(id, calls);
  port.postMessage(answer);
  if (answer.kind === 'trapped') port.close();
});

function answerCalls(id: number, calls: readonly Call[]): Answer {
  try {
    return { id, kind: 'answered', texts: calls.map(({ name, args }) => asText(() => run(name, args))) };
  } catch (error) {
    // RuntimeError is WebAssembly's trap; a RangeError is the stack of this thread, gone in the middle of the build,
    // whose memory is then as doubtful as after a trap.
    const trapped = error instanceof Error && ['RuntimeError', 'RangeError'].includes(error.name);
    return { id, kind: trapped ? 'trapped' : 'refused', message: String(error) };
  }
}

function run(name: string, args: readonly string[]): string {
  return (build[name] ?? raise(`the build has no function ${name}`))(...args);
}

/**
 * The build's glue is exactly JSON.stringify of what goes in and JSON.parse of what comes out, and both round integers
 * beyond 2^53. For the length of one call, which is synchronous and has this thread to itself, both hand the text
 * through, so that the text of the call arrives as it was written and the answer is parsed exactly on the other side.
 */
function asText<Result>(call: () => Result): Result {
  const { parse, stringify } = JSON;
  const handThrough = (text: unknown): never => text as never;
  JSON.parse = handThrough;
  JSON.stringify = handThrough;
  try {
    return call();
  } finally {
    JSON.parse = parse;
    JSON.stringify = stringify;
  }
}

function raise(message: string): never {
  throw new Error(message);
}
