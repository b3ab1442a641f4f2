import type { Elevation } from '@ambit/protocol/wire';

export type { Elevation };

/** How many of one task may stand at once. */
export const elevationsMax = 16;

export const isStanding = ({ state, expiresAt }: Elevation, now: number): boolean =>
  state === 'standing' && now < expiresAt;
