import type { RefusalRow } from './row.ts';

export const limitsRefusals = {
  'limits.malformed': {
    status: 400,
    title: 'The limit could not be read',
    says: 'Correct the named part of the limit and send it again.',
  },
  'limits.calls_exceeded': {
    status: 403,
    title: 'The calls that were granted are used up',
    says: 'Ask for an elevation, or complete the task.',
  },
  'limits.sum_exceeded': {
    status: 403,
    title: 'The amount does not fit into what is left',
    says: 'Ask for an elevation, or use a smaller amount.',
  },
  'limits.cost_exceeded': {
    status: 403,
    title: 'The cost units that were granted are used up',
    says: 'Ask for an elevation, or complete the task.',
  },
  'limits.window_exceeded': {
    status: 429,
    title: 'A limit over time is reached',
    says: 'Wait as long as Retry-After says, then make the call again.',
  },
  'limits.currency_unknown': {
    status: 403,
    title: 'The amount cannot be counted against a limit',
    says: 'Use the currency that the limit is written in, and an amount written as a plain decimal.',
  },
  'limits.rate_exceeded': {
    status: 429,
    title: 'Too many calls in too short a time',
    says: 'Wait as long as Retry-After says, and call more slowly.',
  },
  'limits.upstream_resting': {
    status: 503,
    title: 'The upstream keeps failing and is given a rest',
    says: 'Nothing was sent. Wait as long as Retry-After says, then make the call again.',
  },
  'limits.caller_resting': {
    status: 429,
    title: 'This agent keeps failing at this action and is given a rest',
    says: 'Nothing was sent. Look at the last answers, wait as long as Retry-After says, then make a corrected call.',
  },
} as const satisfies Record<string, RefusalRow>;
