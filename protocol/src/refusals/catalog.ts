import type { RefusalRow } from './row.ts';

export const catalogRefusals = {
} as const satisfies Record<string, RefusalRow>;
