import type { TokenIssuerId } from '@ambit/protocol';
import type { NewTokenIssuer } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type TokenIssuers = ReturnType<typeof tokenIssuersRoom>;

export function tokenIssuersRoom({ json }: Ask) {
  return {
    /** For administrators. */
    set: (issuer: NewTokenIssuer) => json('POST /v1/token-issuers', { body: issuer }),
    list: async () => (await json('GET /v1/token-issuers')).tokenIssuers,
    /** For administrators: revokes the rules of agents that stand on it, too. */
    remove: (id: TokenIssuerId) => json('DELETE /v1/token-issuers/:issuer', { at: { issuer: id } }),
  };
}
