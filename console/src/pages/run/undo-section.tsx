import type { RunLine, RunUndo, UndoState } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { TriangleAlert, Undo2 } from 'lucide-react';
import { Button } from '../../kit/button.tsx';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { pageFiles } from '../../page-files.ts';

type UndoSectionProps = {
  readonly line: RunLine;
  readonly undo: RunUndo;
  readonly onUndo: (line: RunLine) => void;
  readonly onLine: (index: number) => void;
};

const marks: Readonly<Record<UndoState, Decision>> = {
  begun: 'ask',
  asked: 'ask',
  sent: 'permit',
  done: 'permit',
  failed: 'deny',
  unknown: 'ask',
  denied: 'deny',
  'said-no': 'deny',
  ended: 'deny',
};

/** Whether the call can be taken back, and how that went or goes. */
export function UndoSection({ line, undo, onUndo, onLine }: UndoSectionProps) {
  const { attempt, action, isOpen } = undo;
  return (
    <section className="grid gap-2">
      <h3 className="text-caption text-text-2">Can it be undone?</h3>
      {attempt !== null && (
        <div role="status" className="grid gap-1 rounded-card border border-line bg-surface px-3 py-2 text-interface">
          <p className="flex items-start gap-2">
            <span className="mt-1">
              <DecisionMark decision={marks[attempt.state]} size={12} />
            </span>
            <span className="min-w-0 wrap-anywhere">
              <Sentence parts={attempt.sentence} />
            </span>
          </p>
          <p className="flex flex-wrap gap-x-4 pl-5 text-caption">
            {attempt.index !== null && (
              <button
                type="button"
                className="min-h-6 text-accent hover:underline"
                onClick={() => onLine(attempt.index ?? line.index)}
              >
                Its line
              </button>
            )}
            {pageFiles.task !== undefined && (
              <Link
                to="/tasks/$task"
                params={{ task: attempt.task }}
                className="inline-flex min-h-6 items-center text-accent hover:underline"
              >
                Its task
              </Link>
            )}
          </p>
        </div>
      )}
      {(attempt === null || isOpen) && (
        <p className="flex items-start gap-2 text-interface">
          {action === null ? (
            <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-deny" />
          ) : (
            <Undo2 aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-text-2" />
          )}
          <span className="min-w-0 wrap-anywhere">
            <Sentence parts={undo.sentence} />
          </span>
        </p>
      )}
      {isOpen && (
        <p>
          <Button onClick={() => onUndo(line)}>
            {attempt === null ? 'Undo…' : 'Try again…'} <KeyCap keys="U" />
          </Button>
        </p>
      )}
    </section>
  );
}
