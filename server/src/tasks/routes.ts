import {
  anything,
  id,
  integer,
  list,
  object,
  oneOf,
  optional,
  parseId,
  record,
  type TaskId,
  text,
} from '@ambit/protocol';
import { parseAuthority } from '../authority/index.ts';
import { type Ground, type PersonCaller, type Route, refuse, route } from '../foundation/index.ts';
import { holdsRole } from '../identity/index.ts';
import { acceptTask } from './accept.ts';
import { authenticateTask } from './authenticate.ts';
import { definePurposeType } from './define-purpose-type.ts';
import { defineTemplate } from './define-template.ts';
import { isStanding } from './elevation.ts';
import { narrowTask } from './narrow.ts';
import { type OpenLimits, openOwnTask, openTask } from './open.ts';
import {
  elevationsOfRun,
  findChain,
  findTask,
  purposeTypes,
  standingElevations,
  tasks,
  tasksOfAgent,
  tasksOfRun,
  templates,
} from './store.ts';
import { delegatesMax, type Task } from './task.ts';
import { templateKeyRoutes } from './template-keys/routes.ts';

const purpose = object({ type: text({ max: 64 }), text: text({ max: 500 }) });
const seconds = integer({ min: 10, max: 31_536_000 });
const delegates = optional(list(id('agent'), { max: delegatesMax }));
const fromTemplate = object({ id: id('template'), parameters: record(text({ max: 200 })) });
const opening = object({
  agent: id('agent'),
  purpose,
  ttlSeconds: seconds,
  authority: optional(anything()),
  template: optional(fromTemplate),
  delegates,
});
const ownOpening = object({
  purpose,
  ttlSeconds: seconds,
  authority: anything(),
  delegates,
  beside: optional(id('task')),
});
const templateBody = object({
  name: text({ max: 64 }),
  purposeType: text({ max: 64 }),
  grants: anything(),
  parameters: list(
    object({ name: text({ max: 40 }), says: text({ max: 200 }), lengthMax: integer({ min: 1, max: 200 }) }),
    {
      max: 20,
    },
  ),
  ttlSecondsMax: seconds,
});

export function tasksRoutes(ground: Ground, limits: OpenLimits): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/tasks',
      who: 'person',
      body: opening,
      says: 'Opens a task for an agent in the caller’s own name, with part of what the caller may delegate.',
      run: async ({ caller, body }) => ({ status: 201, body: shown(await openTask(ground, caller, body, limits)) }),
    }),
    route({
      method: 'GET',
      path: '/v1/tasks',
      who: 'person',
      query: object({ state: optional(oneOf('approved', 'active', 'completed', 'revoked', 'expired')) }),
      says: 'Lists tasks, newest first: the caller’s own, and all of them for a reviewer, an auditor or an administrator.',
      run: async ({ caller, query }) => {
        const all = mayReadAll(caller);
        const where = { ...(all ? {} : { requester: caller.person }), ...(query.state ? { state: query.state } : {}) };
        const rows = await ground.database.list(tasks, caller.tenant, {
          where,
          order: ['openedAt', 'desc'],
          limit: 500,
        });
        return { status: 200, body: { tasks: rows.map(shown) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/tasks/:task',
      who: 'person',
      says: 'Shows one task with the tasks of its run, and the elevations that these had.',
      run: async ({ caller, params }) => {
        const task = await findTask(ground, caller.tenant, taskId(params.task));
        if (task === undefined || !(mayReadAll(caller) || task.requester === caller.person)) {
          throw refuse('thing.not_found', `no task ${params.task} for ${caller.person}`);
        }
        const all = await tasksOfRun(ground, caller.tenant, task.root);
        // Whoever takes a call of another's run back has a task in it, and reads no more of it by that.
        const isWhole =
          mayReadAll(caller) || all.some((one) => one.id === task.root && one.requester === caller.person);
        const run = isWhole ? all : all.filter(({ requester }) => requester === caller.person);
        const elevations = (await elevationsOfRun(ground, caller.tenant, task.root)).filter((one) =>
          run.some(({ id: under }) => under === one.task),
        );
        return { status: 200, body: { task: shown(task), run: run.map(shown), elevations } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/tasks/:task/narrow',
      who: 'person',
      body: object({ authority: anything(), reason: text({ max: 500 }) }),
      says: 'Takes part of a task’s authority back while it goes on: for who asked, the agent’s owner, or an administrator.',
      run: async ({ caller, params, body }) => ({
        status: 200,
        body: shown(await narrowTask(ground, caller, { task: taskId(params.task), ...body })),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/tasks/:task/authenticate',
      who: 'person',
      says: 'Proves again, by the session of this request, who asked for the task (RFC 9470): for that person alone.',
      run: async ({ caller, params }) => ({
        status: 200,
        body: shown(await authenticateTask(ground, caller, taskId(params.task))),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/purposes',
      who: 'policy',
      body: object({ name: text({ max: 64, pattern: /^[a-z][a-z0-9-]*$/ }), says: text({ max: 200 }) }),
      says: 'Adds a purpose type that rules and limits may speak of.',
      run: async ({ caller, body }) => ({ status: 201, body: await definePurposeType(ground, caller, body) }),
    }),
    route({
      method: 'GET',
      path: '/v1/purposes',
      who: 'person',
      says: 'Lists the purpose types.',
      run: async ({ caller }) => ({
        status: 200,
        body: { purposes: await ground.database.list(purposeTypes, caller.tenant, { limit: 1000 }) },
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/templates',
      who: 'policy',
      body: templateBody,
      says: 'Defines a task template: grants with `{parameter}` holes.',
      run: async ({ caller, body }) => ({
        status: 201,
        body: await defineTemplate(ground, caller, { ...body, grants: parseAuthority(body.grants) }),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/templates',
      who: 'person',
      says: 'Lists the task templates.',
      run: async ({ caller }) => ({
        status: 200,
        body: { templates: await ground.database.list(templates, caller.tenant, { limit: 1000 }) },
      }),
    }),
    ...templateKeyRoutes(ground, limits),
  ];
}

/** What agents call on their own listener. */
export function agentTasksRoutes(ground: Ground, limits: OpenLimits): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/agent/tasks',
      who: 'agent',
      body: ownOpening,
      says: 'Opens a task unasked, within a standing grant; the agent itself is the requester. `beside` names a task of its own in whose run this is a step.',
      run: async ({ caller, body }) => {
        const task = await openOwnTask(ground, caller, { ...body, agent: caller.agent }, limits);
        return { status: 201, body: shown(task) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/agent/tasks',
      who: 'agent',
      says: 'Lists the calling agent’s live tasks.',
      run: async ({ caller }) => {
        const rows = await tasksOfAgent(ground, caller.tenant, caller.agent, ['approved', 'active']);
        return { status: 200, body: { tasks: rows.map(shown) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/agent/tasks/:task/accept',
      who: 'agent',
      says: 'Takes a task for the key that signs this request.',
      run: async ({ caller, params }) => ({
        status: 200,
        body: shown(await acceptTask(ground, caller, taskId(params.task))),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/agent/tasks/:task',
      who: 'agent',
      says: 'Shows a task of the calling agent, with the elevations that stand beside it.',
      run: async ({ caller, params }) => {
        const chain = await findChain(ground, caller.tenant, taskId(params.task));
        if (chain?.[0].agent !== caller.agent)
          throw refuse('thing.not_found', `no task ${params.task} for ${caller.agent}`);
        const standing = await standingElevations(ground, caller.tenant, [chain[0].id]);
        const elevations = standing.filter((one) => isStanding(one, ground.clock()));
        return { status: 200, body: { ...shown(chain[0]), elevations } };
      },
    }),
  ];
}

const mayReadAll = ({ roles }: PersonCaller): boolean =>
  holdsRole(roles, 'reviewer') || holdsRole(roles, 'administrator');

function taskId(given: string | undefined): TaskId {
  const found = parseId('task', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is not a task id`);
  return found;
}

function shown(task: Task) {
  const { purposeType, purposeText, ...rest } = task;
  return { ...rest, purpose: { type: purposeType, text: purposeText } };
}
