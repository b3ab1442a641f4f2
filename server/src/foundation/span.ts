import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';

/** One verb at work, published on `ambit:span` when it ends; `trail` tells the spans of one call apart from another's. */
export type Span = {
  readonly name: string;
  readonly trail: number;
  readonly order: number;
  /** Positions in one count of all beginnings and ends of the process: what ended before what began, without a clock. */
  readonly began: number;
  readonly ended: number;
  readonly failed: boolean;
};

const spans = channel('ambit:span');
const trails = new AsyncLocalStorage<{ id: number; next: number }>();
let trailsMade = 0;
let moments = 0;

/** Opens a span named `room/verb` around `run`. Without a listener it costs one comparison. */
export function span<T>(name: string, run: () => T): T {
  if (!spans.hasSubscribers) return run();
  const trail = trails.getStore();
  if (trail === undefined) return trails.run({ id: ++trailsMade, next: 0 }, () => traced(name, run));
  return traced(name, run);
}

function traced<T>(name: string, run: () => T): T {
  const trail = trails.getStore() ?? { id: 0, next: 0 };
  const order = trail.next++;
  const began = ++moments;
  const publish = (failed: boolean) =>
    spans.publish({ name, trail: trail.id, order, began, ended: ++moments, failed } satisfies Span);
  try {
    const result = run();
    if (!(result instanceof Promise)) {
      publish(false);
      return result;
    }
    result.then(
      () => publish(false),
      () => publish(true),
    );
    return result;
  } catch (error) {
    publish(true);
    throw error;
  }
}
