import type { TenantId } from '@ambit/protocol';
import type { Change, Ground, PeerCertificate } from '../../foundation/index.ts';
import type { AgentFacts } from '../facts.ts';

/** What an agent sends to authenticate itself at an OAuth endpoint (RFC 6749 §2.3, RFC 7521 §4.2). */
export type ClientCredentials = {
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly authorization: string | undefined;
  /** Of the connection; null where none came. */
  readonly certificate: PeerCertificate | null;
  /** What the token will be bound to, or would be: an assertion that names something else is not meant for this. */
  readonly holder: { readonly jkt: string; readonly x5t: string | null } | null;
};

export type ClientRules = {
  /** The one audience that assertions may name. */
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly now: number;
};

/** Who that is, by what of its registration, and what is used up by saying so. Nothing is written yet. */
export type ProvedClient = {
  readonly tenant: TenantId;
  readonly facts: AgentFacts;
  /** Thumbprint of a key of the agent that holds now, or the id of an `AgentIdentity` of it. */
  readonly agentKey: string;
  readonly spend: readonly Change[];
};

/**
 * A way for an agent to prove who it is (RFC 6749 §2.3, RFC 8414 `token_endpoint_auth_methods_supported`), in a file of
 * its own. What is common to all of them, that the agent and its owner are active and that a proof counts once, is
 * `proveAgent`'s.
 */
export type ClientMethod = {
  /** As metadata and entries name it. */
  readonly name: string;
  /** The `client_assertion_type` that it takes (RFC 7521 §4.2); null where it takes no assertion. */
  readonly assertionType: string | null;
  /** Whether the request means this method, by what it brings along. Of all methods one at most may say so. */
  readonly isMeant: (credentials: ClientCredentials) => boolean;
  /** Refuses with an error that is `invalid_client` on the wire. Who is not known is told no more than that. */
  readonly prove: (ground: Ground, credentials: ClientCredentials, rules: ClientRules) => Promise<ProvedClient>;
};
