import type { EntryId } from '@ambit/protocol';
import type { LogSearch, StatsAsked } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type ExportOptions = {
  /** With the details of one’s own tenant’s entries. */
  readonly details?: boolean;
  /** With the governed rows, so that they can be compared with the entries that explain them. */
  readonly rows?: boolean;
};

export type Log = ReturnType<typeof logRoom>;

export function logRoom({ json, lines }: Ask) {
  return {
    checkpoint: () => json('GET /v1/log/checkpoint'),
    /** For an auditor all of it, for others what was done for them. */
    search: (search: LogSearch = {}) => json('GET /v1/log/entries', { query: search }),
    /** For an auditor, or the person it was done for. */
    entry: (entry: EntryId) => json('GET /v1/log/entries/:id', { at: { id: entry } }),
    /** The task by which that call could be undone, for `tasks.open`; refused with `undo.none` where nothing undoes it, `undo.over` where it was undone. */
    undo: (entry: EntryId) => json('GET /v1/log/entries/:entry/undo', { at: { entry } }),
    /**
     * Takes that call back now, in one's own name: decided like any call, and once. Its run tells how it goes on. With the
     * digest of what was shown it is refused with `undo.moved` where anything else would be called.
     */
    undoNow: (entry: EntryId, shown?: string) =>
      json('POST /v1/log/entries/:entry/undo', { at: { entry }, query: { shown } }),
    /** That the entry is among the first `size`. Check it with `verifyInclusion` of `@ambit/protocol`. */
    inclusion: (entry: EntryId, size: number) => json('GET /v1/log/proof/inclusion', { query: { entry, size } }),
    /** That the first `older` entries are the beginning of the first `newer`. */
    consistency: (older: number, newer: number) => json('GET /v1/log/proof/consistency', { query: { older, newer } }),
    /** For auditors: how calls were decided, by kind of caller, agent or action. */
    stats: (asked: StatsAsked = {}) => json('GET /v1/log/stats', { query: asked }),
    /** For auditors: the log as JSON lines, without line feeds, as they arrive; `verifyExport` takes them as they are. */
    export: ({ details = false, rows = false }: ExportOptions = {}) =>
      lines('GET /v1/log/export', { query: { details: details ? 'yes' : 'no', rows: rows ? 'yes' : 'no' } }),
  };
}
