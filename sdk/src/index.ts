/**
 * For agents: prove who you are, take a task, call APIs through the gateway as if by `fetch`. Promises that every
 * request carries a fresh proof over its method, URL and body, that tokens and proofs go to the one configured gateway
 * only, and that no call is ever sent twice. It holds no credential of the APIs, decides nothing, and reads no answer.
 */

export type {
  AgentId,
  ApprovalId,
  ArgumentRule,
  Ask,
  Authority,
  Constraint,
  Grant,
  Limit,
  TaskId,
} from '@ambit/protocol';
export type { Elevation, Ended, Ending, Purpose, TaskOrigin, TaskShown, TaskState } from '@ambit/protocol/wire';
export { createAgentKey, forgetAgentKey, type KeyPlace, type OsKeyPlace } from './agent-key.ts';
export { ApprovalPending } from './approval-pending.ts';
export type { Wait } from './await-approval.ts';
export type { CallInit, CallOptions, Claim } from './call.ts';
export {
  type Agent,
  type ByCertificate,
  type ByEnrolment,
  type ByKey,
  type ByWorkload,
  type Connecting,
  connect,
  type OwnTask,
} from './connect.ts';
export type { Elevating } from './elevate.ts';
export type { Workload } from './self.ts';
export type { Delegated, Delegation, SubAgentOffer, Task } from './task.ts';
export type { CertificateInput } from './wire/certificate.ts';
export type { SigningAlg, SigningKey } from './wire/key.ts';
export {
  KeyFault,
  type KeyInput,
  newKey,
  openKey,
  type PrivateJwk,
  type PublicJwk,
  parseKey,
  printKey,
} from './wire/key.ts';
export {
  AmbitFault,
  AmbitRefusal,
  ApprovalExpired,
  ApprovalRefused,
  Denied,
  type RefusalParts,
  StepUpNeeded,
  TaskEnded,
  Unauthenticated,
  Unknown,
} from './wire/refusal.ts';
export type { Beneath } from './wire/wire.ts';
