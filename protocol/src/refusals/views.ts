import type { RefusalRow } from './row.ts';

export const viewsRefusals = {
  'live.too_many': {
    status: 429,
    title: 'Too many streams of events are open',
    says: 'Close one of your own, such as another window, and open it again.',
  },
  'undo.none': {
    status: 409,
    title: 'Nothing undoes it',
    says: 'The catalog names no action that takes it back, or it was not done.',
  },
} as const satisfies Record<string, RefusalRow>;
