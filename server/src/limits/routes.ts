import { type Ground, type Route, route } from '../foundation/index.ts';
import { removeStandingLimit, setStandingLimit } from './set-standing-limit.ts';
import { standingLimitBody } from './standing-limit.ts';
import { findStandingLimit, listStandingLimits } from './store.ts';

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
      // Which of two limits lets more through depends on what comes: any change of one that is there counts.
      lowers: async ({ caller, body }) => {
        const before = await findStandingLimit(ground, caller.tenant, body.name);
        const says = `The limit ${body.name} would be another one.`;
        return before === undefined ? null : { says, changes: { before, after: body } };
      },
      run: async ({ caller, body }) => ({ status: 200, body: await setStandingLimit(ground, caller, body) }),
    }),
    route({
      method: 'DELETE',
      path: '/v1/limits/:name',
      who: 'administrator',
      says: 'Removes a limit.',
      lowers: async ({ params }) => ({
        says: `The limit ${params.name} would bind nobody any more.`,
        changes: { removed: params.name },
      }),
      run: async ({ caller, params }) => {
        await removeStandingLimit(ground, caller, params.name ?? '');
        return { status: 204 };
      },
    }),
  ];
}
