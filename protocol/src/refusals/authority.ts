import type { RefusalRow } from './row.ts';

export const authorityRefusals = {
  'authority.malformed': {
    status: 400,
    oauth: 'invalid_authorization_details',
    title: 'The authority could not be read',
    says: 'Correct the named part of the grants and send them again.',
  },
  'authority.too_large': {
    status: 400,
    oauth: 'invalid_authorization_details',
    title: 'The authority has too many grants',
    says: 'Ask for fewer actions at once, or join grants that have the same bounds.',
  },
  'authority.not_covered': {
    status: 403,
    oauth: 'insufficient_scope',
    title: 'The call is outside the granted authority',
    says: 'Ask for an elevation, or make a call that the task covers.',
  },
  'authority.beyond_ceiling': {
    status: 403,
    oauth: 'access_denied',
    title: 'The call is above the ceiling of an agent',
    says: 'Nothing in the task can allow it. Ask the owner of the agent.',
  },
  'authority.beyond_delegable': {
    status: 403,
    oauth: 'access_denied',
    title: 'The call is more than the person who asked may delegate',
    says: 'Ask somebody who may do this to open a task for it.',
  },
  'authority.beyond_standing_grant': {
    status: 403,
    oauth: 'access_denied',
    title: 'The call is outside the standing grant that the task was opened under',
    says: 'Ask a person to open a task for it, or the owner of the agent to sign a wider grant.',
  },
  'authority.not_narrower': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More authority was asked for than there is to give',
    says: 'Ask for no more than the task itself may do; the named bound has to be at least as tight.',
  },
} as const satisfies Record<string, RefusalRow>;
