import type { EnforcementPoint as PointTold } from '@ambit/protocol/wire';

/** It proves itself with a key, or, where a proxy can only send a header, with a secret. */
export type EnforcementPoint = Omit<PointTold, 'proves'> & { readonly secretHash: string | null };

// A secret hash is of no use to a reader, and a reader of it could try guesses.
export const pointTold = ({ secretHash, ...point }: EnforcementPoint): PointTold => ({
  ...point,
  proves: secretHash === null ? 'key' : 'secret',
});
