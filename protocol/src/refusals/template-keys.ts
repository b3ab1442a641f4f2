import type { RefusalRow } from './row.ts';

export const templateKeysRefusals = {
  'template_key.unknown': {
    status: 401,
    oauth: 'invalid_token',
    title: 'That key opens nothing',
    says: 'Send the whole key once, as Authorization: Bearer ambk_…; the owner of the agent can make another.',
  },
  'template_key.ended': {
    status: 401,
    oauth: 'invalid_token',
    title: 'That key has ended',
    says: 'It was revoked, replaced or has expired. Ask the owner of the agent for another.',
  },
  'template_key.elsewhere': {
    status: 401,
    oauth: 'invalid_token',
    title: 'That key is not good from here',
    says: 'It counts from the zone or with the certificate that it is bound to, as the connection itself shows them.',
  },
  'template_key.template_changed': {
    status: 401,
    oauth: 'invalid_token',
    title: 'The template of that key is another by now',
    says: 'Ask the owner of the agent to look at the template and to make a key for it as it is.',
  },
  'template_key.irreversible': {
    status: 403,
    oauth: 'access_denied',
    title: 'A static key does nothing that cannot be taken back',
    says: 'Let an agent with a key of its own do it: private_key_jwt with DPoP, or mutual TLS.',
  },
  'template_key.unbound': {
    status: 422,
    title: 'The key has to be bound',
    says: 'Name the thumbprint of a certificate (x5t#S256), or the networks that it comes from.',
  },
  'template_key.lifetime': {
    status: 422,
    title: 'The key would hold for too long',
    says: 'Let it expire sooner: with the agent at the latest, and within the greatest age of such keys.',
  },
  'template_key.too_many': {
    status: 409,
    title: 'The agent has too many static keys',
    says: 'Revoke one first. An agent that needs so many is better off with a key of its own.',
  },
} as const satisfies Record<string, RefusalRow>;
