import type { RefusalRow } from './row.ts';

export const tasksRefusals = {
} as const satisfies Record<string, RefusalRow>;
