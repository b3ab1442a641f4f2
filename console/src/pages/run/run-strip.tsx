import type { Lane, Run } from '@ambit/sdk/operator';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readDuration, readTime } from '../../kit/read-time.ts';
import { whoOf } from './lane-names.ts';
import { stripMarks } from './strip-marks.ts';

const lanesMax = 6;
const ticks = [0, 25, 50, 75];
/** In hundredths of a strip that is seldom narrower than 600 px: about 24 px. */
const closerThan = 4;
const inks = ['bg-accent', 'bg-lane-2'] as const;

/** Times to the second, each once: a run may be over within one. */
function ticksOf(from: number, to: number): readonly { readonly at: number; readonly says: string }[] {
  const all = ticks.map((at) => ({ at, says: readTime.second(from + ((to - from) * at) / 100) }));
  return all.filter(({ says }, index) => says !== all[index - 1]?.says);
}

/** The run from left to right, lane under lane. The list below it says the same in words. */
export function RunStrip({ run }: { readonly run: Run }) {
  const { startedAt: from, lastAt: to, lanes, lines } = run;
  if (lines.length < 2 || to <= from) return null;
  const shown = lanes.slice(0, lanesMax);
  const marksOf = (lane: Lane) =>
    stripMarks(
      lines.filter((line) => line.lane === lane.task),
      from,
      to,
      closerThan,
    );
  return (
    <div
      aria-hidden="true"
      className="overflow-hidden rounded-card border border-line bg-canvas px-4 py-3 max-sm:hidden"
    >
      <div className="relative ml-28 h-5 text-caption text-text-2">
        {ticksOf(from, to).map(({ at, says }) => (
          <span key={at} className="absolute top-0" style={{ left: `${at}%` }}>
            {says}
          </span>
        ))}
      </div>
      {shown.map((lane, at) => {
        const own = lines.filter((line) => line.lane === lane.task);
        const [first, last] = [own[0], own.at(-1)];
        if (first === undefined || last === undefined) return null;
        const place = (time: number) => ((time - from) / (to - from)) * 100;
        return (
          <div key={lane.task} className="flex h-8 items-center">
            <span className="w-28 shrink-0 truncate pr-3 font-medium text-caption">
              {lane.agent !== null && <Foreign inline text={whoOf(lane.agent).name} />}
            </span>
            <div className="relative mr-4 h-full flex-1">
              <span
                className={`absolute top-1/2 h-0.5 -translate-y-1/2 ${inks[at % 2]}`}
                style={{ left: `${place(first.at)}%`, width: `${Math.max(0.3, place(last.at) - place(first.at))}%` }}
              />
              {own.map((line) => {
                const until = line.answers[0]?.at;
                if (line.decision !== 'ask' || until === undefined) return null;
                const width = place(until) - place(line.at);
                if (width < closerThan) return null;
                return (
                  <span
                    key={line.entry}
                    className="absolute top-1/2 h-5 -translate-y-1/2 truncate rounded-chip border border-ask-line bg-ask-soft pl-6 text-ask text-caption"
                    style={{ left: `${place(line.at)}%`, width: `${width}%` }}
                  >
                    {width > 12 && `waits ${readDuration(until - line.at)}`}
                  </span>
                );
              })}
              {marksOf(lane).map((mark) => (
                <span
                  key={mark.at}
                  className="absolute top-1/2 flex -translate-y-1/2 items-center gap-0.5 rounded-chip bg-canvas pr-0.5 font-medium text-caption"
                  style={{ left: `${mark.at}%` }}
                >
                  <DecisionMark decision={mark.decision} />
                  {mark.count > 1 && `×${mark.count}`}
                </span>
              ))}
            </div>
          </div>
        );
      })}
      {shown.some((lane) => marksOf(lane).some(({ count }) => count > 1)) && (
        <p className="text-caption text-text-2">× is how many decisions stand so close that they share a mark.</p>
      )}
      {lanes.length > shown.length && (
        <p className="text-caption text-text-2">{lanes.length - shown.length} more tasks stand in the list.</p>
      )}
    </div>
  );
}
