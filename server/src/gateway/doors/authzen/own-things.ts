import { JsonNumber, type JsonValue, parseId, type TenantId } from '@ambit/protocol';
import { resourcesOf } from '../../../catalog/index.ts';
import { asRefusal, type PointCaller } from '../../../foundation/index.ts';
import { findAgent } from '../../../identity/index.ts';
import { decide, judgeQuestion, type Question, questionOf } from '../../../policy/index.ts';
import { findTask } from '../../../tasks/index.ts';
import { type Call, callOf } from '../../call.ts';
import { askingFor } from '../../caller.ts';
import { gatherFacts } from '../../facts.ts';
import { askingAgent, askRules } from '../../question.ts';
import type { Rooms } from '../../rooms.ts';
import { type Answer, type Evaluation, isObject, membersOf, type Named, no } from './evaluation.ts';

/**
 * A question about what Ambit itself knows: an agent or a person, an action of the catalog, and with `context.task` the
 * task under which it would be called. With a task the decision is that of a call; without one it is the rules' alone.
 */
export async function decideOwn(rooms: Rooms, caller: PointCaller, asked: Evaluation): Promise<Answer> {
  const call = await callAsked(rooms, caller.tenant, asked);
  if (call === undefined)
    return no('none', 'The catalog has no such action; use an action id such as shop:orders.get.');
  const task = asked.context?.task;
  return task === undefined ? byRules(rooms, caller, asked, call) : byTask(rooms, caller, asked, call, task);
}

async function callAsked(rooms: Rooms, tenant: TenantId, asked: Evaluation): Promise<Call | undefined> {
  const snapshot = await rooms.catalog(tenant);
  const action = snapshot.action(asked.action.name);
  const api = action === undefined ? undefined : snapshot.apis.get(action.api);
  if (action === undefined || api === undefined) return undefined;
  const found = argumentsOf(asked);
  const read = {
    action,
    arguments: found,
    path: '',
    query: '',
    headers: [],
    body: { kind: 'none' } as const,
    resources: resourcesOf(action, found),
  };
  const claim = { reason: null, step: null, toolCall: null };
  return callOf(read, api, { headers: {}, catalogVersion: snapshot.version, claim });
}

function argumentsOf({ action }: Evaluation): Map<string, JsonValue> {
  const given = membersOf(action.properties?.arguments ?? {});
  return new Map(Object.entries(given).map(([name, value]) => [name, jsonValue(value)]));
}

/** Numbers become the exact texts that decisions work on. */
function jsonValue(value: unknown): JsonValue {
  if (typeof value === 'number') return new JsonNumber(String(value));
  if (Array.isArray(value)) return value.map(jsonValue);
  if (!isObject(value)) return value as JsonValue;
  const members = Object.entries(value).map(([name, one]) => [name, jsonValue(one)]);
  return Object.assign(Object.create(null), Object.fromEntries(members));
}

async function byRules(rooms: Rooms, { tenant }: PointCaller, { subject }: Evaluation, call: Call): Promise<Answer> {
  const who = await subjectOf(rooms, tenant, subject);
  if (who === undefined) return no('rules', `There is no ${subject.type} ${subject.id}.`);
  const question = askRules(tenant, who, call, rooms.ground.clock());
  const rules = await rooms.rules(tenant);
  const { kind, because } = await (rooms.judge === null
    ? judgeQuestion(rules, question)
    : rooms.judge(rules, question));
  const reason = because.map((one) => one.reason).join(' ');
  return { decision: kind === 'permit', context: { basis: 'rules', kind, reason } };
}

async function subjectOf(rooms: Rooms, tenant: TenantId, subject: Named): Promise<Question['who'] | undefined> {
  if (subject.type === 'person' || subject.type === 'user') {
    const id = parseId('person', subject.id);
    return id === undefined ? undefined : { kind: 'person', id };
  }
  const id = subject.type === 'agent' ? parseId('agent', subject.id) : undefined;
  const found = id === undefined ? undefined : await findAgent(rooms.ground, tenant, id);
  return found === undefined ? undefined : askingAgent(found);
}

async function byTask(
  rooms: Rooms,
  caller: PointCaller,
  { subject }: Evaluation,
  call: Call,
  given: unknown,
): Promise<Answer> {
  const id = parseId('task', given);
  const task = id === undefined ? undefined : await findTask(rooms.ground, caller.tenant, id);
  if (task === undefined || subject.type !== 'agent' || task.agent !== subject.id)
    return no('task', 'That agent has no such task.');
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
