import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogFault } from './log-fault.ts';

/**
 * The second place for checkpoints: a file of JSON lines, best on another machine's disk. Whoever rewrites the store
 * must rewrite this file too, and it is only ever appended to.
 */
export type SecondPlace = {
  /** Durable when it returns. */
  append(note: string): Promise<void>;
  /** Notes at the end of the file, the oldest first. Throws `LogFault` where one cannot be read. */
  newest(): Promise<readonly string[]>;
};

// Some hundred checkpoints: the newest speaks for everything before it.
const tailBytes = 65_536;

export function secondPlace(path: string): SecondPlace {
  return {
    async append(note) {
      const file = await open(path, 'a', 0o644);
      try {
        // A line that a crash cut short is closed first, so that it never runs into the next.
        await file.appendFile(`${(await endsInLine(path)) ? '' : '\n'}${JSON.stringify({ checkpoint: note })}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
    async newest() {
      await requireUsable(path);
      return notesOf(await readable(path), path);
    },
  };
}

async function requireUsable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw new LogFault(
      `The folder of the second place for checkpoints, ${dirname(path)}, cannot be written: mount it, or name another file.`,
      { cause: error },
    );
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return 0;
    throw error;
  }
}

async function endsInLine(path: string): Promise<boolean> {
  const size = await sizeOf(path);
  return size === 0 || (await readFrom(path, size - 1)) === '\n';
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readable(path: string): Promise<string> {
  try {
    return await readTail(path);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new LogFault(`The second place for checkpoints cannot be read (${because}): make it a file of this user.`, {
      cause: error,
    });
  }
}

/** The last whole lines of the file. */
async function readTail(path: string): Promise<string> {
  const size = await sizeOf(path);
  if (size === 0) return '';
  const start = Math.max(0, size - tailBytes);
  const text = await readFrom(path, start);
  return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
}

/** Notes out of the text of a second place. A last line without its end is what a crash left: it says nothing. */
export function notesOf(text: string, path: string): readonly string[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.flatMap((line, i) => {
    const note = noteOf(line);
    if (note !== undefined) return [note];
    if (lineStart.startsWith(line) || line.startsWith(lineStart)) return [];
    throw new LogFault(
      `Line ${i + 1} at the end of ${path} is no checkpoint: name another file, or bring back your copy.`,
    );
  });
}

// What a crash left of a line begins as every line does; the next append has closed it.
const lineStart = '{"checkpoint":"';

function noteOf(line: string): string | undefined {
  try {
    const read = JSON.parse(line) as { checkpoint?: unknown } | null;
    return typeof read?.checkpoint === 'string' ? read.checkpoint : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
