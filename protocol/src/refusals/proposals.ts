import type { RefusalRow } from './row.ts';

export const proposalsRefusals = {
  'proposal.waits': {
    status: 409,
    title: 'A second person has to confirm this',
    says: 'Nothing was changed yet. It is put up as a proposal; another person with the same right confirms it.',
  },
  'proposal.alone': {
    status: 403,
    title: 'Nobody does that alone here',
    says: 'Your organisation wants two persons for it: ask an administrator.',
  },
  'proposal.over': {
    status: 409,
    title: 'The proposal is over',
    says: 'It was answered, or a week has passed. Nothing was changed by this answer.',
  },
  'proposal.not_yours': {
    status: 403,
    title: 'Not yours to answer',
    says: 'Another person with the right to make the change has to confirm it.',
  },
  'proposal.moved': {
    status: 409,
    title: 'It would change something else by now',
    says: 'Nothing was changed. Put it up anew: what it is about, or who asked for it, is not as it was shown.',
  },
  'proposal.nobody_else': {
    status: 409,
    title: 'There is no second person',
    says: 'Make another person administrator first: alone you could never lower a gate again.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;
