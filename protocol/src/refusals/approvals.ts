import type { RefusalRow } from './row.ts';

export const approvalsRefusals = {} as const satisfies Record<string, RefusalRow>;
