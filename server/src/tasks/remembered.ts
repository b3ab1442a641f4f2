import type { Remembered } from '@ambit/protocol/wire';

export type { Remembered };

/** How many of one task may stand at once. */
export const rememberedMax = 16;

export const isRemembered = ({ state, expiresAt }: Remembered, now: number): boolean =>
  state === 'standing' && now < expiresAt;
