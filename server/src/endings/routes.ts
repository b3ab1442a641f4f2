import { object, parseId, type TaskId, text } from '@ambit/protocol';
import type { Bell } from '../approvals/index.ts';
import { type Ground, type Route, refuse, route } from '../foundation/index.ts';
import { endAgentTasks } from './end-agent.ts';
import { completeTask, revokeTask } from './end-task.ts';
import { endTemplateKey } from './end-template-key.ts';
import type { Live } from './live.ts';
import { listOrphans } from './orphans.ts';

const reasoned = object({ reason: text({ max: 500 }) });

/** Each listener has its own: an agent completes, a person takes back. */
export const endingsRoutes = {
  agents: (ground: Ground, live: Live, bell: Bell): readonly Route[] => [
    route({
      method: 'POST',
      path: '/v1/agent/tasks/:task/complete',
      load: 'urgent',
      who: 'agent-task',
      says: 'Completes the task whose token this is, and ends everything made under it.',
      run: async ({ caller, params }) => ({
        status: 200,
        body: await completeTask({ ground, live, bell }, caller, taskId(params.task)),
      }),
    }),
  ],
  people: (ground: Ground, live: Live, bell: Bell): readonly Route[] => [
    route({
      method: 'POST',
      path: '/v1/tasks/:task/revoke',
      who: 'person',
      body: reasoned,
      says: 'Ends a task and everything made under it: for who asked, the agent’s owner, or an administrator.',
      run: async ({ caller, params, body }) => ({
        status: 200,
        body: await revokeTask({ ground, live, bell }, caller, { task: taskId(params.task), reason: body.reason }),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/template-keys/:key/revoke',
      who: 'person',
      body: reasoned,
      says: 'Revokes a static key and ends the task it has open; the agent’s owner or an administrator may.',
      run: async ({ caller, params, body }) => {
        const [agent, id] = [parseId('agent', params.agent), parseId('templateKey', params.key)];
        if (agent === undefined || id === undefined) throw refuse('thing.not_found', `no template key ${params.key}`);
        const wish = { agent, key: id, reason: body.reason };
        const { key, ending, entry } = await endTemplateKey({ ground, live, bell }, caller, wish);
        return { status: 200, body: { id: key.id, agent: key.agent, state: key.state, ending }, entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/orphans',
      who: 'person',
      says: 'Agents without an owner, user-shaped records without an agent, and open tasks that stand on nobody.',
      run: async ({ caller }) => ({ status: 200, body: await listOrphans(ground, caller.tenant) }),
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/end-tasks',
      who: 'person',
      body: reasoned,
      says: 'Ends all tasks of an agent and lists what died with them: for its owner or an administrator.',
      run: async ({ caller, params, body }) => {
        const agent = parseId('agent', params.agent);
        if (agent === undefined) throw refuse('thing.not_found', `${params.agent} is not an agent id`);
        return {
          status: 200,
          body: await endAgentTasks({ ground, live, bell }, caller, { agent, reason: body.reason }),
        };
      },
    }),
  ],
};

function taskId(given: string | undefined): TaskId {
  const found = parseId('task', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is not a task id`);
  return found;
}
