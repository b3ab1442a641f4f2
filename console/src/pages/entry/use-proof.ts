import type { EntryId } from '@ambit/protocol';
import type { EntryShown, Operator } from '@ambit/sdk/operator';
import { useState } from 'react';
import { planeNow } from '../../plane/reach.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { type SeenLog, verifiedLog } from '../../plane/verified-log.ts';
import type { Proven } from './verify-entry.ts';

export type ProofState =
  | { readonly is: 'open' | 'checking' }
  /** `of` is what exactly was checked; `before` the log as it was seen here until then. */
  | {
      readonly is: 'proven';
      readonly proven: Proven;
      readonly of: EntryShown;
      readonly at: number;
      readonly before: SeenLog | null;
    }
  | { readonly is: 'false'; readonly says: string }
  | { readonly is: 'failed'; readonly error: unknown };

/** The proof of one entry, checked in this page when somebody asks for it. */
export function useProof(wanted: EntryId) {
  const { operator } = usePlane();
  const [state, setState] = useState<ProofState>({ is: 'open' });
  return {
    state,
    async check(): Promise<void> {
      setState({ is: 'checking' });
      setState(await check(operator, wanted).catch((error: unknown): ProofState => ({ is: 'failed', error })));
    },
  };
}

async function check({ log }: Operator, wanted: EntryId): Promise<ProofState> {
  // A chunk of its own: only who proves something loads the arithmetic.
  const { becameShorter, ProofFault, verifyEntry } = await import('./verify-entry.ts');
  const seen = await verifiedLog.read();
  const newest = await log.checkpoint();
  // What was cut away cannot be asked about any more.
  if (seen !== null && newest.size < seen.size) return { is: 'false', says: becameShorter(seen.size, newest.size) };
  const [shown, inclusion] = await Promise.all([log.entry(wanted), log.inclusion(wanted, newest.size)]);
  const consistency = seen === null ? null : await log.consistency(seen.size, newest.size);
  try {
    const proven = verifyEntry({ wanted, shown, newest, inclusion, seen, consistency });
    const { key, size, root } = proven;
    await verifiedLog.write({ key, size, root, since: seen?.since ?? planeNow() });
    return { is: 'proven', proven, of: shown, at: newest.at, before: seen };
  } catch (error) {
    if (error instanceof ProofFault) return { is: 'false', says: error.message };
    throw error;
  }
}
