import type { Compiled, CompiledPolicy } from './compile.ts';
import type { Entities } from './entities.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Frame, Request } from './frame.ts';
import { candidates } from './scope-index.ts';
import { holdsBy, planOf, type Standing } from './standing.ts';

/** What each policy had to say, in the order in which the policies were written. */
export type Matches = {
  readonly permits: readonly CompiledPolicy[];
  readonly forbids: readonly CompiledPolicy[];
  readonly erring: ReadonlyArray<{ readonly policy: CompiledPolicy; readonly message: string }>;
};

/** Cedar's answer: ids of the policies that determined the decision, and of those that could not be evaluated. */
export type Evaluation = {
  readonly decision: 'allow' | 'deny';
  readonly reasons: readonly string[];
  readonly errors: readonly string[];
};

/** Pure: the same policies, request and entities always give the same answer. */
export function evaluate(compiled: Compiled, request: Request, entities: Entities): Evaluation {
  const { permits, forbids, erring } = match(compiled, request, entities);
  const allowed = forbids.length === 0 && permits.length > 0;
  return {
    decision: allowed ? 'allow' : 'deny',
    reasons: (allowed ? permits : forbids).map(({ id }) => id),
    errors: erring.map(({ policy }) => policy.id),
  };
}

/** With `standing`, what is the same for every request of that kind is found out once; the answer is the same. */
export function match(compiled: Compiled, request: Request, entities: Entities, standing?: Standing): Matches {
  const frame: Frame = { ...request, entities };
  const plan = standing === undefined ? undefined : planOf(compiled, standing, frame);
  const permits: CompiledPolicy[] = [];
  const forbids: CompiledPolicy[] = [];
  const erring: Array<{ policy: CompiledPolicy; message: string }> = [];
  for (const place of plan?.places ?? candidates(compiled.index, frame)) {
    const policy = compiled.policies[place]!;
    if (!policy.applies(frame)) continue;
    try {
      const holds = plan === undefined ? policy.holds(frame) : holdsBy(plan, place, policy, frame);
      if (holds) (policy.effect === 'permit' ? permits : forbids).push(policy);
    } catch (error) {
      // INVARIANT (own errors only): any other exception must fail the request. Taken for a Cedar error, a stack
      // overflow inside a forbid would skip the forbid.
      if (!(error instanceof EvaluationError)) throw error;
      erring.push({ policy, message: error.message });
    }
  }
  return { permits, forbids, erring };
}
