import type { RefusalRow } from './row.ts';

export const gatewayRefusals = {} as const satisfies Record<string, RefusalRow>;
