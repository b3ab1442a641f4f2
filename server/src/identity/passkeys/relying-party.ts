import { isIP } from 'node:net';
import type { PasskeyScope } from '@ambit/protocol';
import { refuse } from '../../foundation/index.ts';

/** Whose passkeys they are (WebAuthn §5.1.2): those of the host of the people's origin, used at that origin only. */
export function relyingParty(origin: string): PasskeyScope {
  const { hostname } = new URL(origin);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) {
    throw refuse('passkey.unavailable', `the people's origin ${origin} has an address for a name`);
  }
  return { rpId: hostname, origin };
}
