import type { PersonId, TokenIssuerId } from '@ambit/protocol';

/**
 * An OIDC issuer whose tokens tell workloads apart: a CI service, a cluster. Its word alone makes nobody an agent; a
 * rule of the agent says which of its tokens do (`WorkloadRule`).
 */
export type TokenIssuer = {
  readonly id: TokenIssuerId;
  /** As `iss` says it, letter by letter. */
  readonly issuer: string;
  /** Where its keys are; null where its own metadata says so, at its own origin. */
  readonly jwksUrl: string | null;
  /** How long its tokens may live at most, in seconds. */
  readonly lifeSecondsMax: number;
  /** Whether each of its tokens counts once, from the same key too. Null in rows of releases that did not ask. */
  readonly singleUse: boolean | null;
  readonly setBy: PersonId;
  readonly setAt: number;
};
