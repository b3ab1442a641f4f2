/** AuthZEN Authorization API 1.0, Policy Decision Point metadata: for the whole plane, and for one tenant of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../../house.ts';

let house: House;
let tenant: string;
let secret: string;
before(async () => {
  house = await openHouse();
  tenant = (await house.ada.operator.me()).tenant;
  secret = (await house.ada.operator.points.register({ name: 'guard', kind: 'authzen', maySearch: true })).secret ?? '';
});
after(() => house.close());

const fetched = (path: string) => fetch(`${house.plane.agents}/.well-known/authzen-configuration${path}`);
const endpointsOf = (point: string) => ({
  policy_decision_point: point,
  access_evaluation_endpoint: `${point}/access/v1/evaluation`,
  access_evaluations_endpoint: `${point}/access/v1/evaluations`,
  search_subject_endpoint: `${point}/access/v1/search/subject`,
  search_resource_endpoint: `${point}/access/v1/search/resource`,
  search_action_endpoint: `${point}/access/v1/search/action`,
});
const ask = (url: string) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({
      subject: { type: 'person', id: house.alice.id },
      action: { name: 'shop:orders.get' },
      resource: { type: 'order', id: order },
    }),
  });

test('the metadata names this decision point and where it is asked', async () => {
  const response = await fetched('');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual(await response.json(), endpointsOf(house.plane.agents));
});

test('a tenant has a decision point of its own, which is exactly what its metadata was fetched for', async () => {
  const response = await fetched(`/${tenant}`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), endpointsOf(`${house.plane.agents}/${tenant}`));
});

test('every endpoint that the metadata names answers', async () => {
  for (const path of ['', `/${tenant}`]) {
    const { policy_decision_point, ...endpoints } = (await (await fetched(path)).json()) as Record<string, string>;
    assert.ok(policy_decision_point);
    for (const url of Object.values(endpoints)) assert.equal((await ask(url)).status, 200, url);
  }
});

test('there is no metadata of a tenant that is not there', async () => {
  for (const path of [`/ten_${'0'.repeat(26)}`, '/acme', '/%00', `/${tenant}/x`]) {
    assert.equal((await fetched(path)).status, 404, path);
  }
});

test('the decision point of another tenant answers no point of this one', async () => {
  const other = `${house.plane.agents}/ten_${'0'.repeat(26)}`;
  for (const path of ['/access/v1/evaluation', '/access/v1/evaluations']) {
    assert.equal((await ask(`${other}${path}`)).status, 401, path);
  }
});
