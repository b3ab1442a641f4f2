import type { TaskId, WorkloadKind } from '@ambit/protocol';
import type { Ask } from '../request.ts';

export type Runs = ReturnType<typeof runsRoom>;

export function runsRoom({ json }: Ask) {
  return {
    /** One’s own, newest first; all of them for an auditor. Go on with `before: next` until `next` is null. */
    list: (page: { readonly before?: number; readonly limit?: number; readonly kind?: WorkloadKind } = {}) =>
      json('GET /v1/runs', { query: page }),
    show: (run: TaskId) => json('GET /v1/runs/:task', { at: { task: run } }),
  };
}
