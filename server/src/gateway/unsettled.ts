import type { EntryId } from '@ambit/protocol';

/** Outcomes that are known and not yet in the store: being written, or kept because the store did not take them. */
export type Unsettled = {
  begin(call: EntryId, written: Promise<void>): void;
  /** Ends when the outcome of that call is written, or could not be; undefined where none is being written. */
  writing(call: EntryId): Promise<void> | undefined;
  keep(write: () => Promise<void>): void;
  /** Writes them, in the order in which they came; throws where the store still does not take one of them. */
  write(): Promise<void>;
};

/** What is beyond this is told as unknown by the next run of the plane, as after a crash. */
const keptMax = 10_000;

/**
 * Kept in memory until the store is back. Upkeep writes them, and so does the next call before it is decided: what it
 * is decided on includes how the calls before it ended.
 */
export function createUnsettled(): Unsettled {
  let kept: (() => Promise<void>)[] = [];
  let writing: Promise<void> | undefined;
  const begun = new Map<EntryId, Promise<void>>();

  async function writeAll(): Promise<void> {
    const [tried, failed] = [kept, [] as unknown[]];
    kept = [];
    for (const write of tried) {
      try {
        await write();
      } catch (error) {
        kept.push(write);
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  }

  return {
    begin(call, written) {
      const over = () => void begun.delete(call);
      begun.set(call, written.then(over, over));
    },
    writing: (call) => begun.get(call),
    keep(write) {
      if (kept.length < keptMax) kept.push(write);
    },
    async write() {
      if (kept.length === 0) return;
      writing ??= writeAll().finally(() => {
        writing = undefined;
      });
      await writing;
    },
  };
}
