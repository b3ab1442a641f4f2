import { canonicalJson, type StandingGrantId, toBase64Url, utf8 } from '@ambit/protocol';
import type { StandingGrant, StandingGrantDocument } from '@ambit/protocol/wire';
import { sha256 } from '../../wire/jws.ts';
import type { Ask } from '../request.ts';
import type { Signer } from '../signer.ts';

export type NewStandingGrant = Pick<
  StandingGrantDocument,
  'agent' | 'authority' | 'liveTasksMax' | 'taskSecondsMax' | 'expiresAt'
>;

/** What would be signed, with the digest that a device is shown: `sha-256:` and base64url of its canonical JSON (RFC 8785). */
export type WrittenGrant = { readonly document: StandingGrantDocument; readonly digest: string };

export type StandingGrants = ReturnType<typeof standingGrantsRoom>;

export function standingGrantsRoom({ json }: Ask, { sign, person, tenant, clock }: Signer) {
  /** Writes down what would be signed, for whoever looks at it first; it is good for five minutes. */
  async function write(grant: NewStandingGrant): Promise<WrittenGrant> {
    const { agent, authority, liveTasksMax, taskSecondsMax, expiresAt } = grant;
    const document: StandingGrantDocument = {
      type: 'ambit_standing_grant',
      tenant: await tenant(),
      agent,
      owner: person,
      authority,
      liveTasksMax,
      taskSecondsMax,
      issuedAt: clock(),
      expiresAt,
    };
    return { document, digest: `sha-256:${toBase64Url(await sha256(utf8(canonicalJson(document))))}` };
  }
  return {
    write,
    /** For the owner of the agent: signs every word of it with the key or a passkey of this operator. */
    async sign(grant: NewStandingGrant | WrittenGrant): Promise<StandingGrant> {
      const { document } = 'document' in grant ? grant : await write(grant);
      return json('POST /v1/standing-grants', { body: { document, signature: await sign(document) } });
    },
    /** For the owner of the agent or an administrator. `agents.show` lists them. */
    revoke: (grant: StandingGrantId) => json('DELETE /v1/standing-grants/:grant', { at: { grant } }),
  };
}
