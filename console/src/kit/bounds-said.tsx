import { sayBoundsInOne } from '@ambit/protocol';
import type { Bounds, Widest } from '@ambit/sdk/operator';
import { Sentence } from './sentence.tsx';
import { Moment } from './when.tsx';

type BoundsSaidProps = { readonly bounds: Bounds; readonly amount: Widest['amount'] };

/** Within what a yes is remembered, in one sentence. */
export function BoundsSaid({ bounds, amount }: BoundsSaidProps) {
  return (
    <>
      <Sentence parts={sayBoundsInOne(bounds, amount)} />, until <Moment at={bounds.until} /> or the end of its task.
    </>
  );
}
