import type { RefusalRow } from './row.ts';

export const approvalsRefusals = {
  'approval.over': {
    status: 409,
    title: 'The question is over',
    says: 'It was answered, it expired, or its task has ended. Nothing was changed.',
  },
  'approval.expired': {
    status: 403,
    oauth: 'access_denied',
    title: 'Nobody said yes in time',
    says: 'The call was not sent. Ask again if it is still needed.',
  },
  'approval.refused': {
    status: 403,
    oauth: 'access_denied',
    title: 'A person said no',
    says: 'The call was not sent. Do not try to reach the same effect another way; tell the person who asked.',
  },
  'approval.denied': {
    status: 403,
    oauth: 'access_denied',
    title: 'The call may not be sent any more',
    says: 'A person said yes, but the call was decided again and denied. The entry says why; nothing was sent.',
  },
  'approval.moved': {
    status: 409,
    title: 'What the question was about has changed',
    says: 'The call was not sent. A new question was asked about how things are now.',
  },
  'approval.unknown': {
    status: 502,
    title: 'It is not known whether the call happened',
    says: 'It counts as spent and is not repeated. A person must look before anyone tries again.',
  },
  'approval.not_yours': {
    status: 403,
    title: 'Not yours to answer',
    says: 'Somebody else has to answer this question.',
  },
  'approval.key_kind': {
    status: 403,
    title: 'That kind of key does not suffice',
    says: 'This question wants a passkey: open the console, look at the question, and answer it there. Which kinds suffice is said by the rule for its action.',
  },
  'approval.stale_answer': {
    status: 422,
    title: 'The signature is of another time',
    says: 'Set your clock, look at the question again and answer once more.',
  },
  'approval.not_together': {
    status: 422,
    title: 'These questions are not answered together',
    says: 'Nothing was answered. Questions that ask for the same action in one task are answered together; answer others by themselves.',
  },
  'approval.not_rememberable': {
    status: 409,
    title: 'A yes to this is not remembered',
    says: 'Nothing was answered. Say yes to this one call, without having it remembered.',
  },
  'approval.bounds_too_wide': {
    status: 422,
    title: 'That would be remembered for more than was asked',
    says: 'Nothing was answered. What is remembered may be less than what was asked about, and never more.',
  },
  'approval.too_many_remembered': {
    status: 409,
    title: 'The task has too many remembered yeses',
    says: 'Nothing was answered. End one of them, or say yes to this one call.',
  },
  'approval.too_many_pending': {
    status: 429,
    title: 'Too many questions are open',
    says: 'Wait until people have answered some of them.',
  },
} as const satisfies Record<string, RefusalRow>;
