import { createPrivateKey, hash, type KeyObject } from 'node:crypto';
import type { PrivateJwk } from '@ambit/sdk';
import { openProver, signClaims, thumbprintOf } from './proofs.ts';

/** Who asks a token endpoint: `private_key_jwt` (RFC 7523) by one key, DPoP (RFC 9449) by the other. */
export type TokenClient = {
  readonly id: string;
  readonly key: PrivateJwk;
  readonly proofKey: PrivateJwk;
  /** What the form says besides who asks. */
  readonly form: Readonly<Record<string, string>>;
  /** RFC 8693: who takes over, by a token that it signed for this exchange alone. */
  readonly actor?: { readonly id: string; readonly key: PrivateJwk; readonly proofKey: PrivateJwk };
};

export type TokenEndpoint = { readonly url: string; readonly audience: string };

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

/** Requests to a token endpoint, each with an assertion, a proof and an actor token of its own. */
export function tokenRequestMaker({ url, audience }: TokenEndpoint, client: TokenClient) {
  const assert = asserter(client, audience);
  const prove = openProver(client.proofKey);
  const act = client.actor === undefined ? undefined : asserter(client.actor, audience);
  return (): { readonly body: string; readonly headers: readonly string[] } => {
    const form = {
      ...client.form,
      client_id: client.id,
      client_assertion_type: assertionType,
      client_assertion: assert(),
      ...(act === undefined ? {} : { actor_token: act(), actor_token_type: jwtType }),
    };
    const body = new URLSearchParams(form).toString();
    const proof = prove({ htm: 'POST', htu: url, ambit_body: `sha-256:${hash('sha256', body, 'base64url')}` });
    return { body, headers: [`dpop: ${proof}`] };
  };
}

type Asserting = { readonly id: string; readonly key: PrivateJwk; readonly proofKey: PrivateJwk };

function asserter({ id, key, proofKey }: Asserting, audience: string): () => string {
  const opened: KeyObject = createPrivateKey({ key: { ...key }, format: 'jwk' });
  const header = { alg: 'ES256', typ: 'JWT', kid: thumbprintOf(key) };
  const cnf = { jkt: thumbprintOf(proofKey) };
  return () => signClaims(opened, header, { iss: id, sub: id, aud: audience, cnf });
}
