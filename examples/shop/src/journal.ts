import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Line } from './ledger.ts';

/** Append-only. `append` returns once the line is durable, or throws and nothing was kept. */
export type Journal = {
  readonly found: readonly Line[];
  append(line: Line): void;
  close(): void;
};

export function memoryJournal(): Journal {
  return { found: [], append: () => undefined, close: () => undefined };
}

/** One JSON object per line. A last line without its newline was never answered to anyone and is cut off. */
export function fileJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  let length = bytes.lastIndexOf(0x0a) + 1;
  const found = readLines(path, bytes.subarray(0, length).toString('utf8'));
  const file = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
  ftruncateSync(file, length);
  return {
    found,
    append(line) {
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        writeAll(file, text, length);
        fsyncSync(file);
      } catch (fault) {
        ftruncateSync(file, length); // a failed line leaves nothing behind for the next one to follow
        throw fault;
      }
      length += text.length;
    },
    close: () => closeSync(file),
  };
}

function writeAll(file: number, text: Buffer, position: number) {
  for (let written = 0; written < text.length; ) {
    written += writeSync(file, text, written, text.length - written, position + written);
  }
}

const kinds: ReadonlySet<unknown> = new Set<Line['kind']>([
  'refund',
  'cancellation',
  'note',
  'note-removal',
  'api-key',
]);

function readLines(path: string, text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => readLine(line, `${path}, line ${index + 1}`));
}

function readLine(text: string, place: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place} is not JSON: restore the file from a copy, or move it away to start afresh`, { cause });
  }
  if (typeof line !== 'object' || line === null || !('kind' in line) || !kinds.has(line.kind)) {
    throw new Error(`${place} is no line of a shop: is this the right file?`);
  }
  return line as Line;
}
