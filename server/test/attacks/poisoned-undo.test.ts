// What takes a call back is filled from what its API answered: the API, or whoever described it, has something else taken back.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Authority, EntryId, TaskId } from '@ambit/protocol';
import { type House, openHouse, registerBot } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { type Heard, handmadeUpstream, type Upstream, until } from './witness.ts';

const whole: Authority = [
  {
    type: 'ambit_grant',
    actions: ['create', 'reverse', 'order', 'recall', 'grant', 'ungrant'].map((name) => `bank:${name}`),
  },
];
const amount = { type: 'object', additionalProperties: false, properties: { amount: { type: 'string' } } };
const operation = (operationId: string, schema: object | undefined, more: object, parameters: object[] = []) => ({
  post: {
    operationId,
    parameters,
    ...(schema && { requestBody: { required: true, content: { 'application/json': { schema } } } }),
    responses: { '200': { description: 'It.' } },
    'x-ambit': { effect: 'write', reversibility: 'reversible', reach: 'internal', ...more },
  },
});
const id = (type: string) => [{ name: 'id', in: 'path', required: true, schema: { type } }];
const hidden = `{"type":"object","required":["__proto__"],"properties":{"__proto__":{"type":"object","required":["isAdmin"],"properties":{"isAdmin":{"type":"string"}}}}}`;
const description = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Bank', version: '1' },
  paths: {
    '/transfers': operation('create', amount, { undo: 'reverse' }),
    '/transfers/{id}/reverse': operation('reverse', undefined, {}, id('string')),
    '/orders': operation('order', amount, { undo: 'recall' }),
    '/orders/{id}/recall': operation('recall', undefined, {}, id('integer')),
    '/grants': operation('grant', amount, { undo: 'ungrant' }),
    '/ungrant': operation('ungrant', JSON.parse(hidden), {}),
  },
});

let house: House;
let upstream: Upstream;
let agent: RawAgent;
let token: string;
let task: TaskId;
/** What the API answers, as it writes it. */
let says = '{}';
/** Requests that it leaves unanswered. */
let silent: Heard[] = [];
let isSilent = (_line: string) => false;

before(async () => {
  upstream = await handmadeUpstream((request) => {
    if (isSilent(request.line)) silent.push(request);
    else reply(request, says);
  });
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  const { catalog, persons } = house.ada.operator;
  await catalog.import({
    ...{ name: 'bank', text: description, server: upstream.url },
    ...{ zone: 'default', environment: 'test' },
  });
  await catalog.confirm('bank', { revision: (await catalog.show('bank')).revision });
  await persons.setDelegable(house.alice.id, whole);
  const bot = await registerBot(house.alice, 'bank-bot', whole);
  agent = await rawAgent(house, bot);
  task = await house.openTask({ agent: bot.id, authority: whole });
  token = await agent.accept(task);
});
beforeEach(() => {
  silent = [];
  isSilent = () => false;
});
after(async () => {
  await house.close();
  await upstream.close();
});

function reply({ socket }: Heard, text: string): void {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}`;
  socket.write(`${head}\r\n\r\n${text}`);
}

/** A call that the API answers like that. */
async function done(path: string, answered: string): Promise<EntryId> {
  says = answered;
  const response = await agent.call(token, 'POST', `/api/bank${path}`, { body: { amount: crypto.randomUUID() } });
  assert.equal(response.status, 200, await response.clone().text());
  return response.headers.get('ambit-entry') as EntryId;
}
const undo = (entry: EntryId) => house.alice.operator.log.undoNow(entry);

test('an id that no number holds names the very thing that was made, and not its neighbour', async () => {
  const entry = await done('/transfers', '{"id":9007199254740993}');
  assert.equal((await undo(entry)).kind, 'done');
  assert.equal(upstream.writes().at(-1)?.line, 'POST /transfers/9007199254740993/reverse HTTP/1.1');
});

test('where a number has to be sent that no number holds, nothing is', async () => {
  for (const made of ['9007199254740993', '1e2', '12.5', '"12.50"', '-0']) {
    const entry = await done('/orders', `{"id":${made}}`);
    const before = upstream.writes().length;
    await assert.rejects(undo(entry), { code: 'undo.incomplete' }, made);
    assert.equal(upstream.writes().length, before, made);
  }
  assert.equal((await undo(await done('/orders', '{"id":12}'))).kind, 'done');
  assert.equal(upstream.writes().at(-1)?.line, 'POST /orders/12/recall HTTP/1.1');
});

test('an answer that is read in two ways says nothing', async () => {
  const entry = await done('/orders', '{"id":1,"id":2}');
  await assert.rejects(undo(entry), { code: 'undo.incomplete' });
});

test('an id that is another path is not sent', async () => {
  for (const made of ['1/reverse/../2', '..', '%2e%2e', '1?all=1', '1;x', '']) {
    const entry = await done('/transfers', JSON.stringify({ id: made }));
    const before = upstream.writes().length;
    const told = await undo(entry).catch((error: unknown) => error);
    assert.notEqual((told as { kind?: string }).kind, 'done', made);
    assert.equal(upstream.writes().length, before, made);
  }
});

test('a member that a description calls __proto__ is one like any other', async () => {
  const entry = await done('/grants', '{"isAdmin":"yes"}');
  const told = await undo(entry).catch((error: unknown) => error);
  const found = Reflect.get({}, 'isAdmin');
  // Nothing of the plane works while everything is one.
  Reflect.deleteProperty(Object.prototype, 'isAdmin');
  assert.equal(found, undefined);
  assert.equal((told as { kind?: string }).kind, 'done');
  assert.equal(upstream.writes().at(-1)?.body, '{"__proto__":{"isAdmin":"yes"}}');
});

test('an undo that was let out is not made again, though its task ends while the API is silent', async () => {
  const entry = await done('/orders', '{"id":7}');
  isSilent = (line) => line.includes('/recall');
  const pressed = undo(entry);
  await until('the call', () => (silent.length > 0 ? true : undefined));
  const { lanes } = await house.alice.operator.runs.show(task);
  const under = lanes.find(({ undoes }) => undoes === entry);
  assert.ok(under);
  await house.alice.operator.tasks.revoke(under.task, 'Never mind.');
  await assert.rejects(undo(entry), /undo\.(under_way|over)/);
  assert.equal((await pressed).kind, 'unknown');
  await assert.rejects(undo(entry), { code: 'undo.over' });
  assert.equal(silent.length, 1);
});
