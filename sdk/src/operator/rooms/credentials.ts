import type { CredentialId } from '@ambit/protocol';
import type { NewCredential } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Credentials = ReturnType<typeof credentialsRoom>;

/** For administrators. */
export function credentialsRoom({ json }: Ask) {
  return {
    store: (credential: NewCredential) => json('POST /v1/credentials', { body: credential }),
    list: async () => (await json('GET /v1/credentials')).credentials,
    show: (credential: CredentialId) => json('GET /v1/credentials/:credential', { at: { credential } }),
    /** A new secret in the place of the one in use; the old one is watched for in answers for the overlap. */
    rotate: (credential: CredentialId, secret: string, overlapSeconds?: number) =>
      json('POST /v1/credentials/:credential/rotate', {
        at: { credential },
        body: {
          secret,
          ...(overlapSeconds !== undefined && { overlapSeconds }),
        },
      }),
    /** Ends it for good and erases its secret. */
    disable: (credential: CredentialId, reason: string) =>
      json('POST /v1/credentials/:credential/disable', { at: { credential }, body: { reason } }),
  };
}
