import type { Policy, PolicyProblem, RuleChanges } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type Policies = ReturnType<typeof policiesRoom>;

/** Checking and publishing are for the role `policy`; a text that is wrong is refused as `policy.invalid`. */
export function policiesRoom({ json }: Ask) {
  return {
    /** Newest first, without their texts. */
    list: async () => (await json<{ policies: readonly Omit<Policy, 'text'>[] }>('GET', '/v1/policies')).policies,
    show: (number: number) => json<Policy>('GET', at('/v1/policies/', `${number}`)),
    /** Checks a text against the catalog and the rules in force without publishing it. */
    check: (text: string) =>
      json<{
        readonly version: string;
        readonly policies: readonly string[];
        readonly warnings: readonly PolicyProblem[];
        /** Null where the rules in force do not fit the catalog any more. */
        readonly changes: RuleChanges | null;
      }>('POST', '/v1/policies/check', { text }),
    /** Counts from the next decision on. `after`: the version that the text was made from, where no other may have come. */
    publish: (text: string, note?: string, after?: number) =>
      json<Policy>('POST', '/v1/policies', {
        text,
        ...(note !== undefined && { note }),
        ...(after !== undefined && { after }),
      }),
  };
}
