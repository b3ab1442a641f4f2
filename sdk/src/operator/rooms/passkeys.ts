import { fromBase64Url, toBase64Url } from '@ambit/protocol';
import type { PasskeyAddition, PersonKey } from '@ambit/protocol/wire';
import { sha256 } from '../../wire/jws.ts';
import { type BrowserCredentials, createCredential } from '../passkeys/credentials.ts';
import type { Ask } from '../request.ts';
import type { Signer } from '../signer.ts';

export type NewPasskey = {
  /** `navigator.credentials`. */
  readonly credentials: BrowserCredentials;
  readonly label: string;
};

export type Passkeys = ReturnType<typeof passkeysRoom>;

export function passkeysRoom({ json }: Ask, { sign, person, tenant, clock }: Signer) {
  return {
    /**
     * Makes one more passkey for the person in the session, who confirms twice: that it is made, and with a key they
     * have already that it is theirs. `me` lists them, `persons.revokeKey` revokes one.
     */
    async add({ credentials, label }: NewPasskey): Promise<PersonKey> {
      const { publicKey } = await json('POST /v1/person-keys/passkey/options');
      const credential = await createCredential(credentials, publicKey);
      const attestation = await sha256(fromBase64Url(credential.response.attestationObject) ?? new Uint8Array());
      const document: PasskeyAddition = {
        type: 'ambit_passkey_addition',
        tenant: await tenant(),
        person,
        credential: credential.id,
        attestation: `sha-256:${toBase64Url(attestation)}`,
        label,
        at: clock(),
      };
      const signature = await sign(document);
      return json('POST /v1/person-keys/passkey', { body: { document, credential, signature } });
    },
  };
}
