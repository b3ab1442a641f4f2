import type { RefusalRow } from './row.ts';

export const policyRefusals = {
  'policy.denied': {
    status: 403,
    oauth: 'access_denied',
    title: 'The organisation’s rules do not allow this',
    says: 'Do something else, or ask the person who asked for the task to raise it with whoever keeps the rules.',
  },
  'authentication.too_old': {
    status: 401,
    oauth: 'insufficient_user_authentication',
    title: 'The person who asked has to prove again who they are',
    says: 'Ask that person to do so for this task (`ambit task authenticate`), then make the same call again.',
  },
  'policy.invalid': {
    status: 422,
    title: 'The policy text has errors',
    says: 'Correct the named places; nothing was published.',
  },
} as const satisfies Record<string, RefusalRow>;
