import type { RefusalRow } from './row.ts';

export const endingsRefusals = {
  'ending.over': {
    status: 409,
    title: 'It has ended already',
    says: 'Nothing is left to end. The run shows when it ended and what ended with it.',
  },
  'ending.not_yours': {
    status: 403,
    title: 'Only its own agent completes a task',
    says: 'Complete the task with a token of that very task.',
  },
  'ending.busy': {
    status: 503,
    title: 'Too much changed while it was being ended',
    says: 'Send it again. What has ended so far stays ended.',
  },
  'ending.streams_full': {
    status: 503,
    title: 'Too many answers are open at once',
    says: 'Wait for some of the open calls to end, then make this one again.',
  },
} as const satisfies Record<string, RefusalRow>;
