/**
 * Approvals: a question to a person about one exact call. The room promises that a question is answered once, by a
 * signature over everything that was shown, its own or one over a list of several, and that an approved call is claimed
 * at most once. It deliberately does not decide: a yes is a fact for the next decision, never a permit.
 */
export { type Answering, answerApproval } from './answer.ts';
export { type AnsweringTogether, answerTogether, type Became } from './answer-together.ts';
export { answeredWith } from './answered-with.ts';
export {
  type Answer,
  type AnswerDocument,
  type Approval,
  type ApprovalResult,
  isOpen,
} from './approval.ts';
export { type AskLimits, ask, type Question } from './ask.ts';
export { channelsRoutes, openChannels } from './channels/index.ts';
export { endRemembered } from './end-remembered.ts';
export { expireRemembered } from './expire-remembered.ts';
export { questionOf } from './question-of.ts';
export { type Claimant, claim, conclude, type ParkedCall } from './resume.ts';
export { type Answers, approvalsRoutes, mayReadApproval } from './routes.ts';
export { type ApprovalRule, ruleByDefault, ruleFor } from './rule.ts';
export { setApprovalRule } from './set-rule.ts';
export { type StandingYes, standingYeses } from './standing-yes.ts';
export {
  addResult,
  approvalIn,
  findApproval,
  findResult,
  listOfAgent,
  listOfDigest,
  listOfTask,
  moveApproval,
} from './store.ts';
export { type Runs, sweepApprovals } from './sweep.ts';
export { type Bell, createBell } from './wait.ts';
export { whoSaidYes } from './yes.ts';
