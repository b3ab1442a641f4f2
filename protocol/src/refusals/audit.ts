import type { RefusalRow } from './row.ts';

export const auditRefusals = {
  'log.span_too_long': {
    status: 422,
    title: 'Too many decisions to count at once',
    says: 'Ask for a shorter span: at most 100,000 decisions are counted.',
  },
  'log.not_that_long': {
    status: 400,
    title: 'The log does not have that many entries',
    says: 'Ask for a size up to that of the newest checkpoint.',
  },
  'log.contradicts_checkpoint': {
    status: 503,
    title: 'The log is not the one that was signed before',
    says: 'The operator of Ambit must compare the store with the checkpoints kept elsewhere; nothing is signed until then.',
  },
  'log.second_place_failed': {
    status: 503,
    title: 'The second place for checkpoints did not take one',
    says: 'The operator of Ambit must make the named file writable; until then no new checkpoint is given out.',
  },
  'log.too_many_rows': {
    status: 507,
    title: 'A table is too large for one export',
    says: 'Export without rows, and ask the operator of Ambit to verify the rows on the store itself.',
  },
} as const satisfies Record<string, RefusalRow>;
