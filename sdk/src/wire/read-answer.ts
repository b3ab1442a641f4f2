import { JsonFault, parseKept } from '@ambit/protocol';
import { notPlane, readRefusal, refusalFrom } from './refusal.ts';

/** The JSON of a good answer, `undefined` for 204. Throws `AmbitRefusal`, or `AmbitFault` where it is not the plane’s. */
export async function readAnswer<T>(response: Response): Promise<T> {
  await requireGood(response);
  if (response.status === 204) return undefined as T;
  try {
    return parseKept(await response.text()) as T;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof JsonFault) throw notPlane(response);
    throw error;
  }
}

export async function requireGood(response: Response): Promise<void> {
  if (response.ok) return;
  const refused = await readRefusal(response);
  throw refused === undefined ? notPlane(response) : refusalFrom(refused);
}
