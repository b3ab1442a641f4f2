import type { LaneMarks } from './lane-marks.ts';

const step = 17;
const middle = 8;
const x = (column: number) => middle + column * step;
const inks = ['var(--accent)', 'var(--lane-2)'] as const;
/** Past two lanes the colours repeat: their place and their label tell them apart. */
const ink = (column: number) => inks[column % inks.length] ?? inks[0];

export const railWidth = (columns: number): number => x(columns - 1) + middle;

/** The lanes beside one line. It only draws: the words stand in the line. */
export function LaneRail({
  marks: { own, lanes, from },
  width,
}: {
  readonly marks: LaneMarks;
  readonly width: number;
}) {
  return (
    <span className="relative shrink-0 self-stretch" style={{ width }}>
      <svg aria-hidden="true" width={width} className="absolute inset-0 h-full overflow-visible">
        {lanes.map(({ column, begins, ends }) => (
          <line
            key={column}
            x1={x(column)}
            x2={x(column)}
            y1={begins ? '50%' : '0'}
            y2={ends ? '50%' : '100%'}
            stroke={ink(column)}
            strokeWidth="2"
          />
        ))}
        {from !== null && from !== own && (
          <line x1={x(from)} x2={x(own)} y1="0" y2="50%" stroke={ink(own)} strokeWidth="2" />
        )}
        <circle cx={x(own)} cy="50%" r="4" fill="var(--surface)" stroke={ink(own)} strokeWidth="2" />
      </svg>
    </span>
  );
}
