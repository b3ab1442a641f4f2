import type { TaskId, WorkloadKind } from '@ambit/protocol';
import type { Run, RunPage } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';

export type Runs = ReturnType<typeof runsRoom>;

export function runsRoom({ json }: Ask) {
  return {
    /** One’s own, newest first; all of them for an auditor. Go on with `before: next` until `next` is null. */
    list: (page: { readonly before?: number; readonly limit?: number; readonly kind?: WorkloadKind } = {}) =>
      json<RunPage>('GET', `/v1/runs${query(page)}`),
    show: (run: TaskId) => json<Run>('GET', at('/v1/runs/', run)),
  };
}
