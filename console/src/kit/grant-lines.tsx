import { type GrantLine, type Part, type PartSource, sayAuthority } from '@ambit/protocol';
import type { Authority } from '@ambit/sdk/operator';
import type { ReactNode } from 'react';
import { useActionWords } from '../plane/use-action-words.ts';
import { DecisionChip } from './decision-chip.tsx';
import { Sentence } from './sentence.tsx';
import { Lines, Loading } from './states.tsx';

type GrantLinesProps = {
  readonly authority: Authority;
  readonly source: PartSource;
  /** Whether it bounds every task, and not one. */
  readonly isOverTasks?: boolean;
  /** What stands beside a line, e.g. what was used of it; a grant has several lines. */
  readonly beside?: (line: GrantLine, isFirstOfGrant: boolean) => ReactNode;
};

/** Authority in words, line by line; and that everything else is denied. */
export function GrantLines({ authority, source, isOverTasks = false, beside }: GrantLinesProps) {
  const wordsOf = useActionWords(authority);
  if (wordsOf === null) return <Loading shape={<Lines widths={['62%', '48%', '70%', '55%']} />} />;
  const lines = sayAuthority(authority, { wordsOf, source, isOverTasks });
  return (
    <ul className="border-line border-t">
      {lines.map((line, at) => (
        // The lines of one authority keep their order, and two may say the same.
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: their place is what tells them apart
          key={`${line.action} ${at}`}
          decision={line.decision}
          isBeside={beside !== undefined}
          beside={beside?.(line, lines[at - 1]?.grant !== line.grant)}
        >
          <p className="text-body wrap-anywhere">
            <Sentence parts={line.sentence} />
          </p>
          {line.bounds.length > 0 && (
            <p className="text-caption text-text-2 wrap-anywhere">
              <Sentence parts={line.bounds.flatMap(separated)} />
            </p>
          )}
        </Line>
      ))}
      <Line decision="deny" isBeside={beside !== undefined}>
        <p className="text-body">Everything else</p>
        <p className="text-caption text-text-2">Whatever no line above names, however it is asked for.</p>
      </Line>
    </ul>
  );
}

const separated = (parts: readonly Part[], at: number): readonly Part[] =>
  at === 0 ? parts : [{ text: ' · ' }, ...parts];

type LineProps = {
  readonly decision: 'permit' | 'ask' | 'deny';
  /** Whether something stands beside any line: then all keep the room for it. */
  readonly isBeside: boolean;
  readonly beside?: ReactNode;
  readonly children: ReactNode;
};

function Line({ decision, isBeside, beside, children }: LineProps) {
  return (
    <li
      className={`grid items-center gap-x-2 gap-y-1 border-line border-b py-2 max-lg:grid-cols-[5.25rem_1fr] max-sm:grid-cols-1 ${isBeside ? 'grid-cols-[5.25rem_1fr_11.5rem]' : 'grid-cols-[5.25rem_1fr]'}`}
    >
      <span>
        <DecisionChip decision={decision} />
      </span>
      <div className="min-w-0">{children}</div>
      {beside !== undefined && (
        <div className="text-caption text-text-2 max-lg:col-start-2 max-sm:col-start-1">{beside}</div>
      )}
    </li>
  );
}
