import { type Ground, type Route, route } from '../foundation/index.ts';
import { removeStandingLimit, setStandingLimit } from './set-standing-limit.ts';
import { standingLimitBody } from './standing-limit.ts';
import { listStandingLimits } from './store.ts';

export function limitsRoutes(ground: Ground): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/limits',
      who: 'person',
      says: 'Lists the limits that outlive tasks, by name.',
      run: async ({ caller }) => ({ status: 200, body: { limits: await listStandingLimits(ground, caller.tenant) } }),
    }),
    route({
      method: 'POST',
      path: '/v1/limits',
      who: 'administrator',
      body: standingLimitBody,
      says: 'Sets a limit over a window for the tenant, or for each agent, requester, action or purpose type.',
      run: async ({ caller, body }) => ({ status: 200, body: await setStandingLimit(ground, caller, body) }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/limits/:name',
      who: 'administrator',
      says: 'Removes a limit.',
      run: async ({ caller, params }) => {
        await removeStandingLimit(ground, caller, params.name ?? '');
        return { status: 204 };
      },
    }),
  ];
}
