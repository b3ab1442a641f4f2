import type { RefusalRow } from './row.ts';

export const identityRefusals = {
} as const satisfies Record<string, RefusalRow>;
