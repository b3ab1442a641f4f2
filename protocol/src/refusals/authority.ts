import type { RefusalRow } from './row.ts';

export const authorityRefusals = {
} as const satisfies Record<string, RefusalRow>;
