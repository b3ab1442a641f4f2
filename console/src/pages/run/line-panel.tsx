import type { Part, RunLine } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { DecisionChip, DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { When } from '../../kit/when.tsx';
import { WhyList } from '../../kit/why-list.tsx';
import { pageFiles } from '../../page-files.ts';
import { UndoSection } from './undo-section.tsx';

type LinePanelProps = {
  readonly line: RunLine;
  readonly onUndo: (line: RunLine) => void;
  /** Another line of the run, by its place in the log. */
  readonly onLine: (index: number) => void;
};

/** One line with its decision: what was wanted, why it went as it did, and where it is proved. */
export function LinePanel({ line, onUndo, onLine }: LinePanelProps) {
  return (
    <div className="grid gap-5">
      <section className="grid gap-2">
        <p className="flex items-center justify-between gap-3 text-caption text-text-2">
          {line.decision === null ? <span>{line.kind}</span> : <DecisionChip decision={line.decision} />}
          <When at={line.at} as="second" />
        </p>
        <h2 className="font-semibold text-body text-pretty wrap-anywhere">
          <Sentence parts={line.told} />
        </h2>
      </section>
      {(line.why.length > 0 || line.denied !== null) && (
        <section className="grid gap-1.5">
          <h3 className="text-caption text-text-2">Why</h3>
          <WhyList line={line} />
        </section>
      )}
      {line.gives.length > 0 && (
        <section className="grid gap-1.5">
          <h3 className="text-caption text-text-2">What the task may do from here on</h3>
          <ul className="m-0 grid list-none gap-2 p-0">
            {line.gives.map((one, at) => (
              // The lines of one authority keep their order, and two may say the same.
              // biome-ignore lint/suspicious/noArrayIndexKey: their place is what tells them apart
              <li key={`${one.action} ${at}`} className="flex items-start gap-2 text-interface">
                <span className="mt-1">
                  <DecisionMark decision={one.decision} size={12} />
                </span>
                <span className="min-w-0 wrap-anywhere">
                  <Sentence parts={one.sentence} />
                  {one.bounds.length > 0 && (
                    <span className="block text-caption text-text-2">
                      <Sentence parts={one.bounds.flatMap(separated)} />
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {line.answers.length > 0 && (
        <section className="grid gap-1.5">
          <h3 className="text-caption text-text-2">Answered</h3>
          {line.answers.map((one) => (
            <p key={one.at} className="flex items-start gap-2 text-interface">
              <span className="mt-1">
                <DecisionMark decision={one.answer === 'yes' ? 'permit' : 'deny'} size={12} />
              </span>
              <span className="min-w-0 flex-1">
                <Sentence parts={one.sentence} />
              </span>
              <When at={one.at} as="second" />
            </p>
          ))}
        </section>
      )}
      {line.moved !== null && <MovedSection moved={line.moved} onLine={onLine} />}
      {line.outcome !== null && (
        <section className="grid gap-1">
          <h3 className="text-caption text-text-2">What came of it</h3>
          <p className="text-interface">
            <Sentence parts={line.outcome.sentence} />
          </p>
        </section>
      )}
      {line.undo !== null && <UndoSection line={line} undo={line.undo} onUndo={onUndo} onLine={onLine} />}
      {line.claim !== null && (
        <section className="grid gap-1.5">
          <h3 className="text-caption text-text-2">
            <Sentence parts={line.claim.sentence} />
          </h3>
          <Foreign by="The agent’s words" text={line.claim.text} />
        </section>
      )}
      {line.keys.length > 0 && (
        <section className="grid gap-1">
          <h3 className="text-caption text-text-2">About</h3>
          <ul className="code m-0 list-none p-0">
            {line.keys.map((key) => (
              <li key={key}>
                <Foreign inline text={key} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="grid gap-1 border-line border-t pt-4 text-caption">
        <p className="flex items-baseline justify-between gap-3">
          <span className="text-text-2">Entry {line.index.toLocaleString()}</span>
          {line.code !== null && <span className="code text-text-2">{line.code}</span>}
        </p>
        <Id id={line.entry} label="Copy the id of this entry" />
        {pageFiles.entry !== undefined && (
          <Link
            to="/log/$entry"
            params={{ entry: line.entry }}
            className="mt-1 flex items-center gap-1.5 font-medium text-accent text-interface hover:underline"
          >
            <ShieldCheck aria-hidden="true" className="size-4" />
            The entry and its proof
          </Link>
        )}
      </section>
    </div>
  );
}

const separated = (parts: readonly Part[], at: number): readonly Part[] =>
  at === 0 ? parts : [{ text: ' · ' }, ...parts];

function MovedSection({
  moved,
  onLine,
}: { readonly moved: NonNullable<RunLine['moved']> } & Pick<LinePanelProps, 'onLine'>) {
  const { index, approval } = moved;
  return (
    <section className="grid gap-1">
      <h3 className="text-caption text-text-2">What came of it</h3>
      <p className="text-interface wrap-anywhere">
        <Sentence parts={moved.sentence} />.
      </p>
      <p className="flex flex-wrap gap-x-4 text-caption">
        {index !== null && (
          <button type="button" className="min-h-6 text-accent hover:underline" onClick={() => onLine(index)}>
            Its line
          </button>
        )}
        <Link
          to="/inbox/{-$approval}"
          params={{ approval }}
          className="inline-flex min-h-6 items-center text-accent hover:underline"
        >
          The new question
        </Link>
      </p>
    </section>
  );
}
