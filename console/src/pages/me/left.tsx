import type { ActingTask } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { LimitBar } from '../../kit/limit-bar.tsx';

/** What a task has left of one limit. */
export function Left({ limit }: { readonly limit: ActingTask['budget'][number] }) {
  return (
    <div className="grid gap-1 text-text-2">
      <p className="code wrap-anywhere">
        <Foreign inline text={limit.actions.join(', ')} />
      </p>
      <LimitBar title="Budget" limit={limit} />
    </div>
  );
}
