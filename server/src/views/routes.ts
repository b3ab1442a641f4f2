import { header, parseId } from '@ambit/protocol';
import { type PersonCaller, type Route, type RouteRequest, refuse, route } from '../foundation/index.ts';
import type { SessionCaller } from '../identity/index.ts';
import { actingFor } from './acting.ts';
import { agentOverview } from './agent-overview.ts';
import type { Views } from './open-views.ts';
import { tellLive } from './tell-live.ts';
import { undoOf } from './undo-of.ts';

export function viewsRoutes(views: Views): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/live',
      load: 'waits',
      who: 'person',
      says: 'Tells as server-sent events what changes, as far as the caller may read it, until the session ends. Each event says what to read anew and holds none of it; `Last-Event-ID` goes on after one.',
      run: async ({ caller, raw, gone }) => {
        const session = sessionOf(caller);
        const from = placeIn(raw.headers[header.lastEventId]);
        const leave = views.streams.take(caller.tenant, caller.person);
        // Whoever left while they were proved is told nothing, and nothing else would give the place back.
        if (gone.aborted) leave();
        else gone.addEventListener('abort', leave);
        const content = leaving(tellLive(views, session, from, gone), leave);
        // A proxy that gathers an answer before it passes it on would tell everything late.
        return { status: 200, headers: { 'x-accel-buffering': 'no' }, text: { type: 'text/event-stream', content } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/me/acting',
      who: 'person',
      says: 'What acts for the caller now: their live tasks and those delegated from them, with what is left of each limit.',
      run: async ({ caller }) => ({ status: 200, body: await actingFor(views.ground, caller) }),
    }),
    route({
      method: 'GET',
      path: '/v1/agents/:agent/overview',
      who: 'person',
      says: 'One agent on one page: who owns it, its keys, what it may do; and for its owner, administrators, reviewers and auditors what whoever held its key could act in, what it used of that, its newest tasks, and what a suspension would end.',
      run: async ({ caller, params }) => {
        const agent = parseId('agent', params.agent);
        if (agent === undefined) throw refuse('thing.not_found', `${params.agent} is not an agent id`);
        return { status: 200, body: await agentOverview(views.ground, caller, agent) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/log/entries/:entry/undo',
      who: 'person',
      says: 'The task by which one call could be undone, for an auditor or the person it was done for: to be opened like any other; refused where it was undone already, or that is under way. Nothing is done by asking.',
      run: async ({ caller, params }) => {
        const entry = parseId('entry', params.entry);
        if (entry === undefined) throw refuse('thing.not_found', `${params.entry} is not an entry id`);
        return { status: 200, body: await undoOf(views.ground, caller, entry, await views.catalog(caller.tenant)) };
      },
    }),
  ];
}

async function* leaving(stream: AsyncIterable<string>, leave: () => void): AsyncGenerator<string> {
  try {
    yield* stream;
  } finally {
    leave();
  }
}

function sessionOf(caller: PersonCaller): SessionCaller {
  if ('session' in caller) return caller as SessionCaller;
  throw refuse('session.invalid', 'the caller came without a session');
}

/** The length of the log up to which everything was told. Anything else than one is somebody’s mistake. */
function placeIn(given: RouteRequest<never, never, never>['raw']['headers'][string]): number | null {
  if (given === undefined || given === '') return null;
  if (typeof given === 'string' && /^[0-9]{1,15}$/.test(given)) return Number(given);
  throw refuse('request.malformed', `Last-Event-ID is ${String(given)}`, 'Last-Event-ID must be the id of an event.');
}
