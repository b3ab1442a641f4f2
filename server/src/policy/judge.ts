import type { Effect } from './cedar/compile.ts';
import { type Matches, match } from './cedar/evaluate.ts';
import { closedByDefault, type PolicySet } from './policy-set.ts';
import { type CedarQuestion, type Question, toCedar } from './question.ts';

export type Because = {
  /** The policy's `@id`, or `closed-by-default` where no policy was decisive. */
  readonly policy: string;
  /** A sentence for a person: the policy's `@reason`. */
  readonly reason: string;
  /** `ask`: a forbid that carries `@ask`. */
  readonly effect: Effect | 'ask';
  /** What a person is asked, on `ask` alone. */
  readonly question?: string;
};

export type Judgement = {
  readonly kind: 'permit' | 'ask' | 'deny';
  readonly because: readonly Because[];
  /** Ids of policies that speak of this call and could not be evaluated. */
  readonly errors: readonly string[];
  /** On a denial that nothing but `@max_age` stands behind: what a fresh enough sign-in, by each of `acrs`, leaves of it. */
  readonly stepUp?: {
    readonly maxAgeSeconds: number;
    readonly acrs?: readonly string[];
    readonly otherwise: Judgement;
  };
};

/** Which policies matched, by id, from either evaluator. */
export type Verdicts = {
  readonly permits: readonly string[];
  readonly forbids: readonly string[];
  readonly erring: ReadonlyArray<{ readonly policy: string; readonly message: string }>;
};

/** The rules alone on one question. Pure. */
export function judge(policySet: PolicySet, question: CedarQuestion): Judgement {
  const matches = match(policySet.compiled, question, question.standing);
  const known = matches.isShared ? weighed.get(matches) : undefined;
  if (known?.policySet === policySet) return known.judgement;
  const { permits, forbids, erring } = matches;
  const judgement = weigh(policySet, {
    permits: permits.map(({ id }) => id),
    forbids: forbids.map(({ id }) => id),
    erring: erring.map(({ policy, message }) => ({ policy: policy.id, message })),
  });
  if (matches.isShared) weighed.set(matches, { policySet, judgement });
  return judgement;
}

// Questions of one kind that nothing sets apart have their matches in common, and so what those come to.
const weighed = new WeakMap<Matches, { readonly policySet: PolicySet; readonly judgement: Judgement }>();

/** The same on plain data; a call that does not fit its action is denied without asking any rule. */
export function judgeQuestion(policySet: PolicySet, question: Question): Judgement {
  const asked = toCedar(question);
  return asked.kind === 'question' ? judge(policySet, asked) : denyUnreadable(asked.because);
}

/** The sentence of a denial that no rule is behind. */
export const noRulePermits = 'No rule permits this call.';

export function denyUnreadable(because: readonly string[]): Judgement {
  return { kind: 'deny', because: because.map((reason) => closed(reason)), errors: [] };
}

/**
 * INVARIANT (deny beats ask beats permit): an error denies, because the policy that erred may have been the one to
 * forbid; then a plain forbid denies. An ask comes only on top of a permit: a person can lift the forbid that asks, and
 * what remains must stand by itself. Without a permit there is nothing to ask about.
 */
export function weigh(policySet: PolicySet, { permits, forbids, erring }: Verdicts): Judgement {
  const errors = erring.map(({ policy }) => policy);
  const asks = forbids.filter((id) => policySet.asks.has(id));
  const stale = forbids.filter((id) => policySet.maxAges.has(id));
  const plain = forbids.filter((id) => !policySet.asks.has(id) && !policySet.maxAges.has(id));
  if (erring.length > 0 || plain.length > 0) {
    const failed = erring.map(({ policy, message }) => explainError(policySet, policy, message));
    return { kind: 'deny', because: [...plain.map((id) => explain(policySet, id)), ...failed], errors };
  }
  if (permits.length === 0) return { kind: 'deny', because: [closed(noRulePermits)], errors };
  if (stale.length > 0) {
    // INVARIANT (closed by default): who does not know when the requester signed in sees the denial that this is.
    const maxAgeSeconds = Math.min(...stale.map((id) => policySet.maxAges.get(id)!));
    const acrs = [...new Set(stale.flatMap((id) => policySet.acrs.get(id) ?? []))];
    const otherwise = weigh(policySet, { permits, forbids: asks, erring });
    return {
      kind: 'deny',
      because: stale.map((id) => explain(policySet, id)),
      errors,
      stepUp: { maxAgeSeconds, acrs, otherwise },
    };
  }
  const decisive = asks.length > 0 ? asks : permits;
  return {
    kind: asks.length > 0 ? 'ask' : 'permit',
    because: decisive.map((id) => explain(policySet, id)),
    errors,
  };
}

function explain(policySet: PolicySet, id: string): Because {
  const { reason, effect } = policySet.about.get(id)!;
  const question = policySet.asks.get(id);
  return question === undefined ? { policy: id, reason, effect } : { policy: id, reason, effect: 'ask', question };
}

function explainError(policySet: PolicySet, id: string, message: string): Because {
  const { effect } = policySet.about.get(id)!;
  return { policy: id, reason: `The rule ${id} could not be evaluated, which denies: ${message}.`, effect };
}

function closed(reason: string): Because {
  return { policy: closedByDefault, reason, effect: 'forbid' };
}
