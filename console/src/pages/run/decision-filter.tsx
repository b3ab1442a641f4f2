import type { RunLine } from '@ambit/sdk/operator';
import { ToggleGroup } from 'radix-ui';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';

type Choice = Decision | 'all';
type DecisionFilterProps = {
  readonly lines: readonly RunLine[];
  readonly value: Choice;
  readonly onChange: (value: Choice) => void;
};

const choices: readonly (readonly [Choice, string])[] = [
  ['all', 'All'],
  ['permit', 'Permit'],
  ['ask', 'Ask'],
  ['deny', 'Deny'],
];

/** Which lines are shown, with how many there would be. */
export function DecisionFilter({ lines, value, onChange }: DecisionFilterProps) {
  const count = (choice: Choice) =>
    choice === 'all' ? lines.length : lines.filter(({ decision }) => decision === choice).length;
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      aria-label="Which lines"
      onValueChange={(to) => to !== '' && onChange(to as Choice)}
      className="flex w-fit max-w-full flex-wrap rounded-control bg-sunken p-0.5"
    >
      {choices.map(([choice, says]) => (
        <ToggleGroup.Item
          key={choice}
          value={choice}
          className={`inline-flex min-h-7 items-center gap-2 rounded-chip border px-2.5 font-medium text-interface max-sm:min-h-11 ${choice === value ? 'border-line bg-surface text-text' : 'border-transparent text-text-2 hover:text-text'}`}
        >
          {choice !== 'all' && <DecisionMark decision={choice} />}
          {says}
          <span className="font-normal text-text-2 tabular-nums">{count(choice)}</span>
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
