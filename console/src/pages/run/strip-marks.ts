import type { Decision } from '../../kit/decision-chip.tsx';

export type StripLine = { readonly at: number; readonly decision: Decision | null };
/** Where a mark stands, in hundredths of the strip, and how many lines it stands for. */
export type StripMark = { readonly at: number; readonly decision: Decision; readonly count: number };

const strength: Readonly<Record<Decision, number>> = { permit: 0, ask: 1, deny: 2 };

/** Marks that would touch each other become one of the strongest decision among them, with their count. */
export function stripMarks(
  lines: readonly StripLine[],
  from: number,
  to: number,
  closerThan: number,
): readonly StripMark[] {
  const whole = Math.max(1, to - from);
  const marks: StripMark[] = [];
  for (const { at, decision } of lines) {
    if (decision === null) continue;
    const place = ((at - from) / whole) * 100;
    const last = marks.at(-1);
    if (last === undefined || place - last.at >= closerThan) {
      marks.push({ at: place, decision, count: 1 });
      continue;
    }
    const strongest = strength[decision] > strength[last.decision] ? decision : last.decision;
    marks[marks.length - 1] = { at: last.at, decision: strongest, count: last.count + 1 };
  }
  return marks;
}
