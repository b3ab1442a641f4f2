// Bob says yes to a refund at the shop; while he thinks, the same words come to mean another server, key or action.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startShop } from '@ambit/example-shop';
import { type House, openHouse } from '../house.ts';
import { asked, atWork, poll, settled, type Waiting } from './questions.ts';
import { refused } from './witness.ts';

let house: House;
let allowed: string;
let other: Awaited<ReturnType<typeof startShop>>;
before(async () => {
  other = await startShop({ apiKey: 'another-shop-with-a-key', clock: Date.now });
  house = await openHouse({ env: {} });
  allowed = house.shop.url;
  await house.restart({ AMBIT_OUTBOUND_PRIVATE_ALLOWED: `${allowed},${other.url}` });
});
after(async () => {
  await house.close();
  await other.close();
});

const changes = () => house.shop.requests().filter((one) => one.method !== 'GET').length;

/** Bob's yes comes after the change: nothing is sent, and today's call is asked about. */
async function yesComesTooLate(waiting: Waiting): Promise<void> {
  const before = changes();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  await refused(await poll(waiting), 'approval.moved');
  assert.equal((await settled(house, waiting)).state, 'moved');
  const anew = (await house.bob.operator.approvals.list()).filter((one) => one.task === waiting.task);
  assert.equal(anew.length, 1);
  assert.notEqual(anew[0]?.callDigest, waiting.question.callDigest);
  assert.deepEqual(anew[0]?.answers, []);
  assert.equal(changes(), before, 'the shop was asked to change something');
  assert.equal(other.requests().filter((one) => one.method !== 'GET').length, 0);
}

test('an action that is classified anew between ask and yes is asked about anew', async () => {
  const waiting = await asked(house, await atWork(house), '60.00');
  await house.ada.operator.catalog.set('shop:refunds.create', { sentence: 'Thank the customer of {path.orderId}' });
  await yesComesTooLate(waiting);
});

test('a catalog that was changed elsewhere between ask and yes is asked about anew too', async () => {
  const waiting = await asked(house, await atWork(house), '61.00');
  await house.ada.operator.catalog.set('shop:orders.list', { sensitivity: 'sensitive' });
  await yesComesTooLate(waiting);
});

test('another credential between ask and yes is another call', async () => {
  const waiting = await asked(house, await atWork(house), '62.00');
  const [credential] = await house.ada.operator.credentials.list();
  await house.ada.operator.credentials.disable(credential!.id, 'Replaced.');
  await house.ada.operator.credentials.store({
    name: 'shop-again',
    kind: 'bearer',
    origins: [allowed],
    api: 'shop',
    secret: house.shopKey,
  });
  await yesComesTooLate(waiting);
});

test('a yes that nothing came between is still one: the digest is not merely fragile', async () => {
  const waiting = await asked(house, await atWork(house), '63.00');
  const before = changes();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
  assert.equal(changes(), before + 1);
});

test('an API that moved to another server between ask and yes gets neither the call nor the credential', async () => {
  const waiting = await asked(house, await atWork(house), '64.00');
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.move('shop', { server: other.url, revision });
  await yesComesTooLate(waiting);
  for (const request of other.requests()) assert.equal(request.authorizationScheme, null);
});
