import type { RefusalRow } from './row.ts';

const askForAnother = 'Ask for a new token at the token endpoint, with the key that the task was accepted with.';

export const tokensRefusals = {
  'token.missing': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token is missing',
    says: 'Send exactly one Authorization header: DPoP and the access token, with a proof in the DPoP header (RFC 9449 §7.1); or Bearer and a token that is bound to the certificate of the connection (RFC 8705 §3).',
  },
  'token.bearer_refused': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The token is bound to a key and was sent as a bearer token',
    says: 'Send it under the DPoP scheme, with a proof signed by the key it is bound to.',
  },
  'token.invalid': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token does not hold',
    says: askForAnother,
  },
  'token.expired': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token has expired',
    says: askForAnother,
  },
  'token.wrong_audience': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token is for something else',
    says: 'Use the token of a task at the gateway and for that task; use the token without a task for the rest of the API.',
  },
  'token.other_key': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token is bound to another key',
    says: 'Sign the proof with the key that the token was issued for.',
  },
  'token.certificate_missing': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token is bound to a certificate, and none came',
    says: 'Connect to the TLS listener itself with the certificate that the token was issued for (RFC 8705 §3).',
  },
  'token.other_certificate': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token is bound to another certificate',
    says: 'Connect with the certificate that the token was issued for, while it holds, and send the token under the Bearer scheme.',
  },
  'token.revoked': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The access token was revoked',
    says: askForAnother,
  },
  'token.key_revoked': {
    status: 401,
    oauth: 'invalid_grant',
    title: 'The key of the agent does not hold any more',
    says: 'Ask the owner of the agent: the task belongs to a key that was revoked, has expired, or is older than the organisation allows.',
  },
  'token.requester_not_active': {
    status: 401,
    oauth: 'invalid_grant',
    title: 'The person who asked is not active',
    says: 'The task stands still while the person it is done for is not active. Ask an administrator.',
  },
  'token.no_place': {
    status: 503,
    oauth: 'temporarily_unavailable',
    title: 'The status list has no free place',
    says: 'Far more tokens were asked for within ten minutes than are ever needed. Use the ones there are, or ask again later.',
  },
  'grant.unsupported': {
    status: 400,
    oauth: 'unsupported_grant_type',
    title: 'That grant type is not offered',
    says: 'Use client_credentials, or the token exchange of RFC 8693.',
  },
  'grant.scope': {
    status: 400,
    oauth: 'invalid_scope',
    title: 'There are no scopes here',
    says: 'Leave out scope: what a token may do is the authority of its task.',
  },
  'grant.target': {
    status: 400,
    oauth: 'invalid_target',
    title: 'No token is issued for that target',
    says: 'Leave out resource and audience, or name what the metadata names, or an API of the catalog that takes tokens itself.',
  },
  'grant.details': {
    status: 400,
    oauth: 'invalid_authorization_details',
    title: 'The authorization details cannot be used',
    says: 'For the token of a task send one ambit_task with its id; to delegate, send the grants.',
  },
  'grant.task_unknown': {
    status: 400,
    oauth: 'invalid_grant',
    title: 'There is no such task for this agent',
    says: 'Check the id of the task; the tasks of others look the same as those that do not exist.',
  },
  'grant.task_not_accepted': {
    status: 400,
    oauth: 'invalid_grant',
    title: 'The task was not accepted yet',
    says: 'Accept the task first, with the key that its tokens shall be bound to.',
  },
  'exchange.subject_invalid': {
    status: 400,
    oauth: 'invalid_request',
    title: 'The subject token cannot be exchanged',
    says: 'Send the calling agent’s own, live access token of the task it delegates from (RFC 8693 §2.1).',
  },
  'exchange.actor_pair': {
    status: 400,
    oauth: 'invalid_request',
    title: 'actor_token and actor_token_type come together',
    says: 'Send both of them or neither (RFC 8693 §2.1).',
  },
  'exchange.actor_invalid': {
    status: 400,
    oauth: 'invalid_request',
    title: 'The actor token does not hold',
    says: 'The other agent signs it: iss and sub its id, aud the issuer, a fresh jti, at most 60 seconds, cnf.jkt the key it will prove with, or cnf.x5t#S256 its certificate.',
  },
} as const satisfies Record<string, RefusalRow>;
