import { type ApprovalId, parseId } from '@ambit/protocol';
import { type Route, refuse, route } from '../foundation/index.ts';
import { pollAnswer, waitWished } from './await-answer.ts';
import type { Rooms } from './rooms.ts';

/** Where an agent asks how its parked call stands. */
export function gatewayRoutes(rooms: Rooms): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/agent/approvals/:approval',
      load: 'waits',
      who: 'agent-task',
      says: 'Tells the agent how its parked call stands, and hands over the answer once it has run.',
      run: async ({ caller, params, raw, gone }) =>
        pollAnswer(
          rooms,
          caller,
          approvalId(params.approval),
          waitWished(raw.headers.prefer, rooms.settings.waitMsMax),
          gone,
        ),
    }),
  ];
}

function approvalId(given: string | undefined): ApprovalId {
  const found = parseId('approval', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is not an approval id`);
  return found;
}
