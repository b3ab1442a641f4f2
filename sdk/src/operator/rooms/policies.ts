import type { Ask } from '../request.ts';

export type Policies = ReturnType<typeof policiesRoom>;

/** Checking and publishing are for the role `policy`; a text that is wrong is refused as `policy.invalid`. */
export function policiesRoom({ json }: Ask) {
  return {
    /** Newest first, without their texts. */
    list: async () => (await json('GET /v1/policies')).policies,
    show: (number: number) => json('GET /v1/policies/:number', { at: { number: `${number}` } }),
    /** Checks a text against the catalog and the rules in force without publishing it. */
    check: (text: string) => json('POST /v1/policies/check', { body: { text } }),
    /** Counts from the next decision on. `after`: the version that the text was made from, where no other may have come. */
    publish: (text: string, note?: string, after?: number) =>
      json('POST /v1/policies', {
        body: {
          text,
          ...(note !== undefined && { note }),
          ...(after !== undefined && { after }),
        },
      }),
  };
}
