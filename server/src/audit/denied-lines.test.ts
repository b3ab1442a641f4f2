import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentId, type EntryHeader, type EntryId, type PersonId, renderParts, type TaskId } from '@ambit/protocol';
import { type Fields, planeItself } from '../foundation/index.ts';
import { type ActionToTell, tellLines } from './run-lines.ts';
import { traced } from './testing.ts';
import { traceRun } from './trace.ts';

const alice = 'psn_0000000000000000000a' as PersonId;
const bot = 'agt_0000000000000000000r' as AgentId;
const task = 'tsk_00000000000000000001' as TaskId;
const sentEntry = 'ent_00000000000000000009' as EntryId;
const refund: ActionToTell = {
  id: 'shop:refunds.create',
  api: 'shop',
  sentence: 'Refund {body.amount} {body.currency} for order {path.orderId}',
  money: { amount: 'body.amount', currency: 'body.currency', places: 0 },
  resource: { type: 'order', id: 'path.orderId' },
  effect: 'write',
  reversibility: 'irreversible',
  undo: null,
  undoSeconds: null,
};
const text =
  'task tsk_00000000000000000001: refunds.create needs body.amount 180.00 ≤ 100.00; ask for an elevation or narrow the amount.';
const asked = {
  method: 'POST',
  url: 'https://shop.example/orders/1042/refunds',
  arguments: { 'path.orderId': '1042', 'body.amount': '180.00', 'body.currency': 'USD' },
  because: text,
};

function line(detail: Fields, more: Partial<EntryHeader> = {}) {
  const said = (index: number, header: Partial<EntryHeader>, of: Fields) => {
    const who = { ...planeItself, requester: alice, agent: bot, initiator: bot };
    return traced(index, { who, task, run: task, ...header }, of);
  };
  const story = traceRun(task, [
    said(0, { kind: 'task.opened', who: { ...planeItself, requester: alice, agent: bot, initiator: alice } }, {}),
    said(1, { action: refund.id, decision: 'deny', code: 'authority.not_covered', ...more }, detail),
  ]);
  assert.ok(story);
  const names = { [alice]: 'Alice', [bot]: 'refund-bot' };
  const told = tellLines(story, new Map([[refund.id, refund]]), names, {
    now: 0,
    mayHandOut: () => false,
    mayName: () => true,
    shown: new Map(),
  });
  return told.lines[1] ?? assert.fail('no line');
}

test('a denial of an older release, which has its text alone, reads as it did then', () => {
  const { denied, told, why } = line(asked);
  assert.equal(denied, null);
  assert.equal(
    renderParts(told),
    'refund-bot may not refund 180.00 USD for order 1042: "refunds.create needs body.amount 180.00 ≤ 100.00; ask for an elevation or narrow the amount." It was never sent.',
  );
  assert.deepEqual(
    why.map(({ reason }) => reason.source),
    ['call'],
  );
});

test('a denial of a newer release, in parts that are not known here, is told by its text', () => {
  for (const denied of [{ is: 'moonlight' }, { is: 'bound', name: 'body.amount', must: { shine: 1 } }, 'bound']) {
    const told = line({ ...asked, denied });
    assert.equal(told.denied, null);
    assert.match(renderParts(told.told), /"refunds\.create needs body\.amount/);
  }
});

test('parts of what was let through, or asked about, are no denial', () => {
  for (const decision of ['permit', 'ask'] as const)
    assert.equal(line({ ...asked, denied: { is: 'code' } }, { decision }).denied, null);
});

test('a sum that is full is told of the counter that the entry names, and of no other', () => {
  const charge = (used: string) => ({
    counter: `sum|USD|task:${task}|0|all`,
    window: 0,
    by: '180.00',
    max: '250.00',
    used,
  });
  const of = (charges: unknown) =>
    renderParts(
      line({ ...asked, denied: { is: 'limit', at: 1 }, charges }, { code: 'limits.sum_exceeded' }).denied?.sentence ??
        [],
    );
  assert.match(
    of([charge('0'), charge('220.00')]),
    /only 30\.00 USD is left of the 250\.00 USD that this task may use/,
  );
  for (const charges of [[{ counter: 1 }, charge('220.00')], [charge('220.00')], 'none', undefined])
    assert.equal(of(charges), 'Refused: the amount does not fit into what is left.');
});

test('a request that proved nothing is told without whom it would have been', () => {
  const who = { ...planeItself, requester: alice, agent: bot, initiator: 'unproved' };
  const { denied, told } = line(
    { request: 'POST /api/shop/orders/1042/refunds', because: 'jti 7 again', denied: { is: 'code' } },
    { kind: 'call.refused', code: 'proof.replayed', action: null, who },
  );
  assert.equal(renderParts(denied?.sentence ?? []), 'Refused: the proof was used before.');
  assert.match(renderParts(denied?.next ?? []), /somebody copied a request of refund-bot/);
  assert.equal(
    renderParts(told),
    'A caller that did not prove who it is, with a token or key of refund-bot, was not allowed to send "POST /api/shop/orders/1042/refunds": the proof was used before. It was never sent.',
  );
});

test('a caller that proved itself and then was counted only is not said to have proved nothing', () => {
  const who = { ...planeItself, requester: alice, agent: bot, initiator: 'unproved' };
  const of = (code: string, source: string) =>
    renderParts(
      line(
        { request: 'POST /v1/tasks', because: 'x', source, denied: { is: 'code' } },
        { kind: 'call.refused', code, action: null, who },
      ).told,
    );
  assert.match(of('task.not_open', bot), /^refund-bot may not send "POST \/v1\/tasks": /);
  assert.match(
    of('limits.rate_exceeded', '192.0.2.1'),
    /^A caller, with a token or key of refund-bot, was not allowed to send/,
  );
  assert.match(of('token.other_key', '192.0.2.1'), /^A caller that did not prove who it is, with a token/);
});

test('what the vault refused after a permit was never sent, and says which credential', () => {
  const refusal = { refusal: 'vault.credential_disabled', because: 'credential crd_1 is disabled', sent: false };
  const cameBack = (detail: Fields) => {
    const who = { ...planeItself, requester: alice, agent: bot, initiator: bot };
    const story = traceRun(task, [
      traced(0, { kind: 'task.opened', who, task, run: task }, {}),
      traced(1, { who, task, run: task, action: refund.id, decision: 'permit', id: sentEntry }, asked),
      traced(2, { kind: 'call.outcome', who, task, run: task, about: sentEntry, code: 'failed' }, detail),
    ]);
    const reading = { now: 0, mayHandOut: () => false, mayName: () => true, shown: new Map() };
    return renderParts(
      tellLines(story!, new Map(), { [bot]: 'refund-bot' }, reading).lines[1]?.outcome?.sentence ?? [],
    );
  };
  const denied = { is: 'code', values: { credential: 'crd_1' } };
  assert.equal(cameBack({ ...refusal, denied }), 'never sent: the credential crd_1 for this API is disabled');
  assert.equal(cameBack(refusal), 'never sent: the credential for this API is disabled', 'an older release');
  assert.equal(cameBack({ because: 'no route', refusal: null }), 'failed: "no route"');
});

test('what an agent was refused that is no call is a sentence of its own', () => {
  const of = (kind: string, code: string) =>
    renderParts(line({ because: 'x', denied: { is: 'code' } }, { kind, code, action: null }).told);
  assert.equal(of('token.refused', 'task.ended'), 'refund-bot was refused a token: the task has ended.');
  assert.equal(
    of('task.delegation-refused', 'task.widened'),
    'refund-bot was refused to hand on a part of its task: more was to be handed on than the task has.',
  );
  assert.match(
    of('elevation.refused', 'elevation.not_needed'),
    /more than its task gives: the task may do this already\.$/,
  );
});
