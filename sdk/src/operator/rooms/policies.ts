import type { PersonId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type Policy = {
  /** Rises by one with each publication. */
  readonly number: number;
  /** Cedar. */
  readonly text: string;
  readonly digest: string;
  readonly publishedBy: PersonId | 'plane';
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly note: string;
};

export type PolicyProblem = { readonly policy: string | null; readonly line: number | null; readonly says: string };

/** What a text would make of the rules in force, by `@id`. */
export type RuleChanges = {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** They bind nobody any more once it is published. */
  readonly removed: readonly string[];
};

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
