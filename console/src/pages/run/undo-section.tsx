import type { RunLine, RunUndo, UndoState } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { TriangleAlert, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { When } from '../../kit/when.tsx';
import { pageFiles } from '../../page-files.ts';
import { whyNot } from '../../plane/may-answer.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

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

type Attempt = NonNullable<RunUndo['attempt']>;

/** Nothing was sent yet. */
const mayWithdraw: ReadonlySet<UndoState> = new Set(['begun', 'asked']);

/** What others wait for, until when, and its end for who asked. */
function Waits({ attempt: { task, by, question } }: { readonly attempt: Attempt }) {
  const { me } = usePlane();
  const [isOpen, setOpen] = useState(false);
  const may = by === me.id || me.roles.some((role) => role === 'administrator');
  return (
    <div className="grid justify-items-start gap-2 pl-5 text-caption text-text-2">
      <p>
        Nobody else can ask for it until that is answered or withdrawn
        {question?.until == null ? (
          '.'
        ) : (
          <>
            , by <When at={question.until} /> at the latest.
          </>
        )}
      </p>
      {may && <Button onClick={() => setOpen(true)}>Withdraw it…</Button>}
      {isOpen && (
        <EndConfirm
          title="Withdraw this undo?"
          confirm="Withdraw it"
          ends={['The question ends unanswered, and nothing is sent', 'It can be asked for again, by you or by others']}
          reason={{ usual: 'Withdrawn in the console.' }}
          onClose={() => setOpen(false)}
          run={({ operator }, reason) => operator.tasks.revoke(task, reason)}
        />
      )}
    </div>
  );
}

/** For whoever may read the question. */
function ToQuestion({ approval }: { readonly approval: NonNullable<Attempt['question']>['approval'] }) {
  const { me } = usePlane();
  const inbox = useRead(['approvals', 'inbox'], ({ operator }) => operator.approvals.inbox());
  const question = inbox.data?.questions.find(({ id }) => id === approval);
  if (question === undefined || pageFiles.inbox === undefined) return null;
  return (
    <Link
      to="/inbox/{-$approval}"
      params={{ approval }}
      className="inline-flex min-h-6 items-center text-accent hover:underline"
    >
      {whyNot(question, me) === null ? 'Answer its question' : 'Its question'}
    </Link>
  );
}

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
            {attempt.question !== null && <ToQuestion approval={attempt.question.approval} />}
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
          {mayWithdraw.has(attempt.state) && <Waits attempt={attempt} />}
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
