/**
 * The walks of ARCHITECTURE.md against the code: each is played on a whole plane, and the verbs that were passed, in the
 * order in which they began, are those of its row. So the document, the trace and the code cannot drift apart unseen.
 */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type ApprovalId, boundsWithin, rememberableOf } from '@ambit/protocol';
import { anchorsIn, verifyExport } from '../server/src/audit/index.ts';
import type { Span } from '../server/src/foundation/span.ts';
import { type House, only, openHouse, order } from '../server/test/house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../server/test/raw-agent.ts';

const document = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8');
const walks = readWalks(document);

let house: House;
let agent: RawAgent;
let token: string;
let task: Awaited<ReturnType<House['openTask']>>;
const seen: Span[] = [];
const keep = (message: unknown) => void seen.push(message as Span);
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
  task = await house.openTask();
  token = await agent.accept(task);
  subscribe('ambit:span', keep);
});
after(async () => {
  unsubscribe('ambit:span', keep);
  await house.close();
});

const shop = `/api/shop/orders/${order}`;
const refund = (amount: string) => agent.call(token, 'POST', `${shop}/refunds`, { body: { amount, currency: 'USD' } });

test('the table has a row for every walk that is played here, and no other', () => {
  assert.deepEqual(
    [...walks.keys()],
    [
      'a permitted call',
      'a denied call',
      'a call that asks',
      'the yes',
      'one yes to several',
      'the approved call',
      'a call by a remembered yes',
      'a wish for more',
      'more is given',
      'a delegation',
      'the end of a task',
      'a call taken back',
      'an offline check',
    ],
  );
});

test('a permitted call', async () => {
  await during(async () => assert.equal((await agent.call(token, 'GET', shop)).status, 200));
  const trail = await trailOf('gateway/enforce');
  assertWalk('a permitted call', trail);
  assertBefore(trail, 'policy/decide', 'gateway/admit');
  assertBefore(trail, 'gateway/admit', 'vault/lend');
  assertBefore(trail, 'vault/lend', 'gateway/forward');
  assertBefore(trail, 'gateway/forward', 'gateway/settle');
});

test('a denied call', async () => {
  await during(async () => assert.equal((await agent.call(token, 'GET', '/api/shop/payroll')).status, 403));
  const trail = await trailOf('gateway/enforce');
  assertWalk('a denied call', trail);
});

test('one yes to several', async () => {
  await during(async () => {
    const response = await refund('81.00');
    assert.equal(response.status, 202);
    const { approvals } = house.bob.operator;
    const question = await approvals.show(response.headers.get('ambit-approval') as ApprovalId);
    await approvals.answerAll([question], 'no');
  });
  assertWalk('one yes to several', await trailOf('approvals/answer-together'));
});

test('a call that asks, the yes, and the approved call', async () => {
  await during(async () => {
    const response = await refund('80.00');
    assert.equal(response.status, 202);
    const id = response.headers.get('ambit-approval') as ApprovalId;
    const question = await house.bob.operator.approvals.show(id);
    await house.bob.operator.approvals.answer(question, 'yes');
    const location = response.headers.get('location') ?? '';
    const answer = await agent.call(token, 'GET', location, { headers: { prefer: 'wait=10' } });
    assert.equal(answer.status, 201, await answer.text());
  });
  const [asking, yes, run] = [
    await trailOf('gateway/enforce'),
    await trailOf('approvals/answer'),
    await trailOf('gateway/run-parked'),
  ];
  assertWalk('a call that asks', asking);
  assertWalk('the yes', yes);
  assertWalk('the approved call', run);
  assertBefore([...yes, ...run], 'approvals/answer', 'approvals/resume');
  assertBefore(run, 'approvals/resume', 'policy/decide');
  const forwards = run.filter(({ name }) => name === 'gateway/forward');
  const claim = spanOf(run, 'approvals/resume');
  assert.ok(
    forwards.every(({ began }) => began > claim.ended),
    'nothing is sent before the call is claimed',
  );
});

test('a call by a remembered yes', async () => {
  const own = await agent.accept(await house.openTask());
  const send = () => agent.call(own, 'POST', `${shop}/refunds`, { body: { amount: '60.00', currency: 'USD' } });
  const response = await send();
  const id = response.headers.get('ambit-approval') as Parameters<House['bob']['operator']['approvals']['show']>[0];
  const question = await house.bob.operator.approvals.show(id);
  const rememberable = rememberableOf(question);
  assert.ok('widest' in rememberable);
  await house.bob.operator.approvals.answer(question, 'yes', null, boundsWithin(rememberable.widest, { calls: 1 }));
  await agent.call(own, 'GET', response.headers.get('location') ?? '', { headers: { prefer: 'wait=10' } });
  await during(async () => assert.equal((await send()).status, 201));
  const trail = await trailOf('gateway/enforce');
  assertWalk('a call by a remembered yes', trail);
  assertBefore(trail, 'approvals/standing-yes', 'gateway/admit');
});

test('a wish for more, the yes, and more is given', async () => {
  const wish = { authority: [only('shop:customers.get', 'path.customerId', 'cus_0217')], reason: 'Who is it?' };
  const own = await agent.accept(await house.openTask({ authority: [only('shop:orders.get', 'path.orderId', order)] }));
  await during(async () => {
    const response = await agent.api(own, 'POST', '/v1/agent/elevations', { ...wish, ttlSeconds: 60 });
    assert.equal(response.status, 202, await response.clone().text());
    const id = response.headers.get('ambit-approval') as Parameters<House['bob']['operator']['approvals']['show']>[0];
    const question = await house.bob.operator.approvals.show(id);
    await house.bob.operator.approvals.answer(question, 'yes');
    await trailOf('elevations/grant');
    assert.equal((await agent.call(own, 'GET', '/api/shop/customers/cus_0217')).status, 200);
  });
  const [asking, yes, giving] = [
    await trailOf('elevations/ask'),
    await trailOf('approvals/answer'),
    await trailOf('elevations/grant'),
  ];
  assertWalk('a wish for more', asking);
  assertWalk('the yes', yes);
  assertWalk('more is given', giving);
  assertBefore([...asking, ...yes], 'elevations/ask', 'approvals/answer');
  assert.ok(
    spanOf(giving, 'elevations/grant').began > spanOf(yes, 'approvals/answer').began,
    'nothing is given before the yes',
  );
});

test('a delegation', async () => {
  const lookup = await rawAgent(house, house.lookupBot);
  const form = exchangeForm(token, await lookup.actorToken(), [only('shop:shipping.get', 'path.orderId', order)]);
  await during(async () => void (await tokenOf(await agent.tokenRequest(form))));
  const trail = await trailOf('tokens/exchange');
  assertWalk('a delegation', trail);
  assertBefore(trail, 'identity/prove-agent', 'tasks/delegate');
  assertBefore(trail, 'tasks/delegate', 'tokens/issue');
});

test('a call taken back', async () => {
  const own = await agent.accept(await house.openTask());
  const body = { amount: '10.00', currency: 'USD' };
  const made = await agent.call(own, 'POST', `${shop}/refunds`, { body });
  assert.equal(made.status, 201, await made.text());
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
  await during(async () => {
    const entry = made.headers.get('ambit-entry') as Parameters<House['alice']['operator']['log']['undoNow']>[0];
    assert.equal((await house.alice.operator.log.undoNow(entry)).kind, 'done');
  });
  const trail = await trailOf('gateway/undo-call');
  assertWalk('a call taken back', trail);
  assertBefore(trail, 'tasks/open-undo', 'policy/decide');
  assertBefore(trail, 'gateway/admit', 'gateway/forward');
});

test('the end of a task', async () => {
  await during(async () => {
    const response = await agent.api(token, 'POST', `/v1/agent/tasks/${task}/complete`);
    assert.equal(response.status, 200, await response.text());
  });
  const trail = await trailOf('endings/end-task');
  assertWalk('the end of a task', trail);
  assertBefore(trail, 'endings/close-calls', 'endings/write-end');
  assertBefore(trail, 'endings/write-end', 'endings/cut-calls');
});

test('an offline check', async () => {
  await during(async () => {
    const anchors = anchorsIn(readFileSync(house.config.checkpointFile, 'utf8'), house.config.checkpointFile);
    const lines: string[] = [];
    for await (const line of await house.carol.operator.log.export()) lines.push(line);
    const verdict = await verifyExport(lines, { anchors });
    assert.ok(verdict.ok, verdict.says);
  });
  const [told, checked] = [await trailOf('audit/export'), await trailOf('audit/verify')];
  const [exported] = told;
  // The plane signs by the clock as well; what counts is the checkpoint that was made for this export.
  const signed = seen.find(({ name, began }) => name === 'audit/checkpoint' && began > (exported?.began ?? 0));
  assert.ok(signed, 'the export ends with a checkpoint that covers it');
  const whole = [...told, signed, ...checked].toSorted((a, b) => a.began - b.began);
  assertWalk('an offline check', whole);
  assertBefore(whole, 'audit/export', 'audit/verify');
});

/** Rows of the section, as `walk → verbs`; a cell that is no list of verbs fails the test of its walk. */
function readWalks(text: string): Map<string, readonly string[]> {
  const section = /^## The walks\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  return new Map(
    rows.map((row) => {
      const [, walk = '', verbs = ''] = row.split('|').map((cell) => cell.trim());
      return [walk, verbs.split(' → ')] as const;
    }),
  );
}

/** Plays a part of a story and forgets what was seen before it. */
async function during(play: () => Promise<void>): Promise<void> {
  seen.length = 0;
  await play();
}

/** The spans of the one trail that began with this verb, in the order in which they began, once it has ended. */
async function trailOf(first: string): Promise<Span[]> {
  for (let tries = 0; tries < 200; tries++) {
    const top = seen.find(({ name, order: place }) => name === first && place === 0);
    if (top !== undefined) return seen.filter(({ trail }) => trail === top.trail).toSorted((a, b) => a.order - b.order);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`no trail began with ${first}; seen: ${seen.map(({ name }) => name).join(', ')}`);
}

function assertWalk(walk: string, trail: readonly Span[]): void {
  assert.deepEqual(
    trail.map(({ name }) => name),
    walks.get(walk),
    `ARCHITECTURE.md, ${walk}`,
  );
  assert.ok(trail.every(({ failed }) => !failed));
}

const spanOf = (trail: readonly Span[], name: string): Span => {
  const found = trail.find((one) => one.name === name);
  return found ?? assert.fail(`${name} is not on this walk`);
};

/** The first of that name has ended before the first of the other began. */
function assertBefore(trail: readonly Span[], earlier: string, later: string): void {
  const [one, other] = [spanOf(trail, earlier), spanOf(trail, later)];
  assert.ok(one.ended < other.began, `${earlier} has to end before ${later} begins`);
}
