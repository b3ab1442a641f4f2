import type { Authority, ElevationId, TaskId, TokenId } from '@ambit/protocol';
import type { NewTask, PurposeType, TaskState, Template } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Tasks = ReturnType<typeof tasksRoom>;

export function tasksRoom({ json }: Ask) {
  return {
    /** Opens a task in one’s own name, with part of what one may delegate. */
    open: (task: NewTask) => json('POST /v1/tasks', { body: task }),
    /** One’s own, newest first; all of them for an auditor or administrator. At most 500. */
    list: async (which: { readonly state?: Exclude<TaskState, 'requested'> } = {}) =>
      (await json('GET /v1/tasks', { query: which })).tasks,
    /** The task, and the tasks and elevations of its whole run. */
    show: (task: TaskId) => json('GET /v1/tasks/:task', { at: { task } }),
    /** For who asked for it: proves again who that is, by the session in use (RFC 9470). */
    authenticate: (task: TaskId) => json('POST /v1/tasks/:task/authenticate', { at: { task } }),
    /** For who asked for the task, the owner of the agent, an approver or an administrator. */
    endElevation: (elevation: ElevationId, reason: string) =>
      json('POST /v1/elevations/:elevation/end', { at: { elevation }, body: { reason } }),
    /** For who asked, the owner of the agent or an administrator: ends the task with everything made under it. */
    revoke: (task: TaskId, reason: string) => json('POST /v1/tasks/:task/revoke', { at: { task }, body: { reason } }),
    /** For who asked, the owner of the agent or an administrator: the task goes on with less. */
    narrow: (task: TaskId, authority: Authority, reason: string) =>
      json('POST /v1/tasks/:task/narrow', { at: { task }, body: { authority, reason } }),
    /** For administrators: ends one token, those that came from it and the tasks made with them. */
    revokeToken: (token: TokenId, reason: string) =>
      json('POST /v1/tokens/:token/revoke', { at: { token }, body: { reason } }),
    purposes: async () => (await json('GET /v1/purposes')).purposes,
    /** For the role `policy`. */
    definePurpose: (purpose: Pick<PurposeType, 'name' | 'says'>) => json('POST /v1/purposes', { body: purpose }),
    templates: async () => (await json('GET /v1/templates')).templates,
    /** For the role `policy`. */
    defineTemplate: (template: Omit<Template, 'id' | 'state'>) => json('POST /v1/templates', { body: template }),
  };
}
