/**
 * Authority: what may be done, as lists of grants that only ever narrow. It knows when a grant covers a call, when one
 * authority lies within another, and when a person has to be asked. It promises that nothing a narrower authority
 * covers is outside the wider one, and that whatever is unknown is outside both. Pure: it deliberately does not know
 * the time, the store, who asks, or what was spent; it is told.
 */

export {
  actionsMax,
  argumentsMax,
  asksMax,
  authorityShape,
  type CallFacts,
  type ConstraintKind,
  type Covered,
  constraintKinds,
  constraintsMax,
  covers,
  currenciesOf,
  describeConstraint,
  describeGrant,
  describeLimit,
  grantsMax,
  holds,
  limitShape,
  limitsMax,
  listMembers,
  listMembersMax,
  type Money,
  type NotCovered,
  readMoney,
  type Shortfall,
  shortName,
  show,
  showText,
  type Value,
  windowSecondsMax,
} from '@ambit/protocol';
export * from './asks.ts';
export { implies, pairs } from './implies.ts';
export { intersect, reduce } from './intersect.ts';
export * from './meet.ts';
export { maxOf, type Narrowing, narrows } from './narrows.ts';
export * from './parse-authority.ts';
