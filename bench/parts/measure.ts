import type { Summary } from './profile.ts';
import type { Row } from './row.ts';

/** What a measurement is told. */
export type Setting = {
  readonly quick: boolean;
  readonly profile: boolean;
  /** Whether that row is asked for. */
  readonly wants: (row: string) => boolean;
  /** Progress, for whoever watches. */
  readonly say: (text: string) => void;
  /** A profile of a server under load. */
  readonly profiled: (title: string, summary: Summary) => void;
};

/** One measurement: it yields rows of these names. */
export type Measure = {
  readonly rows: readonly string[];
  readonly run: (setting: Setting) => Promise<readonly Row[]>;
};

/** Rounds of each side, one after the other in turn, so that whatever else the machine does meets both. */
export const pairs = 5;
