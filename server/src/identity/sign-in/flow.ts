import type { SignInProviderId } from '@ambit/protocol';
import { refuse } from '../../foundation/index.ts';
import type { Seal } from './provider-clients.ts';

/**
 * A sign-in under way. It travels sealed, as `state`, so that strangers who begin a million of them fill nothing here;
 * it ends once, in the unit that opens the session.
 */
export type Flow = {
  readonly id: string;
  readonly provider: SignInProviderId;
  /** Thumbprint of the key that began it: INVARIANT (whose session): no other key ends it. */
  readonly jkt: string;
  readonly nonce: string;
  /** RFC 7636. */
  readonly verifier: string;
  /** How long ago the person may have proved who they are; null where any time will do. */
  readonly maxAgeSeconds: number | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export const flowSeconds = 600;
const bound = 'sign-in flow';

export const sealFlow = (seal: Seal, flow: Flow): string => seal.seal(JSON.stringify(flow), bound);

/** Refuses with `sign_in.refused`, whatever is wrong with it. */
export function openFlow(
  seal: Seal,
  state: string,
  { jkt, now }: { readonly jkt: string; readonly now: number },
): Flow {
  // One spelling per box: what was changed anywhere is none of ours.
  if (Buffer.from(state, 'base64url').toString('base64url') !== state)
    throw refuse('sign_in.refused', 'state is none of ours');
  const flow = opened(() => seal.open(state, bound));
  if (now >= flow.expiresAt) throw refuse('sign_in.refused', `the sign-in ended at ${flow.expiresAt}`);
  if (flow.jkt !== jkt) throw refuse('sign_in.refused', `${flow.jkt} began it, and ${jkt} would end it`);
  return flow;
}

function opened(open: () => string): Flow {
  try {
    return JSON.parse(open());
  } catch (error) {
    throw refuse('sign_in.refused', `state is none of ours (${error instanceof Error ? error.name : 'unknown'})`);
  }
}
