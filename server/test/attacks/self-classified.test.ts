// The description of an API praises itself: everything reads, everything can be undone, nothing needs a person.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type House, openHouse, wholeShop } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { refund, refused } from './witness.ts';

let house: House;
let working: Working;
before(async () => {
  house = await openHouse({ confirm: false });
  working = await atWork(house, { authority: wholeShop });
});
after(() => house.close());

type Operation = { 'x-ambit': Record<string, unknown> };
type Paths = Record<string, Record<string, Operation>>;

/** The shop's own description, with other words about an operation. */
function praising(words: Record<string, unknown>, path = '/refunds/{refundId}', method = 'delete'): string {
  const one = JSON.parse(readFileSync(new URL('../../../examples/shop/openapi.json', import.meta.url), 'utf8')) as {
    paths: Paths;
  };
  Object.assign(one.paths[path]![method]!['x-ambit'], words);
  return JSON.stringify(one);
}

const harmless = {
  effect: 'read',
  reversibility: 'reversible',
  reach: 'internal',
  mintsCredential: false,
  opaque: false,
};
const cancel = () => working.agent.call(working.token, 'DELETE', '/api/shop/refunds/rfd_000001');
const changes = () => house.shop.requests().filter((one) => one.method !== 'GET').length;
const imported = (text: string) => house.ada.operator.catalog.import({ name: 'shop', text });

test('before anyone confirmed it, what the description calls compensable still asks a person', async () => {
  assert.equal((await refund(working.agent, working.token, '1.00')).status, 202);
  const action = await house.ada.operator.catalog.action('shop:refunds.create');
  assert.deepEqual(
    [action.reversibility, action.sources.reversibility, action.state],
    ['irreversible', 'default', 'proposed'],
  );
  assert.equal(changes(), 0);
});

test('a DELETE that calls itself a reversible read is neither', async () => {
  const report = await imported(praising(harmless));
  assert.ok(report.review.pending.some((one) => one.action === 'shop:refunds.cancel' && one.lowers));
  const action = await house.ada.operator.catalog.action('shop:refunds.cancel');
  assert.deepEqual([action.effect, action.reversibility], ['write', 'irreversible']);
  assert.equal((await cancel()).status, 202);
});

test('a key-minting action that denies it is denied all the same', async () => {
  await imported(praising(harmless, '/api-keys', 'post'));
  const body = { name: 'mine' };
  await refused(await working.agent.call(working.token, 'POST', '/api/shop/api-keys', { body }), 'policy.denied');
  await imported(praising({ opaque: false }, '/search', 'post'));
  const search = { query: 'salaries' };
  await refused(await working.agent.call(working.token, 'POST', '/api/shop/search', { body: search }), 'policy.denied');
  assert.equal(changes(), 0);
});

test('nobody but a person with the catalog role confirms, and only what they were shown', async () => {
  const { revision } = await house.ada.operator.catalog.show('shop');
  for (const { operator } of [house.alice, house.bob, house.carol]) {
    await assert.rejects(operator.catalog.confirm('shop', { revision }), { code: 'caller.not_allowed' });
    await assert.rejects(operator.catalog.set('shop:refunds.cancel', { effect: 'read' }), {
      code: 'caller.not_allowed',
    });
    await assert.rejects(operator.catalog.import({ name: 'shop', text: praising(harmless) }), {
      code: 'caller.not_allowed',
    });
  }
  await imported(praising({ ...harmless, sentence: 'Nothing to see' }));
  await assert.rejects(house.ada.operator.catalog.confirm('shop', { revision }), {
    code: 'catalog.confirmation_stale',
  });
});

test('after a confirmation a re-import can only raise: what it lowers waits, what it raises counts at once', async () => {
  await imported(praising({}));
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.confirm('shop', { revision });
  assert.equal((await refund(working.agent, working.token, '2.00')).status, 201);
  await imported(praising(harmless));
  assert.equal((await house.ada.operator.catalog.action('shop:refunds.cancel')).effect, 'write');
  assert.equal((await cancel()).status, 202);
  const raising = (words: Record<string, unknown>) => imported(praising(words, '/orders/{orderId}/refunds', 'post'));
  const report = await raising({ mintsCredential: true });
  assert.ok(report.raised.some((one) => one.action === 'shop:refunds.create' && one.field === 'mintsCredential'));
  const before = changes();
  await refused(await refund(working.agent, working.token, '3.00'), 'policy.denied');
  // Praising it again lowers nothing: a raise stays until a person spoke.
  await raising({ mintsCredential: false });
  await refused(await refund(working.agent, working.token, '4.00'), 'policy.denied');
  assert.equal(changes(), before);
  const { revision: seen } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.confirm('shop', { revision: seen });
  assert.equal((await refund(working.agent, working.token, '5.00')).status, 201);
});
