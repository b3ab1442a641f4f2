import type { EntryId, TaskId } from '@ambit/protocol';

/** A call that is on its way from this process. */
export type OpenStream = {
  /** The entry that says, or will say, that it was let out. */
  readonly call: EntryId;
  /** Its task and those above it: the end of any of them is the end of the call. */
  readonly tasks: readonly TaskId[];
  readonly abort: (because: string) => void;
};

/**
 * The open calls of this process, so that an ending can stop those that have not left and cut those that stream. No
 * decision reads it: whether something may start stands in the rows of the tasks. INVARIANT (ends together): a call is
 * registered before the unit that admits it. If that unit comes after the ending, it fails; if it came before, the call
 * is found here.
 */
export type LiveStreams = {
  /** Answers how to take it out when the call has come to its end. */
  register(stream: OpenStream): () => void;
  under(tasks: readonly TaskId[]): readonly OpenStream[];
};

export function createLive(): LiveStreams {
  // As many as there are connections; each leaves when its call ends.
  const byTask = new Map<TaskId, Set<OpenStream>>();
  return {
    register(stream) {
      for (const task of stream.tasks) byTask.set(task, (byTask.get(task) ?? new Set()).add(stream));
      return () => {
        for (const task of stream.tasks) {
          byTask.get(task)?.delete(stream);
          if (byTask.get(task)?.size === 0) byTask.delete(task);
        }
      };
    },
    under: (tasks) => [...new Set(tasks.flatMap((task) => [...(byTask.get(task) ?? [])]))],
  };
}
