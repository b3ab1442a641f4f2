/**
 * For people’s tools: everything that a person may do at a plane, typed, in the person’s own name and by the person’s
 * own key. Promises that every request carries a fresh proof over its method, URL and body, that tokens and proofs go
 * to the one configured origin only, and that what a person signs is exactly the document shown here. It keeps no key,
 * decides nothing, and repeats nothing that was done.
 */

export {
  type Acting,
  type ActingTask,
  type ActionUse,
  type AgentId,
  type AgentOverview,
  type Alike,
  type AnswersDocument,
  type ApprovalCard,
  type ApprovalId,
  type ApprovalState,
  type ArgumentRule,
  type Ask,
  type AskReason,
  type Authority,
  answeredTogetherMax,
  approvalCard,
  type Bounds,
  boundsWithin,
  type Constraint,
  cleanText,
  type DocumentSignature,
  type Grant,
  isPlainName,
  type Lane,
  type Limit,
  type ListedQuestion,
  type LiveEvent,
  mixedWord,
  type Narrowed,
  type NeverRemembered,
  type NeverTogether,
  neverRemembered,
  neverTogether,
  type Part,
  type PartSource,
  type PersonId,
  type PersonKeyKind,
  quoteText,
  type Rememberable,
  type RememberedId,
  type RunLine,
  type RunUndo,
  rememberableOf,
  rememberedCallsMax,
  renderPart,
  renderParts,
  type SeenPiece,
  type Shown,
  type ShownBudget,
  type ShownValue,
  SignatureFault,
  type SignedDocument,
  type SignedQuestion,
  type SignerKey,
  type Stopped,
  sayBounds,
  sayBoundsInOne,
  seenText,
  type TaskId,
  type TogetherCard,
  type Touched,
  type TouchedResource,
  togetherCard,
  type UndoAnswer,
  type UndoState,
  type UndoTask,
  unseenCount,
  type ValuePart,
  type Widest,
  whyNotTogether,
} from '@ambit/protocol';
export type * from '@ambit/protocol/wire';
export type { SigningAlg, SigningKey } from '../wire/key.ts';
export {
  KeyFault,
  type KeyInput,
  newKey,
  newProofPair,
  openKey,
  type PrivateJwk,
  type PublicJwk,
  parseKey,
  printKey,
} from '../wire/key.ts';
export {
  AmbitFault,
  AmbitRefusal,
  Denied,
  type RefusalParts,
  Unauthenticated,
} from '../wire/refusal.ts';
export type { Beneath } from '../wire/wire.ts';
export { checkSignature } from './check-signature.ts';
export {
  type Connecting,
  connectOperator,
  type Operator,
} from './connect-operator.ts';
export { type Enrolling, enrol } from './enrol.ts';
export type * from './live.ts';
export { type BrowserCredentials, PasskeyFault } from './passkeys/credentials.ts';
export { type EnrollingPasskey, enrolWithPasskey } from './passkeys/enrol-with-passkey.ts';
export {
  type KeptSession,
  type Resuming,
  resumeSession,
  type SignedIn,
  type SigningIn,
  signInWithPasskey,
} from './passkeys/sign-in.ts';
export type * from './rooms/agents.ts';
export type * from './rooms/approvals.ts';
export type * from './rooms/catalog.ts';
export type * from './rooms/channels.ts';
export type * from './rooms/credentials.ts';
export type * from './rooms/domains.ts';
export type * from './rooms/limits.ts';
export type * from './rooms/log.ts';
export type * from './rooms/passkeys.ts';
export type * from './rooms/persons.ts';
export type * from './rooms/points.ts';
export type * from './rooms/policies.ts';
export type * from './rooms/proposals.ts';
export type * from './rooms/runs.ts';
export type * from './rooms/sign-in-providers.ts';
export type * from './rooms/signals.ts';
export type * from './rooms/standing-grants.ts';
export type * from './rooms/tasks.ts';
export type * from './rooms/template-keys.ts';
export type * from './rooms/token-issuers.ts';
export type * from './rooms/trust-domains.ts';
export {
  type FinishingSignIn,
  finishSignIn,
  type StartingSignIn,
  startSignIn,
} from './sign-in.ts';
