import type { Agent } from '@ambit/sdk/operator';

/** A person's own client acts by what its owner does by hand, which needs no key of its own. */
export const sayNoKey = ({ kind }: Pick<Agent, 'kind'>): string =>
  kind === 'client'
    ? 'It has no key: only what its owner does by hand in the console goes through it.'
    : 'It has no key, so it cannot act.';
