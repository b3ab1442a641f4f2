import type { LimitLeft } from '@ambit/protocol';
import { BudgetBar } from './budget-bar.tsx';
import { readMany } from './read-amount.ts';
import { readDuration } from './read-time.ts';

type LimitBarProps = {
  readonly limit: Omit<LimitLeft, 'now' | 'actions' | 'grant'>;
  readonly title: string;
};

/** What is left of one limit: the words are the truth, the bar only draws them. */
export function LimitBar({ limit: { unit, spent, max, left, seconds }, title }: LimitBarProps) {
  const many = (amount: string) => readMany(amount, unit);
  if (max === null) return <p className="text-caption">{many(spent)} so far; nothing bounds it.</p>;
  const span = seconds === null ? '' : ` in ${readDuration(seconds * 1000)}`;
  return (
    <BudgetBar
      title={title}
      spent={spent}
      limit={max}
      says={{
        left: left === null ? `Nothing is left of ${many(max)}${span}` : `${many(left)} left of ${many(max)}${span}`,
        spent: `${many(spent)} spent`,
      }}
    />
  );
}
