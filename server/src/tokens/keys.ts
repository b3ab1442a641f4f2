import { createPublicKey, type KeyObject } from 'node:crypto';
import type { PlaneKeys } from '../foundation/index.ts';
import { createRecent, type Recent } from '../identity/index.ts';
import type { VerifiedToken } from './token.ts';

/** The keys that tokens are signed and verified with. After a rotation `main` opens a new set and hands that out. */
export type TokenKeys = {
  readonly signing: { readonly kid: string; readonly key: KeyObject };
  readonly verifying: ReadonlyMap<string, KeyObject>;
  /** RFC 7517 §5: the public halves of all of them. */
  readonly jwks: { readonly keys: readonly object[] };
  /**
   * Tokens whose signature was checked, by their hash. It belongs to this set of keys: what a dropped key signed is
   * forgotten together with the set.
   */
  readonly seen: Recent<VerifiedToken>;
};

export const tokenAlg = 'ES256';
const seenMax = 10_000;

export function openTokenKeys({ tokens }: Pick<PlaneKeys, 'tokens'>): TokenKeys {
  const signing = tokens[0];
  if (signing === undefined) throw new Error('there is no key to sign tokens with: run `ambit init`');
  const open = tokens.map(({ kid, key }) => ({ kid, key: createPublicKey(key) }));
  return {
    signing,
    verifying: new Map(open.map(({ kid, key }) => [kid, key])),
    jwks: { keys: open.map(({ kid, key }) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: tokenAlg })) },
    seen: createRecent(seenMax),
  };
}
