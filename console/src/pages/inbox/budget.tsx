import type { Approval } from '@ambit/sdk/operator';
import { BudgetBar } from '../../kit/budget-bar.tsx';
import { readMany } from '../../kit/read-amount.ts';

/** What the task has of each limit, and what this call would take. */
export function Budget({ budget }: { readonly budget: Approval['card']['budget'] }) {
  return budget.map(({ unit, spent, now, max, left }) => {
    const many = (amount: string) => readMany(amount, unit);
    if (max === null)
      return (
        <p key={unit} className="text-caption text-text-2">
          {many(spent)} so far; nothing bounds it.
        </p>
      );
    return (
      <BudgetBar
        key={unit}
        title="Budget of the task"
        spent={spent}
        thisCall={now}
        limit={max}
        says={{
          left: left === null ? `Too little is left of ${many(max)}` : `${many(left)} would be left of ${many(max)}`,
          spent: `${many(spent)} spent`,
          thisCall: unit === 'calls' ? 'this call' : `${many(now)} this call`,
        }}
      />
    );
  });
}
