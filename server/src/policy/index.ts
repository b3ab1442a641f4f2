/**
 * policy: the organisation's own rules, written in Cedar, and its domains beside them.
 * Knows: Cedar, the schema that the catalog gives rise to, and what one question looks like to a rule.
 * Promises: answers are those of the official evaluator; deny beats ask beats permit; a rule that errs denies; a set
 * that is not understood whole is not published. Judging is pure: the same set and question give the same answer.
 * Does not know: whether the task's authority covers the call, what was spent, or who is asked and what they say.
 */
export { defaultLimits, type Limits } from './cedar/limits.ts';
export { type Official, startOfficial } from './cedar/official.ts';
export { OfficialError } from './cedar/official-error.ts';
export { type Decision, decide, mustStand, type Permit, questionOf, type Reason } from './decide.ts';
export { defaultPolicies } from './default-policies.cedar.ts';
export type { Domain } from './domains/domain.ts';
export type { DomainQuestion, NamedThing } from './domains/domain-question.ts';
export { createDomains, type Domains } from './domains/domains.ts';
export {
  type ApprovalFact,
  type Bound,
  type ChargeFact,
  type Facts,
  type Halt,
  linkCounter,
  type RememberedFact,
} from './facts.ts';
export { type Because, type Judgement, judge, judgeQuestion } from './judge.ts';
export { judgeOfficially } from './judge-officially.ts';
export { closedByDefault, type PolicyAbout, type PolicySet, type Problem } from './policy-set.ts';
export { PolicyTextError, preparePolicySet } from './publish.ts';
export {
  type ActionForSchema,
  type ArgumentType,
  type AskedAction,
  type AskedTask,
  type AskingAgent,
  type AskingPerson,
  type CedarQuestion,
  type DeclaredArgument,
  type Question,
  toCedar,
  type Unreadable,
} from './question.ts';
export { policyRoutes } from './routes.ts';
export { type CatalogView, createRules, judgeQuestionOfficially, publishDefault, type Rules } from './rules.ts';
export { policySchema } from './schema.ts';
export { newestPolicy, type PublishedPolicy } from './store.ts';
