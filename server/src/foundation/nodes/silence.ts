import type { NodeRow } from './store.ts';

type Heard = { readonly beat: number; readonly at: number; readonly silentMs: number };

/**
 * How long other nodes have said nothing, by the clock of who looks, which only counts. Between two looks no more than
 * `stepMsMax` is added: while nobody reached the store, nobody was silent.
 */
export function createSilence(stepMsMax: number) {
  let known = new Map<string, Heard>();
  return {
    /** Rows as they were read at `now`, in milliseconds; answers those that were silent for as long as they may be. */
    look(rows: readonly NodeRow[], now: number): NodeRow[] {
      const next = new Map<string, Heard>();
      for (const { id, beat } of rows) {
        const before = known.get(id);
        const isSilent = before !== undefined && before.beat === beat;
        const silentMs = isSilent ? before.silentMs + Math.min(now - before.at, stepMsMax) : 0;
        next.set(id, { beat, at: now, silentMs });
      }
      known = next;
      return rows.filter(({ id, lostMs }) => (next.get(id)?.silentMs ?? 0) >= lostMs);
    },
  };
}
