/** RFC 8707 (resource indicators): tokens for an API that verifies them itself, and for nothing else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Authority, detailsType, grantType, type TaskId } from '@ambit/protocol';
import { decodeJwt } from 'jose';
import { damagedOrder, type House, only, openHouse, order, shopDescription, wholeShop } from '../../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../raw-agent.ts';

let house: House;
let agent: RawAgent;
let task: TaskId;
/** The address of the shop: `resource`. */
let shop: string;

before(async () => {
  house = await openHouse();
  shop = house.shop.url;
  agent = await rawAgent(house, house.refundBot);
  task = await house.openTask();
  await agent.accept(task);
});
after(() => house.close());

const ask = (resource: Record<string, string>, of: TaskId = task) =>
  agent.tokenRequest({
    grant_type: grantType.clientCredentials,
    authorization_details: JSON.stringify([{ type: detailsType.task, identifier: of }]),
    ...resource,
  });

async function refusedAs(error: string, response: Response): Promise<void> {
  assert.equal(response.status, 400);
  assert.equal(((await response.json()) as { error: string }).error, error);
}

const takesTokens = (yes: boolean) =>
  house.ada.operator.catalog.import({ name: 'shop', text: shopDescription(), takesTokens: yes });

test('an API that nobody said to verify tokens gets none', async () => {
  await refusedAs('invalid_target', await ask({ resource: shop }));
});

test('a token for an API names it alone, and says what the task may do there', async () => {
  await takesTokens(true);
  const response = await ask({ resource: shop });
  const answer = (await response.clone().json()) as { readonly authorization_details: unknown };
  const claims = decodeJwt(await tokenOf(response));
  assert.equal(claims.aud, shop);
  assert.equal(claims.sub, house.alice.id);
  assert.deepEqual(claims.authorization_details, answer.authorization_details);
  const actions = (claims.authorization_details as Authority).flatMap((grant) => grant.actions);
  assert.deepEqual(new Set(actions), new Set(damagedOrder.flatMap((grant) => grant.actions)));
  // What is counted or asked about is said, so that nobody takes the grant for one without bounds.
  const refunds = (claims.authorization_details as Authority).find(
    ({ actions: [one] }) => one === 'shop:refunds.create',
  );
  assert.ok(refunds?.limits?.length === 1 && refunds.asks?.length === 1);
});

test('a part of it that was delegated says no more than the part', async () => {
  const helper = await rawAgent(house, house.lookupBot);
  const parent = await agent.taskToken(task);
  const authority = [only('shop:orders.get', 'path.orderId', order)];
  const response = await agent.tokenRequest(exchangeForm(parent, await helper.actorToken(), authority));
  const { mission_id: child } = (await response.json()) as { readonly mission_id: TaskId };
  const direct = await helper.tokenRequest({
    grant_type: grantType.clientCredentials,
    authorization_details: JSON.stringify([{ type: detailsType.task, identifier: child }]),
    resource: shop,
  });
  const claims = decodeJwt<{ readonly act: { readonly act?: object } }>(await tokenOf(direct));
  assert.deepEqual(claims.authorization_details, authority);
  assert.ok(claims.act.act, 'the chain is in the token');
});

test('it opens neither the gateway nor the plane’s own API, and cannot be exchanged', async () => {
  const token = await tokenOf(await ask({ resource: shop }));
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 401);
  assert.equal((await agent.api(token, 'GET', '/v1/agent/tasks')).status, 401);
  const helper = await rawAgent(house, house.lookupBot);
  const form = exchangeForm(token, await helper.actorToken(), [only('shop:orders.get', 'path.orderId', order)]);
  assert.equal((await agent.tokenRequest(form)).status, 400);
});

test('other addresses are no target: another port, a path, a slash more, an API of nobody', async () => {
  for (const resource of [`${shop}/`, `${shop}/orders`, 'https://elsewhere.example', shop.replace(/\d+$/, '9'), 'shop'])
    await refusedAs('invalid_target', await ask({ resource }));
});

test('one token is for one place: two that differ are refused, and a token without a task goes nowhere else', async () => {
  await refusedAs('invalid_target', await ask({ resource: shop, audience: house.plane.agents }));
  assert.ok((await ask({ resource: shop, audience: shop })).ok);
  const bare = await agent.tokenRequest({ grant_type: grantType.clientCredentials, resource: shop });
  await refusedAs('invalid_target', bare);
});

test('a task that may do nothing there gets no token for it', async () => {
  const { catalog, persons } = house.ada.operator;
  await catalog.import({
    name: 'front',
    text: shopDescription(),
    server: 'https://front.example/v1',
    takesTokens: true,
  });
  await refusedAs('invalid_target', await ask({ resource: 'https://front.example/v1' }));
  // What Alice may not delegate any more, no new token says.
  const token = decodeJwt(await tokenOf(await ask({ resource: shop })));
  assert.ok(JSON.stringify(token).includes('shop:customers.get'));
  await persons.setDelegable(
    house.alice.id,
    wholeShop.map((grant) => ({
      ...grant,
      actions: grant.actions.filter((action) => action !== 'shop:customers.get'),
    })),
  );
  const narrower = decodeJwt(await tokenOf(await ask({ resource: shop })));
  assert.ok(!JSON.stringify(narrower).includes('shop:customers.get'));
});

test('whoever asks about it hears what it is for, as long as the API takes tokens', async () => {
  const token = await tokenOf(await ask({ resource: shop }));
  const { secret } = await house.ada.operator.points.register({ name: 'the-shop', kind: 'authzen' });
  const introspect = async () => {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ token }).toString();
    const response = await fetch(`${house.plane.agents}/oauth/introspect`, { method: 'POST', headers, body });
    return (await response.json()) as Record<string, unknown>;
  };
  const said = await introspect();
  assert.equal(said.active, true);
  assert.equal(said.aud, shop);
  assert.deepEqual(said.authorization_details, decodeJwt(token).authorization_details);
  await takesTokens(false);
  assert.deepEqual(await introspect(), { active: false });
});
