import type { ApprovalId } from '@ambit/protocol';
import type { ListedQuestion, Me } from '@ambit/sdk/operator';
import { useVirtualizer } from '@tanstack/react-virtual';
import { EqualNot, UserRoundX } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readLeft, readSince } from '../../kit/read-time.ts';
import { Sentence } from '../../kit/sentence.tsx';
import { useNow } from '../../kit/use-now.ts';
import { WhoMark } from '../../kit/who.tsx';
import { mayAnswer, whyNot } from '../../plane/may-answer.ts';
import type { Row } from './rows.ts';

type InboxListProps = {
  readonly rows: readonly Row[];
  readonly me: Me;
  readonly selected: ApprovalId | null;
  /** The same for as long as the list is there: a row is drawn anew only where something of it changed. */
  readonly onSelect: (approval: ApprovalId) => void;
  readonly onHold: (isHeld: boolean) => void;
};

const idOf = (approval: ApprovalId): string => `row-${approval}`;

/** Questions, one row each. Of thousands only those are drawn that are in sight. */
export function InboxList({ rows, me, selected, onSelect, onHold }: InboxListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const questions = rows.filter((row) => row.is === 'question');
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.is === 'heading' ? 40 : 62),
    getItemKey: (index) => keyOf(rows[index], index),
    overscan: 4,
  });
  const at = rows.findIndex((row) => row.is === 'question' && row.question.id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  return (
    <div
      ref={scroller}
      onPointerEnter={() => onHold(true)}
      onPointerLeave={() => onHold(false)}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <div
        role="listbox"
        aria-label="Questions"
        tabIndex={0}
        aria-activedescendant={at < 0 || selected === null ? undefined : idOf(selected)}
        className="relative -outline-offset-2"
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <div
              key={key}
              data-index={index}
              ref={virtual.measureElement}
              role="presentation"
              className="absolute inset-x-0 top-0 contain-layout"
              style={{ transform: `translateY(${start}px)` }}
            >
              {row.is === 'question' ? (
                <Question
                  question={row.question}
                  alike={row.alike}
                  isFolded={row.isFolded}
                  me={me}
                  isSelected={row.question.id === selected}
                  position={questions.indexOf(row) + 1}
                  size={questions.length}
                  onSelect={onSelect}
                />
              ) : (
                <Heading row={row} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function keyOf(row: Row | undefined, index: number): string {
  if (row?.is === 'question') return row.question.id;
  return row?.is === 'group' ? row.alike.key : `heading-${index}`;
}

function Heading({ row }: { readonly row: Exclude<Row, { is: 'question' }> }) {
  if (row.is === 'heading')
    return <p className="border-line border-b px-4 pt-5 pb-2 text-caption text-text-2">{row.says}</p>;
  return (
    <p className="border-line border-b bg-sunken px-4 py-2 font-medium text-caption text-text-2">
      <Sentence parts={row.alike.title} />
    </p>
  );
}

type QuestionProps = Pick<Extract<Row, { is: 'question' }>, 'question' | 'alike' | 'isFolded'> & {
  readonly me: Me;
  readonly isSelected: boolean;
  readonly position: number;
  readonly size: number;
  readonly onSelect: (approval: ApprovalId) => void;
};

const decisionOf = ({ state }: ListedQuestion): Decision => {
  if (state === 'parked') return 'ask';
  return ['approved', 'claimed', 'done', 'unknown'].includes(state) ? 'permit' : 'deny';
};

const Question = memo(function Question(props: QuestionProps) {
  const { question, alike, isFolded, me, isSelected, position, size, onSelect } = props;
  const isMine = question.state !== 'parked' || mayAnswer(question, me);
  const how = alike?.differing.find((one) => one.approval === question.id)?.how;
  const ground = isSelected ? 'bg-accent-soft shadow-[inset_3px_0_0_var(--accent)]' : 'hover:bg-hover';
  return (
    // The list has the focus and the keys; a row is only pointed at.
    <div
      id={idOf(question.id)}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-posinset={position}
      aria-setsize={size}
      onClick={() => onSelect(question.id)}
      onKeyDown={undefined}
      className={`grid cursor-pointer grid-cols-[14px_1fr] gap-x-2.5 border-line border-b px-4 py-3 ${ground} ${isMine ? '' : 'text-text-2'}`}
    >
      <span className="pt-[3px]">
        {isMine ? (
          <DecisionMark decision={decisionOf(question)} />
        ) : (
          <UserRoundX aria-hidden="true" className="size-3.5" />
        )}
      </span>
      <p className="min-w-0 font-medium text-interface wrap-anywhere">
        <Sentence parts={isFolded && alike !== null ? alike.title : question.sentence} />
      </p>
      {isFolded && alike !== null && alike.differing.length > 0 && (
        <p className="col-start-2 flex items-start gap-1.5 font-medium text-ask text-caption">
          <EqualNot aria-hidden="true" className="mt-0.5 size-3 shrink-0" />
          <span className="min-w-0 wrap-anywhere">
            {alike.differing.length} {alike.differing.length === 1 ? 'differs' : 'differ'}:{' '}
            <Sentence parts={alike.differing[0]?.how ?? []} />
          </span>
        </p>
      )}
      {!isFolded && how !== undefined && (
        <p className="col-start-2 flex items-start gap-1.5 font-medium text-ask text-caption wrap-anywhere">
          <EqualNot aria-hidden="true" className="mt-0.5 size-3 shrink-0" />
          <span>
            Differs: <Sentence parts={how} />
          </span>
        </p>
      )}
      {isMine ? (
        <Asker {...question} />
      ) : (
        <p className="col-start-2 mt-0.5 text-interface text-text-2">{whyNot(question, me)}</p>
      )}
    </div>
  );
});

function Asker({ agentName, requesterName, state, expiresAt, answers }: ListedQuestion) {
  const now = useNow();
  const left = expiresAt - now;
  return (
    <div className="col-start-2 mt-1 flex items-center gap-1.5 text-interface text-text-2">
      <WhoMark who={{ kind: 'agent', name: agentName }} />
      <span className="min-w-0 flex-1 truncate">
        <span className="text-text">
          <Foreign inline text={agentName} />
        </span>{' '}
        for <Foreign inline text={requesterName} />
      </span>
      <span className={`shrink-0 tabular-nums ${state === 'parked' && left < 60_000 ? 'font-medium text-deny' : ''}`}>
        {state === 'parked' ? leftSaid(left) : readSince(answers.at(-1)?.at ?? expiresAt, now)}
      </span>
    </div>
  );
}

const leftSaid = (left: number): string => (left <= 0 ? 'ended' : `${readLeft(left)} left`);
