import type { Entities } from './entities.ts';
import type { CedarRecord, EntityUid, Value } from './value.ts';

export type Request = {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: CedarRecord;
};

/** Everything that a policy can see. */
export type Frame = Request & { readonly entities: Entities };

/** A compiled expression. `constant` is there when its value depends on nothing. */
export type Code = ((frame: Frame) => Value) & { readonly constant?: Value };
