import { AmbitRefusal, ApprovalPending, type Task, type Wait } from '@ambit/sdk';
import { newTrace, tell } from './report-line.ts';

type Wanted = {
  readonly what: string;
  readonly path: string;
  readonly reason: string;
  readonly step: string;
  /** A refund where there is one, a read otherwise. */
  readonly refund?: string;
  readonly wait?: Wait;
};

/** One call through the gateway: what an agent developer writes is `task.fetch` in place of `fetch`. */
export async function tryCall(
  task: Task,
  { what, path, reason, step, refund, wait = 'forever' }: Wanted,
): Promise<void> {
  const traceparent = newTrace();
  const write =
    refund === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json', traceparent },
          body: JSON.stringify({ amount: refund, currency: 'USD' }),
        };
  try {
    const response = await task
      .fetch(path, { headers: { traceparent }, ...write, ambit: { reason, step, wait: 0 } })
      .catch((error: unknown) => waitFor(task, what, wait, error));
    await response.arrayBuffer();
    tell({ kind: 'tried', what, traceparent, status: response.status, says: '' });
  } catch (error) {
    if (!(error instanceof AmbitRefusal)) throw error;
    const status = error instanceof ApprovalPending ? 202 : error.status;
    tell({ kind: 'tried', what, traceparent, status, says: error.says });
  }
}

/** Tells that a person is being asked before it waits: whoever looks on shall not wonder why nothing happens. */
function waitFor(task: Task, what: string, wait: Wait, error: unknown): Promise<Response> {
  if (wait === 0 || !(error instanceof ApprovalPending)) throw error;
  const { approval, expiresAt } = error;
  tell({ kind: 'asked', what, approval, expiresAt });
  return task.answerTo(approval, { wait });
}
