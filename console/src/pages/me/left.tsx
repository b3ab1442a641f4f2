import type { ActingTask } from '@ambit/sdk/operator';
import { BudgetBar } from '../../kit/budget-bar.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readAmount } from '../../kit/read-amount.ts';

/** What a task has left of one limit. */
export function Left({ limit: { unit, spent, max, left, actions } }: { readonly limit: ActingTask['budget'][number] }) {
  const many = (amount: string) => (/^[A-Z]{3}$/.test(unit) ? readAmount(amount, unit) : `${amount} ${unit}`);
  return (
    <div className="grid gap-1">
      <p className="code text-text-2 wrap-anywhere">
        <Foreign inline text={actions.join(', ')} />
      </p>
      {max === null ? (
        <p className="text-caption text-text-2">{many(spent)} so far; nothing bounds it.</p>
      ) : (
        <BudgetBar
          title="Budget"
          spent={spent}
          limit={max}
          says={{
            left: left === null ? `Nothing is left of ${many(max)}` : `${many(left)} left of ${many(max)}`,
            spent: `${many(spent)} spent`,
          }}
        />
      )}
    </div>
  );
}
