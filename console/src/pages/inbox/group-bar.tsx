import { Layers } from 'lucide-react';
import { Button } from '../../kit/button.tsx';
import { Fault } from '../../kit/fault.tsx';
import type { Group } from './group-of.ts';

type GroupBarProps = {
  readonly group: Group;
  readonly isOff: boolean;
  /** Why their cards could not be read. */
  readonly fault: string | null;
  readonly onAnswer: (answer: 'yes' | 'no') => void;
};

/** Over a question that is like others: the way to answer them with one signature, or why that is not done. */
export function GroupBar({ group: { waiting, members, never }, isOff, fault, onAnswer }: GroupBarProps) {
  const many = members.length;
  return (
    <section
      aria-label="Alike questions"
      className="flex min-h-12 flex-wrap items-center gap-2 border-line border-b bg-sunken px-8 py-1.5 text-interface max-sm:px-4"
    >
      <p className="mr-auto flex min-w-0 items-start gap-2 text-text-2">
        <Layers aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        {never === null ? (
          <span>
            {many === waiting
              ? `${waiting} are alike.`
              : `${waiting} are alike; ${many} of them, of this task, in one go.`}
          </span>
        ) : (
          <span>
            {waiting} are alike, and each is answered by itself. {never}
          </span>
        )}
      </p>
      {never === null && (
        <>
          <Button disabled={isOff} onClick={() => onAnswer('yes')}>
            Approve all {many}…
          </Button>
          <Button disabled={isOff} onClick={() => onAnswer('no')}>
            Refuse all {many}…
          </Button>
        </>
      )}
      <Fault says={fault} />
    </section>
  );
}
