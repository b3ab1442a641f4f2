// refund-bot asks for more than the line: the organisation's own tool hears of it by a signed webhook, Bob follows the link and answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { openEndpoint } from '../../src/approvals/channels/testing.ts';
import { asked, atWork, poll } from '../attacks/questions.ts';
import { until } from '../attacks/witness.ts';
import { type House, openHouse, stores } from '../house.ts';

for (const store of stores) {
  describe(`on the ${store.name} store`, { skip: store.skip }, () => {
    let house: House;
    let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
    let drop: () => Promise<void>;
    before(async () => {
      const made = await store.make();
      drop = made.drop;
      house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8', ...made.env } });
      endpoint = await openEndpoint();
    });
    after(async () => {
      await house.close();
      await endpoint.close();
      await drop();
    });

    test('the question and its answer are told by webhooks that verify, with a link and nothing secret', async () => {
      const { channels } = house.ada.operator;
      const added = await channels.add({ kind: 'webhook', name: 'pager', url: endpoint.url });
      const waiting = await asked(house, await atWork(house));
      await until('the question', async () => endpoint.heard[0]);
      await house.bob.operator.approvals.answer(waiting.question, 'yes');
      assert.equal((await poll(waiting)).status, 201);
      await until('the answer', async () => endpoint.heard[1]);
      const told = endpoint.heard.map(
        ({ text, headers }) =>
          new Webhook(added.secret!).verify(text, headers as Record<string, string>) as Record<string, unknown>,
      );
      assert.deepEqual(
        told.map(({ type }) => type),
        ['approval.asked', 'approval.answered'],
      );
      const [first, second] = told.map(({ data }) => data as Record<string, unknown>);
      assert.equal(first?.sentence, waiting.question.shown.sentence);
      assert.equal(first?.link, `${house.plane.people}/inbox/${waiting.question.id}`);
      assert.deepEqual([second?.answer, second?.answeredBy], ['yes', house.bob.id]);
      const everything = JSON.stringify(endpoint.heard) + JSON.stringify(await channels.list());
      assert.ok(!everything.includes(house.shopKey));
      assert.ok(!everything.includes(added.secret!), 'the secret is in the answer that made it, and nowhere else');
      const delivered = await until('what became of it', async () => {
        const all = await channels.deliveries(added.id);
        return all.length === 2 && all.every(({ state }) => state === 'delivered') ? all : undefined;
      });
      assert.deepEqual(
        delivered.map(({ type, attempts }) => [type, attempts]),
        [
          ['approval.answered', 1],
          ['approval.asked', 1],
        ],
      );
    });

    test('who is no administrator sees no channel', async () => {
      for (const { operator } of [house.alice, house.bob, house.carol]) {
        await assert.rejects(operator.channels.list(), { code: 'caller.not_allowed' });
      }
    });
  });
}
