import type { Input } from './target.ts';

const headBytes = 8;
const inputBytesMax = 1024 * 1024;

export const recorderBytes = headBytes + inputBytesMax;

/** The input that is being checked, where another thread can read it when the one that checks it never ends. */
export function recorder(shared: SharedArrayBuffer) {
  const head = new Int32Array(shared, 0, 2);
  const bytes = Buffer.from(shared, headBytes);
  return {
    write(input: Input): void {
      head[0] = bytes.write(input, 'latin1');
      Atomics.add(head, 1, 1);
    },
    /** How many inputs were begun. */
    begun: () => Atomics.load(head, 1),
    read: (): Input => bytes.toString('latin1', 0, head[0]),
  };
}
