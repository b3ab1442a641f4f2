import type { RefusalRow } from './row.ts';

export const policyRefusals = {
  'policy.denied': {
    status: 403,
    oauth: 'access_denied',
    title: 'The organisation’s rules do not allow this',
    says: 'Do something else, or ask the person who asked for the task to raise it with whoever keeps the rules.',
  },
  'policy.invalid': {
    status: 422,
    title: 'The policy text has errors',
    says: 'Correct the named places; nothing was published.',
  },
} as const satisfies Record<string, RefusalRow>;
