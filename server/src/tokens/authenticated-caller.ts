import type { AgentCaller, Change } from '../foundation/index.ts';
import { type Proof, spendProof } from '../identity/index.ts';
import type { VerifiedToken } from './token.ts';

/**
 * Evidence that a request came with a token of ours, and a fresh proof by the key the token is bound to or over a
 * connection with the certificate it is bound to; or with a static key, from where that is bound to. Only `verify` and
 * `proveTemplateKey` make one, which is why other rooms see its type only. The proof is not spent yet: `spend` goes into the
 * unit that relies on it, and whether all of it still stands is read from rows.
 */
export class AuthenticatedCaller {
  readonly #verified = true;
  readonly caller: AgentCaller;
  /** Null where a static key came. */
  readonly token: VerifiedToken | null;
  /** Null where the connection itself is what shows the key. */
  readonly proof: Proof | null;

  constructor(caller: AgentCaller, token: VerifiedToken | null, proof: Proof | null) {
    this.caller = caller;
    this.token = token;
    this.proof = proof;
  }

  /** INVARIANT (replay): whoever admits, parks or refuses the request has this in the same unit. */
  get spend(): readonly Change[] {
    return this.proof === null ? [] : [spendProof(this.proof)];
  }

  get isVerified(): true {
    return this.#verified;
  }
}
