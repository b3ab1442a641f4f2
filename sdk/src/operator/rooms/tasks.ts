import type { Authority, ElevationId, TaskId, TokenId } from '@ambit/protocol';
import type {
  Elevation,
  Ending,
  NewTask,
  PurposeType,
  TaskRun,
  TaskShown,
  TaskState,
  Template,
} from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';

export type Tasks = ReturnType<typeof tasksRoom>;

export function tasksRoom({ json }: Ask) {
  return {
    /** Opens a task in one’s own name, with part of what one may delegate. */
    open: (task: NewTask) => json<TaskShown>('POST', '/v1/tasks', task),
    /** One’s own, newest first; all of them for an auditor or administrator. At most 500. */
    list: async (which: { readonly state?: Exclude<TaskState, 'requested'> } = {}) =>
      (await json<{ tasks: readonly TaskShown[] }>('GET', `/v1/tasks${query(which)}`)).tasks,
    /** The task, and the tasks and elevations of its whole run. */
    show: (task: TaskId) => json<TaskRun>('GET', at('/v1/tasks/', task)),
    /** For who asked for it: proves again who that is, by the session in use (RFC 9470). */
    authenticate: (task: TaskId) => json<TaskShown>('POST', at('/v1/tasks/', task, '/authenticate')),
    /** For who asked for the task, the owner of the agent, an approver or an administrator. */
    endElevation: (elevation: ElevationId, reason: string) =>
      json<Elevation>('POST', at('/v1/elevations/', elevation, '/end'), { reason }),
    /** For who asked, the owner of the agent or an administrator: ends the task with everything made under it. */
    revoke: (task: TaskId, reason: string) => json<Ending>('POST', at('/v1/tasks/', task, '/revoke'), { reason }),
    /** For who asked, the owner of the agent or an administrator: the task goes on with less. */
    narrow: (task: TaskId, authority: Authority, reason: string) =>
      json<TaskShown>('POST', at('/v1/tasks/', task, '/narrow'), { authority, reason }),
    /** For administrators: ends one token, those that came from it and the tasks made with them. */
    revokeToken: (token: TokenId, reason: string) =>
      json<Ending>('POST', at('/v1/tokens/', token, '/revoke'), { reason }),
    purposes: async () => (await json<{ purposes: readonly PurposeType[] }>('GET', '/v1/purposes')).purposes,
    /** For the role `policy`. */
    definePurpose: (purpose: Pick<PurposeType, 'name' | 'says'>) => json<PurposeType>('POST', '/v1/purposes', purpose),
    templates: async () => (await json<{ templates: readonly Template[] }>('GET', '/v1/templates')).templates,
    /** For the role `policy`. */
    defineTemplate: (template: Omit<Template, 'id' | 'state'>) => json<Template>('POST', '/v1/templates', template),
  };
}
