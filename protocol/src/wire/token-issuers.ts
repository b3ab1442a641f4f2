import type { PersonId, TokenIssuerId } from '../ids.ts';

/**
 * An OIDC issuer whose tokens tell workloads apart: a CI service, a cluster. Its word alone makes nobody an agent; a rule of
 * the agent (an identity) says which of its tokens do.
 */
export type TokenIssuer = {
  readonly id: TokenIssuerId;
  /** As `iss` says it, letter by letter. */
  readonly issuer: string;
  /** Where its keys are; null where its own metadata says so, at its own origin. */
  readonly jwksUrl: string | null;
  /** How long its tokens may live at most. */
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
