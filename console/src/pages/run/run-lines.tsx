import type { EntryId } from '@ambit/protocol';
import type { Lane, RunLine } from '@ambit/sdk/operator';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Undo2 } from 'lucide-react';
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { Time } from '../../kit/when.tsx';
import { laneMarks } from './lane-marks.ts';
import { LaneRail, railWidth } from './lane-rail.tsx';

type RunLinesProps = {
  readonly lines: readonly RunLine[];
  readonly lanes: readonly Lane[];
  readonly selected: number | null;
  /** For whom a question of this run waits, by the entry that asked. */
  readonly waits: ReadonlyMap<EntryId, string>;
  /** What the list scrolls in, with whatever stands above it. */
  readonly scroller: HTMLElement | null;
  readonly onSelect: (index: number) => void;
  readonly onUndo: (line: RunLine) => void;
};

const words: Readonly<Record<Decision, string>> = { permit: 'Permit', ask: 'Ask', deny: 'Deny' };
const inks: Readonly<Record<Decision, string>> = { permit: 'text-permit', ask: 'text-ask', deny: 'text-deny' };

/** What a line is likely to be high, until it is measured. */
const lineHeight = 32;

/** The run as a list of what happened, in the order of the log. Of thousands of lines only those are drawn that are in sight. */
export function RunLines({ lines, lanes, selected, waits, scroller, onSelect, onUndo }: RunLinesProps) {
  const marks = useMemo(() => laneMarks(lines, lanes), [lines, lanes]);
  const width = railWidth(1 + Math.max(0, ...marks.flatMap((one) => one.lanes.map(({ column }) => column))));
  const canBeUndone = lines.some(({ undo }) => undo?.isOpen === true);
  const list = useRef<HTMLOListElement>(null);
  const scrollMargin = useTopIn(scroller, list);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller,
    estimateSize: () => lineHeight,
    getItemKey: (index) => lines[index]?.entry ?? index,
    scrollMargin,
    overscan: 10,
  });
  const at = lines.findIndex(({ index }) => index === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  return (
    <div>
      <p
        aria-hidden="true"
        className="flex items-center gap-1 border-line border-b pb-1 text-caption text-text-2 max-sm:hidden"
      >
        <span className="flex min-w-0 flex-1 gap-3 px-1.5">
          <span className="w-[4.25rem] shrink-0">Time</span>
          <span className="shrink-0" style={{ width }} />
          <span className="min-w-0 flex-1">What happened</span>
          <span className="w-12 shrink-0 text-right">Entry</span>
        </span>
        {canBeUndone && <span className="w-16 shrink-0" />}
      </p>
      <ol
        ref={list}
        aria-label="What happened"
        className="relative m-0 list-none p-0"
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const [line, rail] = [lines[index], marks[index]];
          if (line === undefined) return null;
          const isSelected = index === at;
          return (
            <li
              key={key}
              data-index={index}
              ref={virtual.measureElement}
              aria-setsize={lines.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0 flex items-center gap-1"
              style={{ transform: `translateY(${start - scrollMargin}px)` }}
            >
              <button
                type="button"
                aria-current={isSelected ? 'true' : undefined}
                onClick={() => onSelect(line.index)}
                className={`flex min-w-0 flex-1 items-center gap-3 rounded-control px-1.5 text-left text-interface -outline-offset-2 ${isSelected ? 'bg-accent-soft' : 'hover:bg-hover'}`}
              >
                <span className="w-[4.25rem] shrink-0 text-text-2 max-sm:hidden">
                  <Time at={line.at} as="second" />
                </span>
                {rail !== undefined && <LaneRail marks={rail} width={width} />}
                <span
                  className={`flex min-h-8 min-w-0 flex-1 flex-wrap items-center gap-x-3 py-1 ${line.isLook ? 'pl-6 text-text-2' : ''}`}
                >
                  {line.decision !== null && (
                    <span
                      className={`inline-flex w-[4.25rem] shrink-0 items-center gap-1.5 font-medium text-caption ${inks[line.decision]}`}
                    >
                      <DecisionMark decision={line.decision} />
                      {words[line.decision]}
                    </span>
                  )}
                  <span
                    className={`min-w-0 flex-1 basis-52 wrap-anywhere ${line.decision === null ? 'text-text-2' : ''}`}
                  >
                    <Sentence parts={line.sentence} />
                    {line.decision === 'deny' && <Because line={line} />}
                  </span>
                  <Became line={line} waits={waits.get(line.entry)} />
                </span>
                <span className="w-12 shrink-0 text-right text-text-2 tabular-nums max-sm:hidden">
                  <span className="sr-only">entry </span>
                  {line.index.toLocaleString()}
                </span>
              </button>
              {canBeUndone && (
                <span className="w-16 shrink-0 text-right">
                  {line.undo?.isOpen === true && (
                    <button
                      type="button"
                      onClick={() => onUndo(line)}
                      className="min-h-7 rounded-control px-2 text-caption text-text-2 hover:bg-hover hover:text-text max-sm:min-h-11"
                    >
                      Undo… <span className="sr-only">line {line.index.toLocaleString()}</span>
                    </button>
                  )}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** How far below the top of what it scrolls in something begins. It is looked at again whenever it is drawn. */
function useTopIn(scroller: HTMLElement | null, of: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (scroller === null || of.current === null) return;
    const [inner, outer] = [of.current.getBoundingClientRect(), scroller.getBoundingClientRect()];
    setTop(Math.round(inner.top - outer.top + scroller.scrollTop));
  });
  return top;
}

/** Of a denial why, in the words of whoever reads it; as its text has it where it was written before there were such. */
function Because({ line: { denied, why } }: { readonly line: RunLine }) {
  const parts = denied?.why ?? why.slice(0, 1).map(({ reason }) => reason);
  return parts.length === 0 ? null : <Sentence parts={[{ text: ': ' }, ...parts]} />;
}

/** What came of it, in few words. */
function Became({ line, waits }: { readonly line: RunLine; readonly waits: string | undefined }) {
  const attempt = line.undo?.attempt ?? null;
  if (attempt !== null) {
    return (
      <span className="inline-flex max-w-full items-center gap-1.5 text-caption text-text-2">
        <Undo2 aria-hidden="true" className="size-3.5 shrink-0" />
        <span className="min-w-0 wrap-anywhere">
          <Sentence parts={attempt.sentence} />
        </span>
      </span>
    );
  }
  if (line.moved !== null) {
    return (
      <span className="inline-flex max-w-full items-center gap-1.5 text-caption text-text-2">
        <DecisionMark decision="deny" size={12} />
        <span className="min-w-0 wrap-anywhere">
          <Sentence parts={line.moved.sentence} />
        </span>
      </span>
    );
  }
  const answer = line.answers.at(-1);
  // After a yes comes what became of the call, which may be unknown: the yes alone would look like a good end.
  const says = [answer?.sentence, ...(answer?.answer === 'no' ? [] : [line.outcome?.sentence])].filter(
    (one) => one !== undefined,
  );
  if (waits !== undefined && says.length === 0)
    return <span className="text-ask text-caption wrap-anywhere">waits for {waits}</span>;
  if (says.length === 0)
    return line.decision === 'deny' ? <span className="text-caption text-text-2">never sent</span> : null;
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 text-caption text-text-2">
      {answer !== undefined && <DecisionMark decision={answer.answer === 'yes' ? 'permit' : 'deny'} size={12} />}
      <span className="min-w-0 wrap-anywhere">
        <Sentence parts={says.flatMap((parts, at) => (at === 0 ? parts : [{ text: '; ' }, ...parts]))} />
      </span>
    </span>
  );
}
