import { AmbitRefusal, type ByKey, connect, newKey } from '@ambit/sdk';
import { newTrace } from './report-line.ts';

export type Theft = { readonly status: number; readonly says: string; readonly traceparent: string };
type Delegated = Parameters<Awaited<ReturnType<typeof connect>>['take']>[0];

/** Mallory has a copy of the token and a key of her own: a proof by the wrong key is worth as little as none. */
export async function useStolenToken(
  victim: Pick<ByKey, 'url' | 'agent'>,
  stolen: Delegated,
  path: string,
): Promise<Theft> {
  const mallory = await connect({ ...victim, key: await newKey('ES256') });
  const traceparent = newTrace();
  try {
    const response = await mallory.take(stolen).fetch(path, { headers: { traceparent } });
    return { status: response.status, says: '', traceparent };
  } catch (error) {
    if (!(error instanceof AmbitRefusal)) throw error;
    return { status: error.status, says: error.says, traceparent };
  }
}
