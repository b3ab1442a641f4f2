import { fromBase64Url, type PersonId, type TenantId, toBase64Url } from '@ambit/protocol';
import { sha256 } from '../../wire/jws.ts';
import type { PersonKey } from '../enrol.ts';
import { type BrowserCredentials, type CreationOptionsJson, createCredential } from '../passkeys/credentials.ts';
import type { Ask } from '../request.ts';
import type { Signer } from '../signer.ts';

/** What a person signs, with a key they have already, to get another one. */
export type PasskeyAddition = {
  readonly type: 'ambit_passkey_addition';
  readonly tenant: TenantId;
  readonly person: PersonId;
  /** Id of the new credential, base64url. */
  readonly credential: string;
  /** `sha-256:` of its attestation object, which holds the public key. */
  readonly attestation: string;
  readonly label: string;
  readonly at: number;
};

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
      const { publicKey } = await json<{ publicKey: CreationOptionsJson }>('POST', '/v1/person-keys/passkey/options');
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
      return json('POST', '/v1/person-keys/passkey', { document, credential, signature });
    },
  };
}
