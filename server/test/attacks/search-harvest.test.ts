// A search tells at once what would take ten thousand questions: who may, and on what. Mallory would like to have it too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Asking, registerPoint } from '../conformance/authzen/asking.ts';
import { type House, openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { openUmbra } from './neighbours.ts';
import { refused } from './witness.ts';

const user = (id: string, roles: readonly string[]) => ({ uid: { type: 'user', id }, attrs: { roles }, parents: [] });
const domain = {
  schema:
    'entity user = { roles: Set<String> }; entity vault; action open, look appliesTo { principal: user, resource: vault };',
  rules: '@id("x") permit (principal, action, resource) when { principal.roles.contains("key") };',
  entities: JSON.stringify([
    ...['a', 'b', 'c', 'd'].map((id) => user(id, ['key'])),
    user('e', []),
    { uid: { type: 'vault', id: 'v1' }, attrs: {}, parents: [] },
    { uid: { type: 'vault', id: 'v2' }, attrs: {}, parents: [] },
  ]),
};
type Found = {
  readonly results: readonly { readonly id: string }[];
  readonly page: { readonly next_token: string };
};

let house: House;
let point: Asking;
before(async () => {
  house = await openHouse();
  await house.ada.operator.persons.setRoles(house.alice.id, ['policy']);
  await house.alice.operator.domains.publish('vaults', domain);
  point = await registerPoint(house, { domain: 'vaults', maySearch: true });
});
after(() => house.close());

const asked = (more: object = {}) => ({
  subject: { type: 'user' },
  action: { name: 'open' },
  resource: { type: 'vault', id: 'v1' },
  ...more,
});
const firstToken = async (of: Asking = point) => {
  const { page } = await of.ask<Found>('search/subject', asked({ page: { limit: 1 } }));
  assert.ok(page.next_token.length > 20);
  return page.next_token;
};
const withToken = (token: string, more: object = {}) => asked({ ...more, page: { token } });

test('neither a stranger, an agent, a person nor a point without the right searches', async () => {
  const agent = await rawAgent(house, house.malloryBot);
  const headers = { 'content-type': 'application/json' };
  for (const authorization of ['', 'Bearer guess', `Bearer ${await agent.agentToken()}`]) {
    for (const find of ['subject', 'resource', 'action']) {
      const response = await point.raw(`search/${find}`, asked(), { authorization });
      assert.equal(response.status, 401, `${find} by ${authorization.slice(0, 12)}`);
    }
  }
  const onPeople = await fetch(`${house.plane.people}/access/v1/search/subject`, {
    method: 'POST',
    headers,
    body: '{}',
  });
  assert.equal(onPeople.status, 404);
  const plain = await registerPoint(house, { domain: 'vaults' });
  await refused(await plain.raw('search/subject', asked()), 'search.not_allowed');
  // Refused before the question is read: how it is refused says nothing of what is there.
  await refused(await plain.raw('search/subject', withToken(await firstToken())), 'search.not_allowed');
});

test('a token goes on where it was given, and a token that was made or changed does not', async () => {
  const token = await firstToken();
  const { results } = await point.ask<Found>('search/subject', withToken(token));
  assert.deepEqual(
    results.map(({ id }) => id),
    ['b', 'c', 'd'],
  );
  const bytes = Buffer.from(token, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = changed[i]! ^ 1;
    const response = await point.raw('search/subject', withToken(changed.toString('base64url')));
    await refused(response, 'search.page_unknown');
  }
  const forged = [
    'a',
    Buffer.from('{"after":"a","until":9999999999999}').toString('base64url'),
    token.slice(0, 20),
    token + token,
    '\u0000',
  ];
  for (const one of forged) await refused(await point.raw('search/subject', withToken(one)), 'search.page_unknown');
});

test('a token is of one question: not of another resource, action, context, place, or of a longer properties', async () => {
  const token = await firstToken();
  const others: readonly (readonly [string, object])[] = [
    ['subject', withToken(token, { resource: { type: 'vault', id: 'v2' } })],
    ['subject', withToken(token, { action: { name: 'look' } })],
    ['subject', withToken(token, { context: { place: 'home' } })],
    ['subject', withToken(token, { subject: { type: 'vault' } })],
    ['subject', withToken(token, { subject: { type: 'user', properties: { roles: ['key'] } } })],
    ['resource', withToken(token, { subject: { type: 'user', id: 'a' }, resource: { type: 'vault' } })],
    ['action', withToken(token, { subject: { type: 'user', id: 'a' } })],
  ];
  for (const [find, body] of others) await refused(await point.raw(`search/${find}`, body), 'search.page_unknown');
});

test('a token is of one point, and of one version of the domain', async () => {
  const other = await registerPoint(house, { domain: 'vaults', maySearch: true });
  const own = await registerPoint(house, { maySearch: true });
  const token = await firstToken();
  for (const one of [other, own])
    await refused(await one.raw('search/subject', withToken(token)), 'search.page_unknown');
  assert.equal((await point.raw('search/subject', withToken(token))).status, 200);
  await house.alice.operator.domains.publish('vaults', domain);
  await refused(await point.raw('search/subject', withToken(token)), 'search.page_unknown');
});

test('a point searches its own domain: not another of the tenant, not Ambit’s own agents and tasks', async () => {
  await house.alice.operator.domains.publish('other', {
    ...domain,
    entities: JSON.stringify([user('secret', ['key'])]),
  });
  const everything = [
    asked({ subject: { type: 'agent' }, action: { name: 'shop:orders.get' }, resource: { type: 'order', id: order } }),
    asked({ subject: { type: 'person' } }),
    asked({ domain: 'other' }),
    asked({ context: { domain: 'other' } }),
  ];
  for (const one of everything) {
    const { results } = await point.ask<Found>('search/subject', one);
    assert.ok(!JSON.stringify(results).match(/secret|agt_|psn_/), JSON.stringify(one));
  }
});

test('a domain of the same name in another organisation is another domain, and a token of ours opens nothing there', async () => {
  const token = await firstToken();
  const { tenant } = await house.ada.operator.me();
  const { mallory, mel } = await openUmbra(house, house.shop.url);
  await mallory.operator.persons.setRoles(mel.id, ['policy']);
  const wish = { name: 'umbra', kind: 'authzen', domain: 'vaults', maySearch: true } as const;
  const early = mallory.operator.points.register(wish);
  await assert.rejects(early, { code: 'enforcement_point.domain_unknown' }, 'nothing is published there');
  const twin = { ...domain, entities: JSON.stringify([user('m', ['key']), JSON.parse(domain.entities)[5]]) };
  await mel.operator.domains.publish('vaults', twin);
  const headers = { authorization: `Bearer ${(await mallory.operator.points.register(wish)).secret}` };
  const found = (await (await point.raw('search/subject', asked(), headers)).json()) as Found;
  assert.deepEqual(
    found.results.map(({ id }) => id),
    ['m'],
  );
  await refused(await point.raw('search/subject', withToken(token), headers), 'search.page_unknown');
  const ours = `${house.plane.agents}/${tenant}/access/v1/search/subject`;
  const there = await fetch(ours, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(asked()),
  });
  assert.equal(there.status, 401);
  assert.equal((await point.raw('search/subject', withToken(token))).status, 200, 'the token was good');
});
