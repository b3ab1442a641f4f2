import {
  compareDecimal,
  type Decimal,
  type DenialParts,
  decimalOf,
  type Grant,
  partsOfShortfall,
  type RefusalCode,
  reasonWithSum,
  type ShownSum,
  subtractDecimal,
} from '@ambit/protocol';
import { askCounters, asksOf, covers, fits } from '../authority/index.ts';
import type { Person } from '../identity/index.ts';
import { type Elevation, isLive, isStanding, type Task } from '../tasks/index.ts';
import {
  type ApprovalFact,
  type AskedFact,
  type ChargeFact,
  type Facts,
  linkCounter,
  type RememberedFact,
} from './facts.ts';
import { type Judgement, judgeQuestion, noRulePermits } from './judge.ts';
import { closedByDefault, type PolicySet } from './policy-set.ts';
import type { Question } from './question.ts';

/**
 * The sealed proof that a decision allowed exactly this call. Made only here: other files see its type, never a way to
 * make one. It opens nothing by itself: the gateway admits it, or a lost race decides again.
 */
class Permit {
  readonly #decided = true;
  readonly facts: Facts;
  /** Which grant of each link the call charges, the task's own first. */
  readonly grants: readonly LinkGrant[];
  readonly charges: readonly ChargeFact[];
  readonly because: readonly Reason[];
  readonly policyVersion: string;

  constructor(facts: Facts, found: Found, because: readonly Reason[], policyVersion: string) {
    this.facts = facts;
    this.grants = found.grants;
    this.charges = found.charges;
    this.because = because;
    this.policyVersion = policyVersion;
  }

  get isDecided(): true {
    return this.#decided;
  }
}

export type { Permit };

export type Reason = {
  readonly source: 'task' | 'policy' | 'plane';
  readonly name: string;
  readonly reason: string;
  /** The sum that the reason tells, where it is a threshold. */
  readonly over?: ShownSum;
};
/** A grant that covers the call and may ask: of a task, or of what a task came from. */
type Asker = { readonly name: string; readonly owner: string; readonly index: number; readonly grant: Grant };
type LinkGrant = {
  readonly task: Task;
  /** What beside the task covers the call; undefined where the task itself does. */
  readonly elevation: Elevation | undefined;
  readonly index: number;
  readonly grant: Grant;
};
type Found = { readonly grants: readonly LinkGrant[]; readonly charges: readonly ChargeFact[] };

export type Decision =
  | { readonly kind: 'permit'; readonly permit: Permit; readonly because: readonly Reason[] }
  | {
      readonly kind: 'ask';
      readonly asks: readonly Reason[];
      readonly because: readonly Reason[];
      readonly policyVersion: string;
    }
  | {
      readonly kind: 'deny';
      readonly code: RefusalCode;
      /** For the log. */
      readonly because: string;
      /** The same in parts, for the sentence that people read. */
      readonly parts: DenialParts;
      /** For the caller. */
      readonly says: string | null;
      readonly retryAfterSeconds: number | null;
      /** How fresh the sign-in of the requester would have to be; null where that would not help. */
      readonly maxAgeSeconds: number | null;
      /** By which Authentication Context Classes it would have to be; none where any will do. */
      readonly acrs: readonly string[];
      readonly policyVersion: string;
    };

/**
 * Permit, ask or deny: authority covers ∧ limits ∧ the organisation's rules. Deny beats ask beats permit.
 *
 * INVARIANT (effective authority): every link of the chain covers the call, and so does every bound beside it.
 * INVARIANT (closed by default): a rule that errors, an argument that cannot be read, a link that is gone: all deny.
 *
 * `judged` is what another evaluator said of `questionOf(facts)`; without it the compiled rules are asked.
 */
export function decide(facts: Facts, rules: PolicySet, judged?: Judgement): Decision {
  const { version } = rules;
  const dead = whatEnded(facts);
  if (dead !== null) return deny(version, dead.code, dead.because, { parts: dead.parts });
  if (facts.halted !== null) {
    const { code, because, retryAfterSeconds } = facts.halted;
    const parts: DenialParts = { is: 'wait', seconds: retryAfterSeconds };
    return deny(version, code, because, { parts, retryAfterSeconds });
  }

  const final = beyondStaticKey(facts);
  if (final !== null) return deny(version, 'template_key.irreversible', final);

  const grants: LinkGrant[] = [];
  const askers: Asker[] = [];
  for (const task of facts.chain) {
    const elevation = elevationOf(facts, task);
    const { authority } = elevation ?? task;
    const result = covers(authority, facts.call);
    if (!result.covered) {
      const parts = partsOfShortfall(result, task === facts.chain[0] ? undefined : task.id);
      return deny(version, 'authority.not_covered', `task ${task.id}: ${result.says}`, { parts, says: result.says });
    }
    const found = { task, elevation, index: result.grant, grant: authority[result.grant]! };
    grants.push(found);
    if (asks(found.grant)) askers.push(askerOf(found));
  }
  for (const bound of facts.bounds) {
    const result = covers(bound.authority, facts.call);
    if (!result.covered) {
      const parts = partsOfShortfall(result, bound.whose);
      return deny(version, bound.code, `${bound.whose}: ${result.says}`, { parts });
    }
    const grant = bound.authority[result.grant]!;
    if (asks(grant)) askers.push({ name: `bound:${bound.whose}`, owner: bound.whose, index: result.grant, grant });
  }
  if (facts.uncountable !== null) {
    const { code, because, says, currency } = facts.uncountable;
    return deny(version, code, because, { parts: { is: 'currency', currency }, says });
  }
  for (let at = 0; at < facts.charges.length; at++) {
    const charge = facts.charges[at]!;
    if (charge.max === null || fits(charge.used, charge.by, charge.max)) continue;
    const because = `${charge.counter}: ${charge.used} and ${charge.by} pass ${charge.max}`;
    const parts: DenialParts = { is: 'limit', at, ...(charge.freeAt === null ? {} : { free: charge.freeAt }) };
    const retryAfterSeconds = secondsUntil(charge, facts.now);
    return deny(version, charge.otherwise, because, { parts, says: charge.says, retryAfterSeconds });
  }

  const first = judged ?? judgeQuestion(rules, askedOf(facts, isAskCovered(facts, grants.at(-1))));
  const ruling = first.stepUp !== undefined && isFresh(facts, first.stepUp) ? first.stepUp.otherwise : first;
  if (ruling.kind === 'deny') {
    const { because, parts } = sayRuling(ruling);
    if (ruling.stepUp === undefined) return deny(version, 'policy.denied', because, { parts });
    const { maxAgeSeconds, acrs = [] } = ruling.stepUp;
    return { ...deny(version, 'authentication.too_old', because, { parts }), maxAgeSeconds, acrs };
  }
  const because = [...reasonsOf(ruling), ...elevatedBy(grants)];
  const asked = [
    ...askedBy(facts, askers),
    ...askedByUnknown(facts),
    ...(ruling.kind === 'ask' ? reasonsOf(ruling) : []),
  ];
  const isOpen = asked.some((one) => !isAnswered(facts, one));
  const remembered = isOpen ? rememberedFor(facts, asked, version) : null;
  if (isOpen && remembered === null) return { kind: 'ask', asks: asked, because, policyVersion: version };
  const charges = askers.length === 0 ? facts.charges : [...facts.charges, ...askCharges(facts, askers)];
  if (remembered === null)
    return { kind: 'permit', permit: new Permit(facts, { grants, charges }, because, version), because };
  const whose = [...because, sayRemembered(remembered)];
  const all = { grants, charges: [...charges, ...remembered.charges] };
  return { kind: 'permit', permit: new Permit(facts, all, whose, version), because: whose };
}

function deny(
  policyVersion: string,
  code: RefusalCode,
  because: string,
  { parts = { is: 'code' }, says = null, retryAfterSeconds = null }: Denying = {},
): Extract<Decision, { kind: 'deny' }> {
  return { kind: 'deny', code, because, parts, says, retryAfterSeconds, maxAgeSeconds: null, acrs: [], policyVersion };
}

type Denying = {
  readonly parts?: DenialParts;
  readonly says?: string | null;
  readonly retryAfterSeconds?: number | null;
};

const rulesToldMax = 5;

/** What the rules deny with: each with its name in the text, and where in it the sentences are that count. */
function sayRuling({ because, errors, stepUp }: Judgement): { readonly because: string; readonly parts: DenialParts } {
  const isForbid = (policy: string) => policy !== closedByDefault && !errors.includes(policy);
  const forbids = because.some(({ policy }) => isForbid(policy));
  const why = forbids ? 'forbid' : errors.length > 0 ? 'error' : because.some(isUnread) ? 'unread' : 'permit';
  const cuts: number[] = [];
  let text = '';
  for (const { policy, reason } of because) {
    text += `${text === '' ? '' : '; '}${policy} (`;
    const isTold = why !== 'permit' && isForbid(policy) === forbids;
    if (isTold && cuts.length < 2 * rulesToldMax) cuts.push(text.length, text.length + reason.length);
    text += `${reason})`;
  }
  for (const name of errors) text += `${text === '' ? '' : '; '}${name}`;
  const told = cuts.length === 0 ? {} : { cuts };
  const parts: DenialParts = { is: 'rules', why, ...told, ...(stepUp && { age: stepUp.maxAgeSeconds }) };
  return { because: text === '' ? 'no rule permits it' : text, parts };
}

const isUnread = ({ reason }: Judgement['because'][number]): boolean => reason !== noRulePermits;

/**
 * RFC 9470 §1: whether whoever asked for the root task proved who they are within that time, and so well. Nobody did for
 * an agent's own.
 */
function isFresh(
  { chain, requester, now }: Facts,
  { maxAgeSeconds, acrs = [] }: NonNullable<Judgement['stepUp']>,
): boolean {
  const proved = chain.at(-1)?.authenticated ?? null;
  if (requester === null || proved === null) return false;
  return now - proved.at <= maxAgeSeconds * 1000 && acrs.every((one) => one === proved.acr);
}

/** INVARIANT (elevation): for the very task it was given to, while it stands; whatever else is in the facts gives nothing. */
const elevationOf = ({ elevated, now }: Facts, { id }: Task): Elevation | undefined =>
  elevated.find((one) => one.task === id && isStanding(one, now));

const askerOf = ({ task, elevation, ...found }: LinkGrant): Asker => ({
  name: elevation === undefined ? `task:${task.id}` : `task:${task.id}:${elevation.id}`,
  owner: elevation?.id ?? task.id,
  ...found,
});

const elevatedBy = (grants: readonly LinkGrant[]): Reason[] =>
  grants.flatMap(({ elevation }) =>
    elevation === undefined
      ? []
      : [
          {
            source: 'task' as const,
            name: `elevation:${elevation.id}`,
            reason: 'A person let this task do more, for a while.',
          },
        ],
  );

const asks = (grant: Grant) => grant.asks !== undefined && grant.asks.length > 0;

const reasonsOf = ({ because }: Judgement): Reason[] =>
  because.map((one) => ({
    source: 'policy',
    name: `policy:${one.policy}`,
    // The words of @ask are put to the person first, then why they are asked.
    reason: one.effect === 'ask' ? `${one.question} ${one.reason}` : one.reason,
  }));

const secondsUntil = ({ freeAt }: ChargeFact, now: number) =>
  freeAt === null ? null : Math.max(1, Math.ceil((freeAt - now) / 1000));

/** Liveness is read, never pushed: a task lives if and only if it, those above it, their agents and people do. */
function whatEnded({ chain, agents, owners, requester, now }: Facts): Ended | null {
  for (const task of chain) {
    if (task.state !== 'active' || !isLive(task, now)) {
      const isLate = task.state === 'active';
      const because = `task ${task.id} ${isLate ? 'has run out of time' : `is ${task.state}`}`;
      return { code: 'task.ended', because, parts: over(task.id, isLate ? 'time' : task.state) };
    }
  }
  if (agents.length !== chain.length || owners.length !== chain.length) {
    return { code: 'task.ended', because: 'an agent of the chain, or its owner, is gone', parts: over('', 'gone') };
  }
  for (const { id, state, expiresAt } of agents) {
    if (state === 'active' && now < expiresAt) continue;
    const parts = over(id, state === 'active' ? 'time' : state);
    return { code: 'agent.not_active', because: `agent ${id} is ${state}`, parts };
  }
  for (const owner of owners) if (owner.state !== 'active') return ended(owner);
  return requester !== null && requester.state !== 'active' ? ended(requester) : null;
}

/**
 * INVARIANT (static key): a key that is a text does nothing that cannot be taken back, whatever its template and a person
 * say, and as the action is classified now.
 */
function beyondStaticKey({ chain, question: { action } }: Facts): string | null {
  if (action.reversibility !== 'irreversible') return null;
  const opened = chain.find(({ origin }) => origin.by === 'standing-grant' && origin.templateKey !== undefined);
  return opened === undefined ? null : `${action.id} is irreversible, and task ${opened.id} is of a static key`;
}

type Ended = { readonly code: RefusalCode; readonly because: string; readonly parts: DenialParts };
const over = (whose: string, state: string): DenialParts => ({ is: 'over', whose, state });
const ended = ({ id, state }: Person): Ended => ({
  code: 'task.ended',
  because: `person ${id} is ${state}`,
  parts: over(id, state),
});

/** The question of these facts, with what only the decision knows: whether a person's grant has a threshold of its own. */
export function questionOf(facts: Facts): Question {
  const root = facts.chain.at(-1)!;
  const elevation = elevationOf(facts, root);
  const { authority } = elevation ?? root;
  const result = covers(authority, facts.call);
  const found = result.covered ? { task: root, elevation, grant: authority[result.grant]! } : undefined;
  return askedOf(facts, isAskCovered(facts, found));
}

function askedOf({ question }: Facts, askCovered: boolean): Question {
  return question.askCovered === askCovered ? question : { ...question, askCovered };
}

// Only a chain that a person opened counts, and the link nearest to that person: what an agent writes into a task it
// delegates or opens alone never stands in for the general question, and neither does what it wrote into an elevation.
function isAskCovered(
  { requester }: Facts,
  root: Pick<LinkGrant, 'task' | 'elevation' | 'grant'> | undefined,
): boolean {
  if (root === undefined || root.elevation !== undefined) return false;
  return requester !== null && root.task.origin.by === 'person' && asks(root.grant);
}

/**
 * A child asks whenever its parent would, and a task whenever what it came from would: every link and every bound is
 * asked with its own sums. The sum is part of the name, so that a yes to one sum is none to another.
 */
function askedBy(facts: Facts, askers: readonly Asker[]): Reason[] {
  return askers.flatMap(({ name, owner, index, grant }) =>
    asksOf(grant, index, facts.call, (counter) => spentOn(facts, owner, counter)).map((asked) => ({
      source: 'task' as const,
      name: `${name}:${index}:${asked.ask}${asked.over === undefined ? '' : `@${asked.over.spent}`}`,
      ...(asked.over === undefined
        ? { reason: asked.reason }
        : { reason: reasonWithSum(asked.reason, asked.over), over: asked.over }),
    })),
  );
}

function spentOn(facts: Facts, owner: string, counter: string): Decimal {
  return facts.spent.get(linkCounter(owner, counter)) ?? zero;
}

const zero = '0' as Decimal;

// THREATS: retry-after-unknown. Nobody knows whether the last one happened, so the next one is a person's decision.
function askedByUnknown({ unknownBefore }: Facts): Reason[] {
  if (unknownBefore === null) return [];
  const reason = 'The same call was sent before and its outcome is not known. Look before it is sent again.';
  return [{ source: 'plane', name: `unknown:${unknownBefore}`, reason }];
}

// THREATS: blanket-yes. A yes answers the asks that were shown, for the very call that was shown; a rule that says
// something else since, under the same name, was never shown.
function isAnswered({ approval, callDigest }: Facts, ask: Reason): boolean {
  if (approval === null || approval.callDigest !== callDigest) return false;
  const { asks, together } = approval;
  return asks.some(
    (one) =>
      (one.ask === ask.name && (ask.source !== 'policy' || one.reason === ask.reason)) ||
      isWithinSum(one, ask, together),
  );
}

/**
 * THREATS: split-under-the-line. A yes to one sum is none to another, except where the sum grew by what the same signature
 * said yes to: whoever signed saw what all of these come to, and it is never more than that.
 */
function isWithinSum(shown: AskedFact, ask: Reason, together: ApprovalFact['together']): boolean {
  const now: AskedFact = { ...ask, ask: ask.name };
  if (!isSummed(shown) || !isSummed(now) || !isSameSum(shown, now)) return false;
  const [spent, before] = [decimalOf(now.over.spent), decimalOf(shown.over.spent)];
  if (compareDecimal(spent, before) < 0) return false;
  const others = together
    .flat()
    .filter(isSummed)
    .filter((one) => isSameSum(shown, one));
  const grown = subtractDecimal(spent, before);
  const left = others.reduce((rest, { over }) => lessBy(rest, decimalOf(over.amount)), grown);
  return compareDecimal(left, zero) === 0;
}

type Summed = AskedFact & { readonly over: ShownSum };
const isSummed = (one: AskedFact): one is Summed => one.over !== undefined;
const isSameSum = (one: Summed, other: Summed): boolean => one.over.of === other.over.of && isSameAsk(one, other);

/** Never below nothing. */
const lessBy = (from: Decimal, by: Decimal): Decimal =>
  compareDecimal(from, by) <= 0 ? zero : subtractDecimal(from, by);

/**
 * INVARIANT (remembered): a remembered yes replaces the asking and nothing else. It answers all of the asks or none, for
 * the task and agent that were shown, within what was signed, by the very rules that were in force; what cannot be undone,
 * what came from outside, what is beyond the task, and what nobody knows the outcome of is asked about each time.
 */
function rememberedFor(facts: Facts, asked: readonly Reason[], version: string): RememberedFact | null {
  const { remembered, approval, chain, elevated, question, now, call } = facts;
  if (remembered === null || approval !== null || elevated.length > 0 || question.provenance.length > 0) return null;
  const { reversibility, opaque, mintsCredential } = question.action;
  if (reversibility === 'irreversible' || opaque || mintsCredential) return null;
  const { task, agent, until, policyVersion, grant, charges, asks } = remembered;
  const [link] = chain;
  if (task !== link.id || agent !== link.agent || now >= until || policyVersion !== version) return null;
  if (!covers(grant, call).covered) return null;
  // No limit is no bound: what would charge nothing was never narrowed to anything.
  if (charges.length === 0 || charges.some(({ used, by, max }) => max === null || !fits(used, by, max))) return null;
  return asked.every((one) => isShownBefore(asks, one)) ? remembered : null;
}

/** The same ask in the same words. The sum behind it goes on: what may come of that is bounded by what was signed. */
function isShownBefore(shown: readonly AskedFact[], ask: Reason): boolean {
  // A task that asks `always` means each time.
  if (ask.source === 'plane' || (ask.source === 'task' && ask.over === undefined)) return false;
  const wanted = { ...ask, ask: ask.name };
  return shown.some((one) => isSameAsk(one, wanted));
}

/** The same ask, in the same words and with the same threshold, whatever the sum behind it is. */
function isSameAsk(one: AskedFact, other: AskedFact): boolean {
  const [a, b] = [withoutSum(one), withoutSum(other)];
  return a.ask === b.ask && a.reason === b.reason && a.threshold === b.threshold;
}

function withoutSum({ ask, reason, over }: AskedFact) {
  if (over === undefined) return { ask, reason, threshold: null };
  return {
    ask: ask.slice(0, ask.lastIndexOf('@')),
    reason: reason.slice(0, -reasonWithSum('', over).length),
    threshold: `${over.threshold} ${over.currency}`,
  };
}

function sayRemembered({ id, by, when, answered }: RememberedFact): Reason {
  const reason = `Remembered: ${by.name}’s yes of ${when} (${answered}).`;
  return { source: 'plane', name: `remembered:${id}`, reason };
}

/** Sums behind asks are charged like limits, but with the value that was read: a race decides again. */
function askCharges(facts: Facts, askers: readonly Asker[]): ChargeFact[] {
  return askers.flatMap(({ owner, index, grant }) =>
    askCounters(grant, index, facts.call).map((one) => ({
      counter: linkCounter(owner, one.counter),
      window: 0,
      by: one.by,
      max: null,
      used: spentOn(facts, owner, one.counter),
      otherwise: 'state.changed' as const,
      says: '',
      freeAt: null,
    })),
  );
}

/** Whether what was read of a counter must still stand when the call is admitted: where an ask was decided on it. */
export const mustStand = (charge: ChargeFact): boolean => charge.max === null;
