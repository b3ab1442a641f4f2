import type { RefusalRow } from './row.ts';

export const gatewayRefusals = {
  'approval.needed': {
    status: 202,
    title: 'A person is being asked',
    says: 'Nothing was sent yet. Wait for the answer at the Location.',
  },
  'search.not_allowed': {
    status: 403,
    title: 'This enforcement point may not search',
    says: 'Ask for single decisions, or have an administrator register a point that may search.',
  },
  'search.page_unknown': {
    status: 400,
    title: 'That page token is of no search like this',
    says: 'Begin the search again without a token: it is too old, of another question, or what is searched was changed.',
  },
  'search.not_here': {
    status: 501,
    title: 'Domains cannot be searched with these settings',
    says: 'Ask for single decisions, or run Ambit with AMBIT_POLICY_ENGINE=compiled.',
  },
  'gateway.api_unknown': {
    status: 404,
    title: 'No such API',
    says: 'Use the name under which the API was imported: `/api/<name>/…`.',
  },
  'gateway.upgrade_refused': {
    status: 400,
    title: 'Connections are not handed over',
    says: 'One decision is about one call. Send plain requests; upgrades, CONNECT and TRACE are not passed on.',
  },
  'gateway.body_streamed': {
    status: 403,
    title: 'An unread body cannot wait for a person',
    says: 'This action passes its body on unread, so nobody could be shown what they say yes to. Ask its owner to declare the arguments.',
  },
  'gateway.needs_gateway': {
    status: 403,
    title: 'This needs the gateway',
    says: 'The decision depends on the body, on sums, on a person or on a lent credential: send the call through the gateway.',
  },
  'gateway.upstream_unreachable': {
    status: 502,
    title: 'The API behind the gateway could not be reached',
    says: 'Nothing was sent. Try again; if it lasts, tell whoever runs that API.',
  },
  'gateway.upstream_unknown': {
    status: 504,
    title: 'It is not known whether the call happened',
    says: 'The API stopped answering after the call was sent. It counts as spent and is not repeated by anyone. Look before trying again.',
  },
  'gateway.answer_withheld': {
    status: 502,
    title: 'The answer was withheld',
    says: 'The call was sent, but its answer cannot be passed on. Do not repeat the call; the entry says what happened.',
  },
  'gateway.busy': {
    status: 503,
    title: 'Too much at once',
    says: 'Wait as long as Retry-After says.',
  },
} as const satisfies Record<string, RefusalRow>;
