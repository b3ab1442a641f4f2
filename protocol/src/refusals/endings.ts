import type { RefusalRow } from './row.ts';

export const endingsRefusals = {
  'ending.over': {
    status: 409,
    title: 'It has ended already',
    says: 'Nothing is left to end. The run shows when it ended and what ended with it.',
  },
  'ending.other_task': {
    status: 403,
    title: 'A task is completed with its own token',
    says: 'Send the request with a token of that very task.',
  },
  'ending.busy': {
    status: 503,
    title: 'Too much changed while it was being ended',
    says: 'Send it again. What has ended so far stays ended.',
  },
} as const satisfies Record<string, RefusalRow>;
