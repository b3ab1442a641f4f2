import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type House, type MadeStore, only, openHouse, order, stores } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';

for (const store of stores) {
  describe(`a run on the ${store.name} store`, { skip: store.skip }, () => {
    let house: House;
    let agent: RawAgent;
    let made: MadeStore;
    before(async () => {
      made = await store.make();
      house = await openHouse({ env: made.env });
      agent = await rawAgent(house, house.refundBot);
    });
    after(async () => {
      await house.close();
      await made.drop();
    });

    test('an agent reads what its task covers, and the log says so', async () => {
      const task = await house.openTask();
      const token = await agent.accept(task);
      const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      assert.equal(response.headers.get('set-cookie'), null);
      const run = await house.alice.operator.runs.show(task);
      const step = run.tasks[0]?.steps.find((one) => one.action === 'shop:orders.get');
      assert.equal(step?.decided, 'permit');
    });

    test('a refund below the line is sent, one above waits for Bob and then happens once', async () => {
      const task = await house.openTask();
      const token = await agent.accept(task);
      const refund = (amount: string, wait = 0) =>
        agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, {
          body: { amount, currency: 'USD' },
          headers: wait > 0 ? { prefer: `wait=${wait}` } : {},
        });
      const first = await refund('30.00');
      assert.equal(first.status, 201, await first.text());
      const before = house.shop.ledger().length;
      const second = await refund('80.00');
      assert.equal(second.status, 202, await second.text());
      assert.equal(house.shop.ledger().length, before);
      const [question] = await house.bob.operator.approvals.list();
      assert.ok(question);
      assert.match(question.shown.sentence, /80\.00/);
      await house.bob.operator.approvals.answer(question, 'yes');
      const poll = await agent.call(token, 'GET', second.headers.get('location') ?? '', {
        headers: { prefer: 'wait=10' },
      });
      assert.equal(poll.status, 201, await poll.text());
      assert.equal(house.shop.ledger().length, before + 1);
      const tooMuch = await refund('180.00');
      assert.equal(tooMuch.status, 403);
      assert.match(((await tooMuch.json()) as { detail: string }).detail, /180\.00 ≤ 100\.00/);
    });

    test('a sub-agent gets less, never more, and all of it ends with the task', async () => {
      const task = await house.openTask();
      const token = await agent.accept(task);
      const lookup = await rawAgent(house, house.lookupBot);
      const less = [only('shop:shipping.get', 'path.orderId', order)];
      const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
      const shipping = await lookup.call(child, 'GET', `/api/shop/orders/${order}/shipping`);
      assert.equal(shipping.status, 200, await shipping.text());
      const refund = await lookup.call(child, 'POST', `/api/shop/orders/${order}/refunds`, {
        body: { amount: '1.00', currency: 'USD' },
      });
      assert.equal(refund.status, 403);
      const more = [only('shop:orders.get', 'path.orderId', order)];
      const widened = await lookup.tokenRequest(exchangeForm(child, await lookup.actorToken(), more));
      assert.equal(widened.status, 400, await widened.text());
      const ended = await agent.api(token, 'POST', `/v1/agent/tasks/${task}/complete`);
      assert.equal(ended.status, 200, await ended.text());
      assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 401);
      assert.equal((await lookup.call(child, 'GET', `/api/shop/orders/${order}/shipping`)).status, 401);
    });
  });
}
