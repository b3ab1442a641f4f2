import type { RefusalRow } from './row.ts';

/** Of the guard that APIs verify tokens with themselves. It speaks to the agents of the plane, so its codes are here. */
export const guardRefusals = {
  'guard.wrong_tenant': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The token is of another organisation',
    says: 'Call with a token that the organisation of this API issued.',
  },
  'guard.chain_too_long': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The task was delegated too often for this API',
    says: 'Let an agent call that stands closer to the person who asked.',
  },
  'guard.unbound': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The token is bound to nothing that this API can check',
    says: 'Ask for a token that is bound to one key (DPoP) or one certificate (mutual TLS).',
  },
  'guard.other_certificate': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The token is bound to a certificate that was not shown',
    says: 'Connect by mutual TLS with the certificate that the token was issued for.',
  },
  'guard.not_covered': {
    status: 403,
    oauth: 'insufficient_scope',
    title: 'The task does not cover this call',
    says: 'Ask for an elevation of the task, or call what it covers.',
  },
  'guard.needs_gateway': {
    status: 403,
    oauth: 'insufficient_scope',
    title: 'What is counted, or asked about, goes through the gateway',
    says: 'Send this call through the gateway of Ambit: its grant has limits, or needs a person.',
  },
  'guard.step_up': {
    status: 401,
    oauth: 'insufficient_user_authentication',
    title: 'The person behind the task must prove themselves anew',
    says: 'Let the person authenticate as acr_values and max_age say, then ask for a new token (RFC 9470).',
  },
  'guard.keys_unreachable': {
    status: 503,
    title: 'The keys of the issuer cannot be had',
    says: 'Try again: this API could not fetch the keys that tokens are verified with.',
  },
  'guard.status_unreachable': {
    status: 503,
    title: 'Whether the token still stands cannot be known now',
    says: 'Try again: this API could not fetch the status list of the token.',
  },
  'guard.too_many_proofs': {
    status: 503,
    title: 'This API remembers as many proofs as it can',
    says: 'Try again in a minute.',
  },
} as const satisfies Record<string, RefusalRow>;
