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
  'undo.incomplete': {
    status: 409,
    title: 'Not everything is known that would undo it',
    says: 'Neither the call nor its answer says what the action that takes it back needs. Open a task for an agent, and say it there.',
  },
  'undo.moved': {
    status: 409,
    title: 'Another call would undo it than was shown',
    says: 'The catalog says since what takes it back. Look again at what would be called. Nothing was sent.',
  },
  'undo.too_late': {
    status: 409,
    title: 'It is too late to undo it',
    says: 'The time in which it could be taken back is over. Nothing was sent.',
  },
  'undo.under_way': {
    status: 409,
    title: 'It is being undone',
    says: 'Somebody has asked for it already, and that has not ended: its run shows whose question it waits for. Who asked can withdraw it. Nothing was sent twice.',
  },
  'undo.over': {
    status: 409,
    title: 'It was undone already',
    says: 'It was taken back once, or nobody knows whether it was: look at its run. What took it back is a call like any other. Nothing was sent again.',
  },
} as const satisfies Record<string, RefusalRow>;
