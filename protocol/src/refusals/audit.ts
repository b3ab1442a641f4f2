import type { RefusalRow } from './row.ts';

export const auditRefusals = {} as const satisfies Record<string, RefusalRow>;
