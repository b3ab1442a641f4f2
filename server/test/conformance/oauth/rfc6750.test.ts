/** RFC 6750 §3 and RFC 9728: what a challenge says, and how a client goes on by it alone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { until } from '../../attacks/witness.ts';
import { type House, only, openHouse, order } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';
import { insecure } from './independent-client.ts';

let house: House;
let agent: RawAgent;
let token: string;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
  token = await agent.accept(await house.openTask({ authority: [only('shop:shipping.get', 'path.orderId', order)] }));
});
after(() => house.close());

const orderPath = `/api/shop/orders/${order}`;

/** The one challenge of the answer. */
function challengeOf(response: Response): { scheme: string; parameters: Record<string, string> } {
  const text = response.headers.get('www-authenticate') ?? assert.fail(`no challenge: ${response.status}`);
  const [scheme = ''] = text.split(' ');
  const parameters = [...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
  return { scheme: scheme.toLowerCase(), parameters: Object.fromEntries(parameters) };
}

test('a call that the task does not cover is a 403 with insufficient_scope, in words a program may show (§3.1)', async () => {
  const { scheme, parameters } = challengeOf(await agent.call(token, 'GET', orderPath));
  assert.equal(scheme, 'dpop');
  assert.equal(parameters.error, 'insufficient_scope');
  assert.match(parameters.error_description ?? '', /^[\x20-\x21\x23-\x5B\x5D-\x7E]{20,}$/);
});

test('an independent client reads the challenge as one', async () => {
  const proofKeys = await oauth.generateKeyPair('ES256');
  const dpop = oauth.DPoP({}, proofKeys);
  const url = new URL(orderPath, house.plane.agents);
  const call = oauth.protectedResourceRequest('a.b.c', 'GET', url, undefined, undefined, { DPoP: dpop, ...insecure });
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
    const [challenge] = error.cause;
    assert.equal(challenge?.scheme, 'dpop');
    assert.equal(challenge?.parameters.error, 'invalid_token');
    assert.match(challenge?.parameters.resource_metadata ?? '', /oauth-protected-resource$/);
    return true;
  });
});

test('the answer says what would have covered this very call, and asking for exactly that leads through', async () => {
  const refused = await agent.call(token, 'GET', orderPath);
  const { authorization_details, elevation_endpoint, code } = (await refused.json()) as Record<string, unknown>;
  assert.equal(code, 'authority.not_covered');
  assert.deepEqual(authorization_details, [only('shop:orders.get', 'path.orderId', order)]);
  const { pathname, origin } = new URL(String(elevation_endpoint));
  assert.equal(origin, house.plane.agents);
  const wish = { authority: authorization_details, reason: 'It is needed.', ttlSeconds: 60 };
  const asked = await agent.api(token, 'POST', pathname, wish);
  assert.equal(asked.status, 202, await asked.clone().text());
  const [question] = await house.bob.operator.approvals.list();
  await house.bob.operator.approvals.answer(question!, 'yes');
  await until('the elevation', async () =>
    (await agent.call(token, 'GET', orderPath)).status === 200 ? true : undefined,
  );
});

test('what no elevation could give is no matter of scope: a rule or a ceiling says nothing of how to get past it', async () => {
  const refused = await agent.call(token, 'GET', '/api/shop/nothing-here');
  assert.equal(refused.headers.get('www-authenticate'), null);
  const body = (await refused.json()) as Record<string, unknown>;
  assert.equal(body.authorization_details, undefined);
  assert.equal(body.elevation_endpoint, undefined);
});

test('every challenge names the metadata of its resource, which names that very resource and who issues tokens for it (RFC 9728 §5.1, §3.3)', async () => {
  const plane = house.plane.agents;
  const bare = [
    { response: await fetch(`${plane}${orderPath}`), resource: plane },
    { response: await fetch(`${plane}/v1/agent/tasks`), resource: `${plane}/v1` },
    { response: await agent.call(token, 'GET', `/api/shop/customers/cus_0217`), resource: plane },
  ];
  for (const { response, resource } of bare) {
    const { parameters } = challengeOf(response);
    const url = new URL(parameters.resource_metadata ?? '');
    const metadata = await oauth.processResourceDiscoveryResponse(
      new URL(resource),
      await oauth.resourceDiscoveryRequest(new URL(resource), insecure),
    );
    assert.equal(((await (await fetch(url)).json()) as { resource: string }).resource, metadata.resource);
    assert.equal(metadata.resource.replace(/\/$/, ''), resource);
    assert.deepEqual(metadata.authorization_servers, [plane]);
  }
});
