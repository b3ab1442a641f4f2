import type { PartSource } from '@ambit/protocol';

/** Whether a stranger may have written a value: an API that answered, or an agent. */
export const isFromOutside = (source: PartSource): boolean => source === 'upstream' || source === 'agent';
