import type { RefusalRow } from './row.ts';

export const tokensRefusals = {} as const satisfies Record<string, RefusalRow>;
