import { type ApprovalId, anything, integer, object, optional, parseId, text } from '@ambit/protocol';
import { askForElevation } from '../elevations/index.ts';
import { type Route, refuse, route } from '../foundation/index.ts';
import { awaitAnswer, pollAnswer, waitWished } from './await-answer.ts';
import type { Rooms } from './rooms.ts';
import { undoCall } from './undo-call.ts';

/** What people do by the gateway themselves. */
export function peopleGatewayRoutes(rooms: Rooms): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/log/entries/:entry/undo',
      load: 'waits',
      who: 'person',
      query: object({ shown: optional(text({ max: 100 })) }),
      says: 'Takes one call back, as it was shown where its digest is named, in the caller’s own name and by a client of their own: once, within what they may delegate, and decided like any call. Answers how that went, or the question that it waits for.',
      run: async ({ caller, params, query }) => {
        const entry = parseId('entry', params.entry);
        if (entry === undefined) throw refuse('thing.not_found', `${params.entry} is not an entry id`);
        return { status: 200, body: await undoCall(rooms, caller, entry, query.shown) };
      },
    }),
  ];
}

/** Where an agent asks for more, and how what it asked for stands. */
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
    route({
      method: 'POST',
      path: '/v1/agent/elevations',
      load: 'waits',
      who: 'agent-task',
      body: object({
        authority: anything(),
        reason: text({ max: 500 }),
        ttlSeconds: integer({ min: 1, max: 31_536_000 }),
      }),
      says: 'Asks a person to let the task of the token do more for a while. Answered like a parked call: with 202 and where to come back, and after a yes with the elevation.',
      run: async ({ caller, body, raw, gone }) => {
        const { approval, entry } = await askForElevation(rooms.ground, caller, body, rooms.settings.elevations);
        const parked = { tenant: caller.tenant, approval: approval.id, entry };
        return awaitAnswer(rooms, parked, waitWished(raw.headers.prefer, rooms.settings.waitMsMax), gone);
      },
    }),
  ];
}

function approvalId(given: string | undefined): ApprovalId {
  const found = parseId('approval', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is not an approval id`);
  return found;
}
