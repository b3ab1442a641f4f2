import type { RefusalRow } from './row.ts';

export const vaultRefusals = {} as const satisfies Record<string, RefusalRow>;
