import type { RefusalRow } from './row.ts';

/** `secevent` is the error code of RFC 8935 §2.4, where a transmitter that pushes to us hears it. */
export const signalsRefusals = {
  'signal.endpoint_invalid': {
    status: 400,
    title: 'That endpoint cannot be used',
    says: 'Give one http(s) URL without user, password and fragment, and a header of visible ASCII.',
  },
  'signal.too_many_streams': {
    status: 409,
    title: 'The receiver has as many streams as it may',
    says: 'Change one of your streams, or delete one first.',
  },
  'signal.too_many_subjects': {
    status: 409,
    title: 'The stream has removed as many subjects as it may',
    says: 'Add some of them again, or leave out what you do not need when it comes.',
  },
  'signal.too_soon': {
    status: 429,
    title: 'The stream was verified a moment ago',
    says: 'Wait for min_verification_interval seconds, then ask again.',
  },
  'signal.successor_needed': {
    status: 400,
    title: 'Who takes over does not fit what becomes of agents',
    says: 'Name a successor where agents are reassigned, and none where they are suspended.',
  },
  'signal.transmitter_unknown': {
    status: 400,
    secevent: 'access_denied',
    title: 'No registered transmitter has that address',
    says: 'Push to the address that the registration of the transmitter answered.',
  },
  'signal.set_invalid': {
    status: 400,
    secevent: 'invalid_request',
    title: 'That is no security event token that can be read in one way',
    says: 'Send one signed SET (RFC 8417) of typ secevent+jwt with iss, aud, iat, jti, sub_id and one event, without exp and sub.',
  },
  'signal.key_invalid': {
    status: 400,
    secevent: 'invalid_key',
    title: 'The SET is not signed by a published key of its transmitter',
    says: 'Sign with an asymmetric key of the JWK set that the transmitter is registered with.',
  },
  'signal.keys_unreadable': {
    status: 503,
    title: 'The keys of the transmitter could not be read',
    says: 'Send it again later; the JWK set of the transmitter has to be reachable.',
  },
  'signal.issuer_invalid': {
    status: 400,
    secevent: 'invalid_issuer',
    title: 'The SET is of another issuer',
    says: 'Push to the address of the transmitter that issued it.',
  },
  'signal.audience_invalid': {
    status: 400,
    secevent: 'invalid_audience',
    title: 'The SET is for somebody else',
    says: 'Put the audience that the transmitter is registered with into aud.',
  },
  'signal.stale': {
    status: 400,
    secevent: 'invalid_request',
    title: 'The SET is too old, or from the future',
    says: 'Send what happened within the last day, with a clock that is right.',
  },
  'signal.replayed': {
    status: 400,
    secevent: 'invalid_request',
    title: 'That SET was taken before',
    says: 'Nothing more comes of it: give each SET a jti of its own.',
  },
} as const satisfies Record<string, RefusalRow>;
