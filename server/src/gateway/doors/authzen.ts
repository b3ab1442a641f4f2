import {
  anything,
  JsonFault,
  JsonNumber,
  type JsonValue,
  list,
  object,
  oneOf,
  optional,
  parse,
  parseId,
  parseJson,
  plainJson,
  record,
  ShapeFault,
  type ShapeOf,
  text,
} from '@ambit/protocol';
import { resourcesOf } from '../../catalog/index.ts';
import {
  asRefusal,
  entry,
  type PointCaller,
  planeItself,
  type RawRequest,
  Refusal,
  type Reply,
  type Route,
  refuse,
  route,
  span,
} from '../../foundation/index.ts';
import { findAgent } from '../../identity/index.ts';
import { decide, judgeQuestion, type Question, questionOf } from '../../policy/index.ts';
import { findTask } from '../../tasks/index.ts';
import { type Call, callOf } from '../call.ts';
import { askingFor } from '../caller.ts';
import { gatherFacts } from '../facts.ts';
import { askRules } from '../question.ts';
import type { Rooms } from '../rooms.ts';

const named = object({ type: text({ max: 100 }), id: text({ max: 500 }), properties: optional(record(anything())) });
const doing = object({ name: text({ max: 200 }), properties: optional(record(anything())) });
const evaluation = object({ subject: named, action: doing, resource: named, context: optional(record(anything())) });
type Evaluation = ShapeOf<typeof evaluation>;

const semantics = oneOf('execute_all', 'deny_on_first_deny', 'permit_on_first_permit');
const evaluationsMax = 100;

type Answer = { readonly decision: boolean; readonly context: Record<string, unknown> };

/**
 * AuthZEN 1.0 for registered enforcement points: with a task the same decision as a call, without one the rules alone,
 * marked so. THREATS: forged-facts. What the plane owns comes from its stores; the caller names things, it never tells.
 */
export function authzenRoutes(rooms: Rooms, origin: () => string): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/.well-known/authzen-configuration',
      who: 'public',
      says: 'Where decisions are asked for (AuthZEN 1.0 metadata).',
      run: async () => ({
        status: 200,
        body: {
          policy_decision_point: origin(),
          access_evaluation_endpoint: `${origin()}/access/v1/evaluation`,
          access_evaluations_endpoint: `${origin()}/access/v1/evaluations`,
        },
      }),
    }),
    route({
      method: 'POST',
      path: '/access/v1/evaluation',
      who: 'enforcement-point',
      says: 'One decision (AuthZEN 1.0 Access Evaluation). It is never a permit: nothing is reserved and nothing is sent.',
      run: ({ caller, raw }) => echoing(caller, raw, async () => evaluate(rooms, caller, known(bodyOf(raw)))),
    }),
    route({
      method: 'POST',
      path: '/access/v1/evaluations',
      who: 'enforcement-point',
      says: 'Several decisions in order (AuthZEN 1.0 Access Evaluations), under one of its three semantics.',
      run: ({ caller, raw }) => echoing(caller, raw, () => evaluateAll(rooms, caller, bodyOf(raw))),
    }),
  ];
}

async function evaluateAll(rooms: Rooms, caller: PointCaller, body: unknown): Promise<object> {
  const { items, semantic } = readBatch(body);
  if (items === null) return evaluate(rooms, caller, known(body));
  const evaluations: Answer[] = [];
  for (const item of items) {
    const answer = await evaluateItem(rooms, caller, item);
    evaluations.push(answer);
    if (semantic === 'deny_on_first_deny' && !answer.decision) break;
    if (semantic === 'permit_on_first_permit' && answer.decision) break;
  }
  return { evaluations };
}

/** AuthZEN 1.0 §10: the id of the request comes back with its answer, and what cannot be read is a 400. */
async function echoing(caller: PointCaller, raw: RawRequest, answer: () => Promise<object>): Promise<Reply> {
  const headers = echoed(raw.headers['x-request-id']);
  try {
    requireKind(caller);
    return { status: 200, headers, body: await answer() };
  } catch (error) {
    const refusal = unreadable(error) ?? asRefusal(error);
    throw new Refusal(refusal.code, refusal.because, refusal.says, { ...refusal.headers, ...headers });
  }
}

/** THREATS: door-misuse. What a proxy was given for its own door asks no questions at this one. */
function requireKind({ point, who }: PointCaller): void {
  if (who.channel === 'authzen') return;
  throw refuse('enforcement_point.unauthenticated', `${point} is registered as ${who.channel}`);
}

function unreadable(error: unknown): Refusal | undefined {
  if (!(error instanceof ShapeFault || error instanceof JsonFault)) return undefined;
  return refuse('request.malformed', error.message, error.message);
}

function bodyOf(raw: RawRequest): unknown {
  const type = (raw.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw refuse('request.malformed', `JSON expected, got ${type}`, 'Send application/json.');
  return plainJson(parseJson(Buffer.from(raw.body).toString('utf8')));
}

const echoed = (id: string | string[] | undefined): Record<string, string> =>
  typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id) ? { 'x-request-id': id } : {};

/** Fields that the profile does not know are ignored (AuthZEN 1.0 §5); what it knows is read strictly. */
function known(body: unknown): Evaluation {
  const { subject, action, resource, context } = membersOf(body);
  const picked = {
    subject: pick(subject, ['type', 'id', 'properties']),
    action: pick(action, ['name', 'properties']),
    resource: pick(resource, ['type', 'id', 'properties']),
    ...(context === undefined ? {} : { context }),
  };
  return parse(evaluation, picked);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function membersOf(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw refuse('request.malformed', 'the body is not an object', 'Send a JSON object.');
}

function pick(value: unknown, names: readonly string[]): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}

type Batch = {
  readonly items: readonly unknown[] | null;
  readonly semantic: ShapeOf<typeof semantics>;
};

/** Keys of the request are defaults that an item's own key replaces whole. */
function readBatch(body: unknown): Batch {
  const { evaluations, options, ...defaults } = membersOf(body);
  const given = options === undefined ? undefined : membersOf(options).evaluations_semantic;
  const semantic = given === undefined ? 'execute_all' : parse(semantics, given);
  if (evaluations === undefined || (Array.isArray(evaluations) && evaluations.length === 0))
    return { items: null, semantic };
  const items = parse(list(anything(), { max: evaluationsMax }), evaluations);
  return { items: items.map((item) => (isObject(item) ? { ...defaults, ...item } : item)), semantic };
}

/** In a batch a bad item is a denial of that item, with the error in its context. */
async function evaluateItem(rooms: Rooms, caller: PointCaller, item: unknown): Promise<Answer> {
  try {
    return await evaluate(rooms, caller, known(item));
  } catch (error) {
    const message = error instanceof ShapeFault ? error.message : saysMalformed(error);
    if (message === undefined) throw error;
    return { decision: false, context: { error: { status: 400, message } } };
  }
}

const saysMalformed = (error: unknown): string | undefined =>
  error instanceof Refusal && error.code === 'request.malformed' ? error.says : undefined;

function evaluate(rooms: Rooms, caller: PointCaller, asked: Evaluation): Promise<Answer> {
  return span('gateway/authzen', async (): Promise<Answer> => {
    const answer = await decided(rooms, caller, asked);
    const id = rooms.ground.newId('entry');
    await rooms.ground.database.commit({
      tenant: caller.tenant,
      entries: [
        entry({
          id,
          kind: 'authzen.evaluated',
          who: { ...planeItself, initiator: caller.point, channel: 'authzen', proof: caller.who.proof },
          action: asked.action.name,
          // Not a decision about a call: nothing was reserved, and nothing may be sent on it.
          decision: null,
          code: `${answer.context.basis === 'task' ? 'task' : 'rules'}.${answer.decision ? 'true' : 'false'}`,
          detail: { asked, answer },
        }),
      ],
    });
    return { ...answer, context: { ...answer.context, evaluation_id: id } };
  });
}

async function decided(rooms: Rooms, caller: PointCaller, asked: Evaluation): Promise<Answer> {
  const snapshot = await rooms.catalog(caller.tenant);
  const action = snapshot.action(asked.action.name);
  const api = action === undefined ? undefined : snapshot.apis.get(action.api);
  if (action === undefined || api === undefined)
    return no('none', 'The catalog has no such action; use an action id such as shop:orders.get.');
  const found = argumentsOf(asked);
  const call = callOf(
    {
      action,
      arguments: found,
      path: '',
      query: '',
      headers: [],
      body: { kind: 'none' },
      resources: resourcesOf(action, found),
    },
    api,
    { headers: {}, catalogVersion: snapshot.version, claim: { reason: null, step: null, toolCall: null } },
  );
  const task = asked.context?.task;
  return task === undefined ? byRules(rooms, caller, asked, call) : byTask(rooms, caller, asked, call, task);
}

const no = (basis: string, reason: string): Answer => ({ decision: false, context: { basis, reason } });

function argumentsOf(asked: Evaluation): Map<string, JsonValue> {
  const given = pickMember(asked.action.properties, 'arguments') ?? {};
  return new Map(Object.entries(membersOf(given)).map(([name, value]) => [name, jsonValue(value)]));
}

const pickMember = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Numbers become the exact texts that decisions work on. */
function jsonValue(value: unknown): JsonValue {
  if (typeof value === 'number') return new JsonNumber(String(value));
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object' && value !== null) {
    return Object.assign(
      Object.create(null),
      Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonValue(one)])),
    );
  }
  return value as JsonValue;
}

async function byRules(rooms: Rooms, caller: PointCaller, asked: Evaluation, call: Call): Promise<Answer> {
  const who = await subjectOf(rooms, caller, asked);
  if (who === undefined) return no('rules', `There is no ${asked.subject.type} ${asked.subject.id}.`);
  const question = askRules(caller.tenant, who, call, rooms.ground.clock());
  const rules = await rooms.rules(caller.tenant);
  const ruling = rooms.judge === null ? judgeQuestion(rules, question) : await rooms.judge(rules, question);
  const reasons = ruling.because.map((one) => one.reason);
  return {
    decision: ruling.kind === 'permit',
    context: { basis: 'rules', kind: ruling.kind, reason: reasons.join(' ') },
  };
}

async function subjectOf(
  rooms: Rooms,
  caller: PointCaller,
  { subject }: Evaluation,
): Promise<Question['who'] | undefined> {
  if (subject.type === 'person' || subject.type === 'user') {
    const id = parseId('person', subject.id);
    return id === undefined ? undefined : { kind: 'person', id };
  }
  const id = subject.type === 'agent' ? parseId('agent', subject.id) : undefined;
  const agent = id === undefined ? undefined : await findAgent(rooms.ground, caller.tenant, id);
  if (agent === undefined) return undefined;
  const { owner, team, purpose, environment, zone, state } = agent;
  return { kind: 'agent', id: agent.id, owner, team, purpose, environment, zone, state };
}

async function byTask(
  rooms: Rooms,
  caller: PointCaller,
  asked: Evaluation,
  call: Call,
  given: unknown,
): Promise<Answer> {
  const id = parseId('task', given);
  const task = id === undefined ? undefined : await findTask(rooms.ground, caller.tenant, id);
  if (task === undefined || asked.subject.type !== 'agent' || task.agent !== asked.subject.id) {
    return no('task', 'That agent has no such task.');
  }
  try {
    const asking = askingFor(caller, task);
    const facts = await gatherFacts(rooms.ground, asking, call, null);
    const rules = await rooms.rules(caller.tenant);
    const judged = rooms.judge === null ? undefined : await rooms.judge(rules, questionOf(facts));
    const decision = decide(facts, rules, judged);
    const reason =
      decision.kind === 'deny' ? (decision.says ?? decision.code) : decision.because.map((one) => one.reason).join(' ');
    const asks = decision.kind === 'ask' ? { asks: decision.asks.map((one) => one.reason) } : {};
    return { decision: decision.kind === 'permit', context: { basis: 'task', kind: decision.kind, reason, ...asks } };
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal.code === 'store.unavailable' || refusal.code === 'plane.fault') throw error;
    return no('task', refusal.says);
  }
}
