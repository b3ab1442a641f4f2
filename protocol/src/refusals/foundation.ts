import type { RefusalRow } from './row.ts';

export const foundationRefusals = {
  'request.malformed': {
    status: 400,
    oauth: 'invalid_request',
    title: 'The request could not be read',
    says: 'Correct the named part of the request and send it again.',
  },
  'request.too_large': {
    status: 413,
    oauth: 'invalid_request',
    title: 'The request is too large',
    says: 'Send a smaller body; the limit is in the detail.',
  },
  'request.too_busy': {
    status: 503,
    oauth: 'temporarily_unavailable',
    title: 'Too many large requests are being read',
    says: 'Wait a few seconds, then send it again.',
  },
  'request.unsupported_media_type': {
    status: 415,
    oauth: 'invalid_request',
    title: 'The media type is not accepted here',
    says: 'Send the media type that this operation declares.',
  },
  'route.not_found': {
    status: 404,
    title: 'Nothing answers here',
    says: 'Check the method and the path against the API description.',
  },
  'caller.unauthenticated': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The caller did not prove who it is',
    says: 'Authenticate and send the request again.',
  },
  'caller.not_allowed': {
    status: 403,
    oauth: 'access_denied',
    title: 'This caller may not do this',
    says: 'Ask somebody who holds the role that the API description names.',
  },
  'thing.not_found': {
    status: 404,
    title: 'No such thing',
    says: 'Check the id or name; what belongs to others looks the same as what does not exist.',
  },
  'thing.exists': { status: 409, title: 'It exists already', says: 'Choose another name, or change the existing one.' },
  'state.changed': {
    status: 409,
    title: 'It changed in the meantime',
    says: 'Read it again and repeat what still applies.',
  },
  'store.unavailable': {
    status: 503,
    oauth: 'temporarily_unavailable',
    title: 'The store did not answer',
    says: 'Nothing was done. Try again shortly; if it lasts, ask the operator of Ambit.',
  },
  'store.nearly_full': {
    status: 503,
    oauth: 'temporarily_unavailable',
    title: 'There is too little room to record more',
    says: 'Nothing was done. Ask the operator of Ambit to make room on its disk, then try again.',
  },
  'store.row_unexplained': {
    status: 503,
    oauth: 'server_error',
    title: 'A stored row is not what the log says',
    says: 'Nothing was done. Tell the operator of Ambit: the store was changed past Ambit, and `ambit audit verify` names the rows.',
  },
  'plane.too_busy': {
    status: 503,
    oauth: 'temporarily_unavailable',
    title: 'Ambit has more to decide than it can',
    says: 'Nothing of it was looked at, and nothing was sent. Wait as long as Retry-After says, then send it again.',
  },
  'plane.too_many_connections': {
    status: 503,
    title: 'Too many connections are open',
    says: 'Close connections that you do not use, and connect again shortly.',
  },
  'connection.no_tls': {
    status: 400,
    title: 'A connection did not become an encrypted one',
    says: 'Speak TLS 1.2 or newer to this listener.',
  },
  'plane.cut_off': {
    status: 503,
    oauth: 'temporarily_unavailable',
    title: 'This node of Ambit is cut off',
    says: 'It cannot reach its store, so it permits nothing, and nothing was sent. Try again in a few seconds; if it lasts, tell the operator of Ambit.',
  },
  'plane.clock_behind': {
    status: 503,
    title: 'The clock of Ambit was set back',
    says: 'Nothing was sent: no time can be trusted until the clock is right. Ask the operator of Ambit to correct it, then try again.',
  },
  'plane.fault': {
    status: 500,
    oauth: 'server_error',
    title: 'Ambit failed while deciding',
    says: 'Nothing was sent. Give the entry id to the operator of Ambit.',
  },
  'outbound.refused': {
    status: 502,
    title: 'That address may not be reached from here',
    says: 'Ask an operator to name the origin, or to allow the private range it is in.',
  },
} as const satisfies Record<string, RefusalRow>;
