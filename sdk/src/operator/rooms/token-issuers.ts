import type { PersonId, TokenIssuerId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

/** An OIDC issuer whose tokens tell workloads apart: a CI service, a cluster. */
export type TokenIssuer = {
  readonly id: TokenIssuerId;
  /** As `iss` says it, letter by letter. */
  readonly issuer: string;
  /** Where its keys are; null where its own metadata says so. */
  readonly jwksUrl: string | null;
  readonly lifeSecondsMax: number;
  /** Whether each of its tokens counts once, from the same key too; null where nobody was asked yet. */
  readonly singleUse: boolean | null;
  readonly setBy: PersonId;
  /** Epoch milliseconds. */
  readonly setAt: number;
};

export type NewTokenIssuer = {
  readonly issuer: string;
  readonly jwksUrl?: string;
  /** 3600 unless given. */
  readonly lifeSecondsMax?: number;
  /** As before unless given, and not at first. */
  readonly singleUse?: boolean;
};

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
