import type { RefusalRow } from './row.ts';

export const elevationsRefusals = {
  'elevation.not_needed': {
    status: 409,
    title: 'The task may do this already',
    says: 'Make the call: nobody has to be asked for more than the task has.',
  },
  'elevation.not_elevatable': {
    status: 403,
    oauth: 'access_denied',
    title: 'No elevation gives this',
    says: 'Some actions are closed to every task until a person has settled in the catalog what they do. Ask the owner of the agent.',
  },
  'elevation.beyond_parent': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than the tasks above may do',
    says: 'A delegated task never gets more than the one it comes from. Ask for less, or have the agent of that task ask first.',
  },
  'elevation.beyond_ceiling': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than an agent of the chain may ever hold',
    says: 'No elevation goes beyond a ceiling. Ask for less, or ask the owner of the agent.',
  },
  'elevation.beyond_delegable': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than the person behind the task may delegate',
    says: 'No elevation goes beyond what that person may delegate. Ask for less, or ask somebody who may do this to open a task for it.',
  },
  'elevation.beyond_standing_grant': {
    status: 403,
    oauth: 'invalid_authorization_details',
    title: 'More than the standing grant allows',
    says: 'No elevation goes beyond the standing grant that the task was opened under. Ask for less, or ask a person to open a task for it.',
  },
  'elevation.several_approvers': {
    status: 422,
    title: 'Different people decide about these actions',
    says: 'Ask for each action by itself.',
  },
  'elevation.too_many': {
    status: 429,
    title: 'The task has as many elevations as it may have',
    says: 'Use those that stand, or wait until one of them has ended.',
  },
} as const satisfies Record<string, RefusalRow>;
