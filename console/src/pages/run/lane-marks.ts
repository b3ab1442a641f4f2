import type { Lane, RunLine, TaskId } from '@ambit/sdk/operator';

/** What is drawn beside one line: which lanes run past it, and where it stands itself. */
export type LaneMarks = {
  /** The column of the line's own lane; 0 is the task at the top. */
  readonly own: number;
  /** Lanes that are under way on this line, with whether they begin or end here. */
  readonly lanes: readonly { readonly column: number; readonly begins: boolean; readonly ends: boolean }[];
  /** The column that a lane which begins here comes out of. */
  readonly from: number | null;
};

/** A lane is a column from its first line to its last. Lanes that do not meet in time share one. */
export function laneMarks(lines: readonly RunLine[], lanes: readonly Lane[]): readonly LaneMarks[] {
  const spans = new Map<TaskId, { first: number; last: number }>();
  lines.forEach(({ lane }, at) => {
    spans.set(lane, { first: spans.get(lane)?.first ?? at, last: at });
  });
  const until = untilOf(spans, lanes);
  const columns = new Map<TaskId, number>();
  const takenUntil: number[] = [];
  for (const { task, parent } of lanes) {
    const span = spans.get(task);
    if (span === undefined) continue;
    // What was handed on stands to the right of whoever handed it on, never in their place.
    const above = parent === null ? -1 : (columns.get(parent) ?? -1);
    const free = takenUntil.findIndex((last, at) => at > above && last < span.first);
    const column = free < 0 ? takenUntil.length : free;
    // What everything else comes out of keeps its column: nothing that follows it is a part of it.
    takenUntil[column] =
      parent === null && columns.size === 0 ? Number.POSITIVE_INFINITY : (until.get(task) ?? span.last);
    columns.set(task, column);
  }
  const parents = new Map(lanes.map(({ task, parent }) => [task, parent]));
  return lines.map(({ lane }, at) => {
    const running = [...spans].flatMap(([task, { first, last }]) => {
      const column = columns.get(task);
      const over = until.get(task) ?? last;
      return column === undefined || at < first || at > over
        ? []
        : [{ column, begins: at === first, ends: at === last && over === last }];
    });
    const parent = parents.get(lane) ?? null;
    const from = parent === null || spans.get(lane)?.first !== at ? null : (columns.get(parent) ?? null);
    return { own: columns.get(lane) ?? 0, lanes: running, from };
  });
}

type Spans = ReadonlyMap<TaskId, { readonly first: number; readonly last: number }>;

/** A lane is drawn until the last of what it handed on has come out of it, also where it says nothing any more itself. */
function untilOf(spans: Spans, lanes: readonly Lane[]): ReadonlyMap<TaskId, number> {
  const until = new Map([...spans].map(([task, { last }]) => [task, last]));
  for (const { task, parent } of lanes) {
    const [own, above] = [spans.get(task), parent === null ? undefined : until.get(parent)];
    if (own !== undefined && above !== undefined && parent !== null) until.set(parent, Math.max(above, own.first - 1));
  }
  return until;
}
