import type { CredentialId, TokenId } from '@ambit/protocol';
import type { Fields } from '../foundation/index.ts';

/** Every kind of entry, with the one sentence that docs and traces say of it. */
export const entryKinds = {
  'call.decided': 'A call was decided: permitted, to be asked, or denied.',
  'call.outcome': 'What became of a call that was sent: done, failed, or unknown.',
  'log.exported': 'Somebody exported the log of the tenant, with or without details.',
} as const satisfies Record<string, string>;

/** What the agent says about itself: quoted as its claim, never believed. */
export type AgentClaim = { readonly reason?: string; readonly step?: string; readonly toolCall?: string };

/** What the agent wanted, as it was decided. */
export type Asked = {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly query: string;
  readonly arguments: Fields;
};

/** The detail of a `call.decided`: the whole question, enough to decide it again later. */
export type DecidedDetail = {
  readonly asked: Asked | null;
  readonly digest: string | null;
  /** The token that the agent came with. */
  readonly token: TokenId | null;
  /** The downstream credential that is lent. */
  readonly credential: CredentialId | null;
  /** Sentences for people, in the order they weighed. */
  readonly because: readonly string[];
  readonly claim: AgentClaim | null;
  /** Every fact that the decision read, and the versions of policy and catalog. */
  readonly question: Fields;
};

/** The detail of a `call.outcome`, which is `about` its `call.decided`. */
export type OutcomeDetail = {
  /** HTTP status of the upstream's answer; null where none came. */
  readonly status: number | null;
  readonly because: readonly string[];
  /** Digest and, by sensitivity, a bounded copy of the answer. */
  readonly answer: Fields | null;
  readonly milliseconds: number;
};
