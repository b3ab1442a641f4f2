/** RFC 7240 (Prefer): how long an agent waits for a person, and what it hears when nobody has answered by then. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type House, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

let house: House;
let agent: RawAgent;
let token: string;
let task: string | undefined;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
});
after(() => house.close());

/** A question of its own for every test, since one that is open already is not asked twice. */
async function ask(prefer?: string): Promise<{ response: Response; milliseconds: number }> {
  task = undefined;
  const id = await house.openTask();
  token = await agent.accept(id);
  task = id;
  const headers: Record<string, string> = prefer === undefined ? {} : { prefer };
  const began = performance.now();
  const body = { amount: '80.00', currency: 'USD' };
  const response = await agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body, headers });
  return { response, milliseconds: performance.now() - began };
}

// The wishes below that are none speak of ten seconds.
const isAtOnce = (milliseconds: number) => milliseconds < 8000;

test('without a wish the answer is 202 at once, and says where to come back and when', async () => {
  const { response, milliseconds } = await ask();
  assert.equal(response.status, 202);
  assert.ok(isAtOnce(milliseconds), `${milliseconds} ms`);
  assert.match(response.headers.get('location') ?? '', /^\/v1\/agent\/approvals\/apr_/);
  assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
  const { state, asks } = (await response.json()) as { state: string; asks: string[] };
  assert.equal(state, 'parked');
  assert.ok(asks[0]?.includes('50.00'));
});

test('wait=1 is waited for, and then it is 202 all the same', async () => {
  const { response, milliseconds } = await ask('wait=1');
  assert.equal(response.status, 202);
  assert.ok(milliseconds >= 950 && milliseconds < 8000, `${milliseconds} ms`);
});

// §2: token and word, in any case, bare or quoted, beside others; BWS around the equals sign.
for (const prefer of [
  'Wait=1',
  'wait="1"',
  'wait = 1',
  'respond-async, wait=1',
  'return=minimal; x="a,b", wait=1;p=1',
  'wait=1, wait=60',
]) {
  test(`${prefer} is the same wish`, async () => {
    const { milliseconds } = await ask(prefer);
    assert.ok(milliseconds >= 950 && milliseconds < 8000, `${milliseconds} ms`);
  });
}

// §2: a preference that cannot be used is passed over, never an error.
for (const prefer of [
  'wait',
  'wait=',
  'wait=-10',
  'wait=10.5',
  'wait=soon',
  'wait=0',
  'waiting=10',
  'handling="wait=10"',
  'x;wait=10',
]) {
  test(`${prefer} is no wish to wait`, async () => {
    const { response, milliseconds } = await ask(prefer);
    assert.equal(response.status, 202);
    assert.ok(isAtOnce(milliseconds), `${milliseconds} ms`);
  });
}

test('an answer ends the waiting at once, with what the shop said', async () => {
  const asking = ask('wait=30');
  const question = await firstQuestion();
  await house.bob.operator.approvals.answer(question, 'yes');
  const { response, milliseconds } = await asking;
  assert.equal(response.status, 201, await response.text());
  assert.ok(milliseconds < 10_000);
});

test('a no ends the waiting too, as a refusal', async () => {
  const asking = ask('wait=30');
  await house.bob.operator.approvals.answer(await firstQuestion(), 'no', 'Not this one.');
  const { response } = await asking;
  assert.equal(response.status, 403);
  assert.match(await response.text(), /Not this one/);
});

test('the same wish holds where the agent comes back to ask', async () => {
  const { response } = await ask();
  const path = response.headers.get('location') ?? '';
  const began = performance.now();
  const poll = await agent.call(token, 'GET', path, { headers: { prefer: 'wait=1' } });
  assert.equal(poll.status, 202);
  assert.ok(performance.now() - began >= 950);
  assert.equal((await agent.call(token, 'GET', path)).status, 202);
});

/** The question of the call that is waiting now; every test before left one of its own. */
async function firstQuestion() {
  for (let tries = 0; tries < 200; tries++) {
    const open = await house.bob.operator.approvals.list();
    const ours = open.find((one) => one.task === task);
    if (ours !== undefined) return ours;
    await sleep(20);
  }
  throw new Error('nobody asked');
}
