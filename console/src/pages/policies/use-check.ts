import { AmbitRefusal, type PolicyProblem, type RuleChanges } from '@ambit/sdk/operator';
import { useEffect, useState } from 'react';
import { usePlane } from '../../plane/session-provider.tsx';
import { type ProblemShown, problemsIn } from './problems.ts';

export type Check =
  | { readonly is: 'off' }
  | { readonly is: 'checking' }
  | { readonly is: 'wrong'; readonly problems: readonly ProblemShown[] }
  | { readonly is: 'failed'; readonly error: unknown }
  | {
      readonly is: 'fine';
      readonly policies: readonly string[];
      readonly warnings: readonly PolicyProblem[];
      readonly changes: RuleChanges | null;
    };

const quietMs = 350;

/** What the plane says of a text, once nobody has typed for a moment. Null asks nothing. */
export function useCheck(text: string | null): Check {
  const { operator } = usePlane();
  const [checked, setChecked] = useState<{ readonly text: string; readonly check: Check } | null>(null);
  useEffect(() => {
    if (text === null) return;
    let isOld = false;
    const timer = setTimeout(async () => {
      const check = await checkOf(operator.policies.check(text));
      if (!isOld) setChecked({ text, check });
    }, quietMs);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [text, operator]);
  if (text === null) return { is: 'off' };
  return checked?.text === text ? checked.check : { is: 'checking' };
}

async function checkOf(
  asked: ReturnType<ReturnType<typeof usePlane>['operator']['policies']['check']>,
): Promise<Check> {
  try {
    const { policies, warnings, changes } = await asked;
    return { is: 'fine', policies, warnings, changes };
  } catch (error) {
    if (error instanceof AmbitRefusal && error.code === 'policy.invalid')
      return { is: 'wrong', problems: problemsIn(error.says) };
    return { is: 'failed', error };
  }
}
