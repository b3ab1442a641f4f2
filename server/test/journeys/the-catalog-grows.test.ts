// The shop's API changes: calls that matched nothing become an action, and a new description is taken in without loosening anything.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import { atWork } from '../attacks/questions.ts';
import { refund, refused } from '../attacks/witness.ts';
import { type House, only, openHouse, order, registerBot, wholeShop } from '../house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

type Operation = Record<string, unknown> & { 'x-ambit'?: Record<string, unknown> };
type Description = { info: Record<string, unknown>; paths: Record<string, Record<string, Operation>> };

const description = (): Description =>
  JSON.parse(readFileSync(new URL('../../../examples/shop/openapi.json', import.meta.url), 'utf8')) as Description;
const importAgain = (changed: Description) =>
  house.ada.operator.catalog.import({ name: 'shop', text: JSON.stringify(changed) });
const confirmAll = async () => {
  const { catalog } = house.ada.operator;
  return catalog.confirm('shop', { revision: (await catalog.show('shop')).revision });
};

const gift = (id: string) => `/api/shop/orders/${id}/gift`;

test('a call that matches no operation is refused, kept and counted by its shape', async () => {
  const { agent, token } = await atWork(house);
  const seen = house.shop.requests().length;
  for (const id of ['1042', '1043', '1044'])
    await refused(await agent.call(token, 'POST', gift(id)), 'catalog.no_match');
  assert.equal(house.shop.requests().length, seen, 'the shop never sees what nobody described');
  const [group, ...more] = await house.ada.operator.catalog.unmatched();
  assert.deepEqual([group?.method, group?.shape, more.length], ['POST', '/orders/{id}/gift', 0]);
  assert.ok((group?.count ?? 0) >= 2);
});

test('a person turns it into an action, which is held to be the worst until a person says what it is', async () => {
  const { catalog, persons } = house.ada.operator;
  const [group] = await catalog.unmatched();
  const promoted = await catalog.promote(group?.id ?? '', 'gifts.send');
  assert.deepEqual(
    [promoted.id, promoted.effect, promoted.reversibility],
    ['shop:gifts.send', 'write', 'irreversible'],
  );
  assert.equal((await catalog.unmatched()).length, 0);
  const grown: Authority = [...wholeShop, { type: 'ambit_grant', actions: ['shop:gifts.send'] }];
  await persons.setDelegable(house.alice.id, grown);
  const bot = await registerBot(house.alice, 'gift-bot', grown);
  const authority: Authority = [
    { type: 'ambit_grant', actions: ['shop:gifts.send'], where: { 'path.id': { all: [{ equals: order }] } } },
  ];
  const working = await atWork(house, { authority }, bot);
  const call = (id = order) => working.agent.call(working.token, 'POST', gift(id));
  assert.equal((await call()).status, 202, 'an action nobody knows asks a person');
  const seen = house.shop.requests().length;
  await catalog.set('shop:gifts.send', { reversibility: 'reversible', reach: 'internal' });
  assert.equal((await call()).status, 404, 'now the shop itself answers that it sends no gifts');
  assert.equal(house.shop.requests().length, seen + 1);
  await refused(await call('1043'), 'authority.not_covered');
});

test('who looks after no catalog promotes nothing', async () => {
  const { agent, token } = await atWork(house);
  await refused(await agent.call(token, 'GET', '/api/shop/stock/77'), 'catalog.no_match');
  const group = (await house.ada.operator.catalog.unmatched()).find((one) => one.shape.startsWith('/stock'));
  await assert.rejects(house.alice.operator.catalog.promote(group?.id ?? ''), { code: 'caller.not_allowed' });
});

test('the same description again changes nothing', async () => {
  const report = await importAgain(description());
  assert.deepEqual([report.added, report.changed, report.removed], [[], [], []]);
});

test('a new operation comes as a proposal; what a person promoted stays', async () => {
  const changed = description();
  changed.paths['/orders/{orderId}/receipt'] = {
    get: {
      operationId: 'receipts.get',
      parameters: parametersOf(changed),
      responses: { 200: { description: 'The receipt.' } },
    },
  };
  const report = await importAgain(changed);
  assert.deepEqual(report.added, ['shop:receipts.get']);
  assert.deepEqual(report.removed, []);
  assert.equal((await house.ada.operator.catalog.action('shop:receipts.get')).state, 'proposed');
  assert.equal((await house.ada.operator.catalog.action('shop:gifts.send')).reversibility, 'reversible');
});

test('a description that calls a write a read loosens nothing until a person confirms it', async () => {
  const changed = description();
  const operation = changed.paths['/orders/{orderId}/refunds']?.post;
  assert.ok(operation);
  operation['x-ambit'] = { ...operation['x-ambit'], effect: 'read', reversibility: 'reversible', reach: 'internal' };
  const report = await importAgain(changed);
  const pending = report.review.pending.filter((one) => one.action === 'shop:refunds.create');
  assert.ok(pending.length > 0 && pending.every((one) => one.lowers));
  assert.equal((await house.ada.operator.catalog.action('shop:refunds.create')).effect, 'write');
  const working = await atWork(house);
  assert.equal((await refund(working.agent, working.token, '80.00')).status, 202);
});

test('an operation that went takes its calls with it', async () => {
  const changed = description();
  delete changed.paths['/orders/{orderId}/shipping'];
  assert.deepEqual((await importAgain(changed)).removed, ['shop:shipping.get']);
  const working = await atWork(house, { authority: [only('shop:orders.get', 'path.orderId', order)] });
  const shipping = await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}/shipping`);
  await refused(shipping, 'catalog.no_match');
  assert.equal((await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.deepEqual((await importAgain(description())).added.concat((await importAgain(description())).changed), []);
});

test('rules that name what went permit nothing until they are published anew', async () => {
  const { policies } = house.ada.operator;
  const { text } = await policies.show(1);
  const rule = '@id("no-payroll") forbid (principal, action == Action::"shop:payroll.get", resource);';
  await policies.publish(`${text}\n${rule}`);
  const changed = description();
  delete changed.paths['/payroll/{employeeId}'];
  await importAgain(changed);
  const working = await atWork(house);
  const call = () => working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`);
  await refused(await call(), 'policy.denied');
  await policies.publish(text);
  assert.equal((await call()).status, 200);
});

test('a description from another server moves nothing: the calls go where a person said', async () => {
  const changed = { ...description(), servers: [{ url: 'https://elsewhere.example' }] };
  const report = await importAgain(changed);
  assert.ok(report.moved?.to.some((one) => one.includes('elsewhere.example')));
  assert.equal(report.api.origin, house.shop.url);
  await confirmAll();
  const working = await atWork(house);
  assert.equal((await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});

test('what is no description is refused in a sentence, and the catalog stays as it was', async () => {
  const before = await house.ada.operator.catalog.list();
  for (const text of ['', '{', '{"openapi":"4.0.0"}', '[]', 'swagger: "1.2"']) {
    await assert.rejects(
      house.ada.operator.catalog.import({ name: 'shop', text }),
      (error: { code: string; says: string }) => {
        assert.match(error.code, /^catalog\.|^request\./);
        assert.ok(error.says.length > 10);
        return true;
      },
    );
  }
  assert.equal((await house.ada.operator.catalog.list()).version, before.version);
});

const parametersOf = ({ paths }: Description): unknown =>
  (paths['/orders/{orderId}/shipping'] as unknown as { parameters?: unknown }).parameters ?? [];
