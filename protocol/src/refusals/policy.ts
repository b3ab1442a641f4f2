import type { RefusalRow } from './row.ts';

export const policyRefusals = {} as const satisfies Record<string, RefusalRow>;
