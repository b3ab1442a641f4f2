import { object, parseId, text } from '@ambit/protocol';
import { type Ground, type Route, refuse, route } from '../foundation/index.ts';
import { endElevation } from './end.ts';

/** For people. Agents ask at the gateway, where they wait for the answer. */
export function elevationsRoutes(ground: Ground): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/elevations/:elevation/end',
      who: 'person',
      body: object({ reason: text({ max: 500 }) }),
      says: 'Ends an elevation before its time: for who asked for the task, the agent’s owner, an approver or an administrator.',
      run: async ({ caller, params, body }) => {
        const elevation = parseId('elevation', params.elevation);
        if (elevation === undefined) throw refuse('thing.not_found', `${params.elevation} is not an elevation id`);
        return { status: 200, body: await endElevation(ground, caller, { elevation, reason: body.reason }) };
      },
    }),
  ];
}
