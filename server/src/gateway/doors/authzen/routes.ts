import type { EntryId } from '@ambit/protocol';
import { asRefusal, type PointCaller, type RawRequest, type Route, refuse, route } from '../../../foundation/index.ts';
import type { Rooms } from '../../rooms.ts';
import { evaluate } from './evaluate.ts';
import { evaluateAll } from './evaluate-all.ts';
import { bodyOf, readEvaluation, unreadable } from './evaluation.ts';
import { decisionPointMetadata, endpoint, tenantMetadata } from './metadata.ts';
import { search } from './search.ts';

type Answering = (rooms: Rooms, caller: PointCaller, body: unknown) => Promise<Answered>;
type Answered = { readonly body: object; readonly entry?: EntryId };

const questions: readonly { readonly path: string; readonly says: string; readonly answer: Answering }[] = [
  {
    path: endpoint.evaluation,
    says: 'One decision (AuthZEN 1.0 Access Evaluation). It is never a permit: nothing is reserved and nothing is sent.',
    answer: async (rooms, caller, body) => ({ body: await evaluate(rooms, caller, readEvaluation(body)) }),
  },
  {
    path: endpoint.evaluations,
    says: 'Several decisions in order (AuthZEN 1.0 Access Evaluations), under one of its three semantics.',
    answer: async (rooms, caller, body) => ({ body: await evaluateAll(rooms, caller, body) }),
  },
  {
    path: endpoint.subjects,
    says: 'Who may do something with something (AuthZEN 1.0 Subject Search). Only for points that may search.',
    answer: (rooms, caller, body) => search(rooms, caller, 'subject', body),
  },
  {
    path: endpoint.resources,
    says: 'With what somebody may do something (AuthZEN 1.0 Resource Search). Only for points that may search.',
    answer: (rooms, caller, body) => search(rooms, caller, 'resource', body),
  },
  {
    path: endpoint.actions,
    says: 'What somebody may do with something (AuthZEN 1.0 Action Search). Only for points that may search.',
    answer: (rooms, caller, body) => search(rooms, caller, 'action', body),
  },
];

/**
 * AuthZEN 1.0 for registered enforcement points: with a task the same decision as a call, without one the rules alone,
 * marked so. THREATS: forged-facts. What the plane owns comes from its stores; the caller names things, it never tells.
 */
export function authzenRoutes(rooms: Rooms, origin: () => string): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: endpoint.metadata,
      who: 'public',
      says: 'Where decisions are asked for (AuthZEN 1.0 metadata).',
      run: async () => ({ status: 200, body: decisionPointMetadata(origin()) }),
    }),
    route({
      method: 'GET',
      path: `${endpoint.metadata}/:tenant`,
      who: 'public',
      says: 'The same for the decision point of one tenant, which has a path of its own.',
      run: async ({ params }) => ({ status: 200, body: await tenantMetadata(rooms.ground, origin(), params.tenant) }),
    }),
    ...questions.flatMap(({ path, says, answer }) => [
      questionRoute(rooms, path, says, answer),
      questionRoute(rooms, `/:tenant${path}`, `${says} For points of that tenant.`, answer),
    ]),
  ];
}

/** AuthZEN 1.0 §10: a denial is a 200; what cannot be read is a 400; the id of a request comes back with its answer. */
function questionRoute(rooms: Rooms, path: string, says: string, answer: Answering): Route {
  return route({
    method: 'POST',
    path,
    who: 'enforcement-point',
    says,
    echoes: 'x-request-id',
    run: async ({ caller, params, raw }) => {
      requireAsker(caller, params.tenant);
      return { status: 200, ...(await answered(raw, (body) => answer(rooms, caller, body))) };
    },
  });
}

async function answered(raw: RawRequest, answer: (body: unknown) => Promise<Answered>): Promise<Answered> {
  try {
    return await answer(bodyOf(raw));
  } catch (error) {
    throw unreadable(error) ?? asRefusal(error);
  }
}

/** THREATS: door-misuse. What a proxy was given for its own door, or for another tenant, asks no questions here. */
function requireAsker({ point, tenant, who }: PointCaller, named: string | undefined): void {
  if (who.channel !== 'authzen')
    throw refuse('enforcement_point.unauthenticated', `${point} is registered as ${who.channel}`);
  if (named !== undefined && named !== tenant)
    throw refuse('enforcement_point.unauthenticated', `${point} is of another tenant than ${named.slice(0, 40)}`);
}
