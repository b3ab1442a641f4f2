import type { RefusalRow } from './row.ts';

export const endingsRefusals = {} as const satisfies Record<string, RefusalRow>;
