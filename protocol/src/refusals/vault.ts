import type { RefusalRow } from './row.ts';

const askOperator = 'Nothing was sent. Ask an administrator to look at the credential that this API is called with.';

export const vaultRefusals = {
  'vault.credential_unknown': {
    status: 403,
    title: 'There is no such credential',
    says: 'Nothing was sent. Ask an administrator to store a credential for this API.',
  },
  'vault.credential_disabled': {
    status: 403,
    title: 'That credential is disabled',
    says: 'A disabled credential stays disabled: store a new one for the same origin.',
  },
  'vault.origin_not_named': {
    status: 403,
    title: 'That credential is not for this origin',
    says: 'Nothing was sent. A person has to name the origin when the credential is stored.',
  },
  'vault.wrong_agent_user': {
    status: 403,
    title: 'That credential acts as another user',
    says: 'Nothing was sent. Ask an administrator for a credential of the user this agent acts as.',
  },
  'vault.wrong_api': { status: 403, title: 'That credential is for another API', says: askOperator },
  'vault.cannot_open': { status: 503, title: 'The credential could not be opened', says: askOperator },
  'vault.certificate_expired': {
    status: 503,
    title: 'The certificate for that API does not hold now',
    says: 'Nothing was sent. Ask an administrator to rotate the credential: its certificate has expired, or begins later.',
  },
  'vault.place_taken': {
    status: 400,
    title: 'The call names a value that only the credential may fill',
    says: 'Leave out the header or query parameter that carries the credential; Ambit adds it.',
  },
  'vault.credential_invalid': {
    status: 400,
    oauth: 'invalid_request',
    title: 'The credential cannot be stored like this',
    says: 'Correct the named part and send it again.',
  },
  'vault.door_taken': {
    status: 409,
    title: 'Another credential answers for that origin',
    says: 'Rotate the existing credential, disable it, or bind this one to an API or an agent user of its own.',
  },
} as const satisfies Record<string, RefusalRow>;
