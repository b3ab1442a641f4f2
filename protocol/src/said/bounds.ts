import type { Grant } from '../authority/authority.ts';
import { grantShape } from '../authority/grant.ts';
import { integer, object, type Shape } from '../shape.ts';

/**
 * Within which a yes is remembered: calls of the same task that lie within the grant, as many and as much as its limits
 * say, until then. A person signs over them with the answer.
 */
export type Bounds = {
  /** One action, a rule for each value of the call, how many calls, and where money moves how much in all. */
  readonly grant: Grant;
  /** Epoch milliseconds; never after the end of the task. */
  readonly until: number;
};

/** Bounds on the wire. */
export const boundsShape: Shape<Bounds> = object({
  grant: grantShape,
  until: integer({ min: 0, max: 8_640_000_000_000_000 }),
});
