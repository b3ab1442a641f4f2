import { readFileSync, statSync } from 'node:fs';
import { JsonFault, parseJson, plainJson } from '@ambit/protocol';
import { CliFault } from './exit.ts';
import { askPerson, decodeText, isInteractive, readStdin, type World } from './world.ts';

const textBytesMax = 33_554_432;
const secretBytesMax = 16_384;

/** The text of a file, or of standard input where the path is `-`. */
export async function readText(world: World, path: string): Promise<string> {
  return path === '-' ? readStdin(world, textBytesMax) : decodeText(readBytes(path), path);
}

function readBytes(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size <= textBytesMax) return readFileSync(path);
  } catch (error) {
    throw new CliFault('usage', `${path} cannot be read (${codeOf(error)}).`, 'Check the path', { cause: error });
  }
  throw new CliFault('usage', `${path} is larger than ${textBytesMax} bytes.`, 'Name a smaller file');
}

export const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/** The JSON of a file: strictly, since a duplicate key would mean one thing to you and another to the plane. */
export async function readJson(world: World, path: string): Promise<unknown> {
  const text = await readText(world, path);
  try {
    return plainJson(parseJson(text));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw new CliFault('usage', `${path} is not JSON that can be used: ${error.message}`, 'Correct the file', {
      cause: error,
    });
  }
}

/**
 * A secret from a file or standard input. Never from an argument: those are in the shell's history, and every process
 * of the machine can read them.
 */
export async function readSecret(world: World, path: string | undefined, what: string): Promise<string> {
  const text = (await secretText(world, path, what)).replace(/\r?\n$/, '');
  if (text !== '') return text;
  throw new CliFault('usage', `The ${what} is empty.`, `Send it on standard input, or name a file that holds it`);
}

async function secretText(world: World, path: string | undefined, what: string): Promise<string> {
  if (path !== undefined && path !== '-') return readText(world, path);
  if (path === undefined && isInteractive(world)) return askPerson(world, `${what}: `);
  return readStdin(world, secretBytesMax);
}
