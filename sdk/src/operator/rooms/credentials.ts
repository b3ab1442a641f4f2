import type { CredentialId } from '@ambit/protocol';
import type { Credential, NewCredential } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type Credentials = ReturnType<typeof credentialsRoom>;

/** For administrators. */
export function credentialsRoom({ json }: Ask) {
  return {
    store: (credential: NewCredential) => json<Credential>('POST', '/v1/credentials', credential),
    list: async () => (await json<{ credentials: readonly Credential[] }>('GET', '/v1/credentials')).credentials,
    show: (credential: CredentialId) => json<Credential>('GET', at('/v1/credentials/', credential)),
    /** A new secret in the place of the one in use; the old one is watched for in answers for the overlap. */
    rotate: (credential: CredentialId, secret: string, overlapSeconds?: number) =>
      json<Credential>('POST', at('/v1/credentials/', credential, '/rotate'), {
        secret,
        ...(overlapSeconds !== undefined && { overlapSeconds }),
      }),
    /** Ends it for good and erases its secret. */
    disable: (credential: CredentialId, reason: string) =>
      json<Credential>('POST', at('/v1/credentials/', credential, '/disable'), { reason }),
  };
}
