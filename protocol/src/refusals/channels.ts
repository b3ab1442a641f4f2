import type { RefusalRow } from './row.ts';

export const channelsRefusals = {
  'channel.endpoint_invalid': {
    status: 400,
    title: 'That endpoint cannot be used',
    says: 'Give one https URL without user, password and fragment; plain http only on loopback, or where the settings allow it.',
  },
  'channel.mail_not_set_up': {
    status: 409,
    title: 'No mail server is set',
    says: 'Whoever runs Ambit sets AMBIT_SMTP_URL and AMBIT_MAIL_FROM, and starts it again.',
  },
  'channel.too_many': {
    status: 409,
    title: 'There are as many channels as there may be',
    says: 'Remove one first.',
  },
  'channel.no_secret': {
    status: 409,
    title: 'The channel signs nothing',
    says: 'There is nothing to rotate: only what is posted to an endpoint is signed.',
  },
  'channel.disabled': {
    status: 409,
    title: 'The channel is disabled',
    says: 'Look at why, mend it, then enable it again.',
  },
  'channel.enabled': {
    status: 409,
    title: 'The channel is enabled',
    says: 'Nothing was changed.',
  },
} as const satisfies Record<string, RefusalRow>;
