import type { AgentId, Authority, ElevationId, TaskId, TemplateId, TokenId } from '@ambit/protocol';
import type { Elevation } from '../../wire/elevation.ts';
import type { Ending } from '../../wire/ending.ts';
import { at } from '../../wire/path.ts';
import type { Purpose, TaskShown, TaskState } from '../../wire/task-shown.ts';
import { type Ask, query } from '../request.ts';

/** What a task gives: authority in full, or a template with its parameters filled. */
export type NewTask = {
  readonly agent: AgentId;
  /** The type is one of `purposes()`; the text is for people. */
  readonly purpose: Purpose;
  /** 10 and up. */
  readonly ttlSeconds: number;
  /** Which agents may take over part of it (`may_act`); any, unless said. */
  readonly delegates?: readonly AgentId[];
} & (
  | { readonly authority: Authority }
  | { readonly template: { readonly id: TemplateId; readonly parameters: Readonly<Record<string, string>> } }
);

export type PurposeType = { readonly name: string; readonly says: string; readonly state: 'active' | 'retired' };

export type TemplateParameter = { readonly name: string; readonly says: string; readonly lengthMax: number };

/** Grants with holes: `{order}` is filled from a parameter when a task is opened from it. */
export type Template = {
  readonly id: TemplateId;
  readonly name: string;
  readonly purposeType: string;
  readonly grants: Authority;
  readonly parameters: readonly TemplateParameter[];
  readonly ttlSecondsMax: number;
  readonly state: 'active' | 'retired';
};

/** A task, all tasks of its run, and what these got beside their authority. */
export type TaskRun = {
  readonly task: TaskShown;
  readonly run: readonly TaskShown[];
  readonly elevations: readonly Elevation[];
};

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
