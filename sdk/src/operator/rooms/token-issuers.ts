import type { TokenIssuerId } from '@ambit/protocol';
import type { NewTokenIssuer, TokenIssuer } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type TokenIssuers = ReturnType<typeof tokenIssuersRoom>;

export function tokenIssuersRoom({ json }: Ask) {
  return {
    /** For administrators. */
    set: (issuer: NewTokenIssuer) => json<TokenIssuer>('POST', '/v1/token-issuers', issuer),
    list: async () => (await json<{ tokenIssuers: readonly TokenIssuer[] }>('GET', '/v1/token-issuers')).tokenIssuers,
    /** For administrators: revokes the rules of agents that stand on it, too. */
    remove: (id: TokenIssuerId) =>
      json<{ readonly id: TokenIssuerId; readonly revoked: number }>('DELETE', at('/v1/token-issuers/', id)),
  };
}
