import type { RefusalRow } from './row.ts';

export const limitsRefusals = {
} as const satisfies Record<string, RefusalRow>;
