import type {
  ActorClaim,
  AgentId,
  MissionClaim,
  PersonId,
  TaskId,
  TenantId,
  TokenId,
  WorkloadKind,
} from '@ambit/protocol';
import { claim } from '@ambit/protocol';

/** A token that was issued. The text of it is nowhere kept: its signature is what makes it one. */
export type IssuedToken = {
  readonly id: TokenId;
  readonly agent: AgentId;
  /** Null for a token of the agent alone, which speaks to the plane and to nothing else. */
  readonly task: TaskId | null;
  /** Thumbprint of the key that its proofs must be signed with, or that its certificate is for. */
  readonly jkt: string;
  /** Thumbprint of the certificate it is good with (RFC 8705 §3.1); null where proofs show the key. */
  readonly x5t: string | null;
  /** Thumbprint of the registered key by which the agent proved itself, or the id of the name from outside. */
  readonly agentKey: string;
  /** The token it came from by exchange: it lives no longer than that one is left alone. */
  readonly parentToken: TokenId | null;
  readonly state: 'live' | 'revoked';
  /** The list that says whether it stands, and its place there; null in rows of releases that published none. */
  readonly statusList: string | null;
  readonly statusIndex: number | null;
  /** The API that it is for, where that verifies tokens itself, and the digest of what it says may be done there. */
  readonly resource: string | null;
  readonly authorityHash: string | null;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
};

/** What a token says, after signature, type, issuer, audience and times were checked. */
export type VerifiedToken = {
  readonly id: TokenId;
  readonly tenant: TenantId;
  readonly agent: AgentId;
  /** What the agent is. */
  readonly kind: WorkloadKind;
  /** The person who asked; null where the agent itself did. */
  readonly requester: PersonId | null;
  readonly audience: string;
  /** Either this, the key of proofs, or the next: what it is bound to. */
  readonly jkt: string | null;
  readonly x5t: string | null;
  readonly agentKey: string;
  readonly task: TaskId | null;
  /** The task that the run began with. */
  readonly run: TaskId | null;
  readonly mission: MissionClaim | null;
  /** RFC 8693 §4.1: the outermost is the current actor. */
  readonly actor: ActorClaim;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
};

/** RFC 7800 §3.1: the claim `cnf` of what is bound so. */
export const confirmationOf = ({ jkt, x5t }: Pick<VerifiedToken, 'jkt' | 'x5t'>): object =>
  x5t === null ? { [claim.thumbprint]: jkt } : { [claim.certificateThumbprint]: x5t };

/** RFC 6749 §7.1: how a token that is bound so is sent. */
export const tokenTypeOf = ({ x5t }: Pick<VerifiedToken, 'x5t'>): 'DPoP' | 'Bearer' =>
  x5t === null ? 'DPoP' : 'Bearer';

/** Claims that the shared table does not name: RFC 8417 §2.2 has `txn`, here the run; the other is ours. */
export const tokenClaim = { ...claim, run: 'txn', agentKey: 'ambit_key' } as const;
