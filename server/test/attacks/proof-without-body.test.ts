// Behind the balancer that ends TLS somebody turns 30 into 90, and the agent's own proof goes along with it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ConfigFault, readConfig } from '../../src/config.ts';
import { type House, openHouse } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { callsOf, refund, refundsPath, refused } from './witness.ts';

let house: House;
let agent: RawAgent;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
});
after(() => house.close());

const body = (amount: string) => JSON.stringify({ amount, currency: 'USD' });
const target = () => `${house.plane.agents}${refundsPath}`;

test('a body that is not the one that was signed is refused, and the shop hears nothing', async () => {
  const task = await house.openTask();
  const token = await agent.accept(task);
  const seen = house.shop.requests().length;
  const proof = await agent.proof('POST', target(), { token, body: body('30.00') });
  const changed = await agent.call(token, 'POST', refundsPath, { rawBody: body('90.00'), proof });
  assert.match((await refused(changed, 'proof.body_mismatch')).detail, /Sign the proof over the very bytes/);
  const step = (await callsOf(house, task, null)).at(-1);
  assert.equal(step?.code, 'proof.body_mismatch');
  assert.equal(step?.decided, 'deny');
  assert.equal(house.shop.requests().length, seen);
  const again = await agent.call(token, 'POST', refundsPath, { rawBody: body('30.00'), proof });
  await refused(again, 'proof.replayed');
  assert.equal(house.shop.requests().length, seen);
});

test('a proof that says nothing of the body does not carry one', async () => {
  const token = await agent.accept(await house.openTask());
  const seen = house.shop.requests().length;
  const proof = await agent.proof('POST', target(), { token });
  const told = await refused(
    await agent.call(token, 'POST', refundsPath, { rawBody: body('30.00'), proof }),
    'proof.body_missing',
  );
  assert.match(told.detail, /claim ambit_body/);
  const emptied = await agent.proof('POST', target(), { token, body: body('30.00') });
  const cut = await agent.call(token, 'POST', refundsPath, { rawBody: '', proof: emptied });
  await refused(cut, 'proof.body_mismatch');
  assert.equal(house.shop.requests().length, seen);
});

for (const [how, digest] of Object.entries({
  'another algorithm': 'sha-1:abc',
  'no algorithm': createHash('sha256').update(body('30.00')).digest('base64url'),
  'hex instead of base64url': `sha-256:${createHash('sha256').update(body('30.00')).digest('hex')}`,
  'a list': ['sha-256:x'],
  nothing: '',
})) {
  test(`a proof that names the body with ${how} is refused`, async () => {
    const token = await agent.accept(await house.openTask());
    const seen = house.shop.requests().length;
    const proof = await agent.proof('POST', target(), { token, claims: { ambit_body: digest } });
    const response = await agent.call(token, 'POST', refundsPath, { rawBody: body('30.00'), proof });
    assert.equal(response.status, 401, await response.text());
    assert.equal(house.shop.requests().length, seen);
  });
}

test('a proof is for one method, one address and one token, and the signed refund still goes through', async () => {
  const token = await agent.accept(await house.openTask());
  const seen = house.shop.requests().length;
  const send = (proof: string) => agent.call(token, 'POST', refundsPath, { rawBody: body('30.00'), proof });
  const signed = (method: string, url: string, with_: string) =>
    agent.proof(method, url, { token: with_, body: body('30.00') });
  await refused(await send(await signed('PUT', target(), token)), 'proof.invalid');
  await refused(await send(await signed('POST', target().replace('1042', '1043'), token)), 'proof.invalid');
  await refused(await send(await signed('POST', target(), `${token}x`)), 'proof.invalid');
  assert.equal(house.shop.requests().length, seen);
  assert.equal((await refund(agent, token, '30.00')).status, 201);
});

test('the plane does not start as plain HTTP that others can reach', () => {
  const base = { AMBIT_DATA: house.config.dataDirectory, AMBIT_KEYS: house.config.keyFile };
  for (const origin of ['http://ambit.example', 'http://10.0.0.7:8420', 'https://ambit.example/path', 'ambit.example'])
    assert.throws(
      () => readConfig({ ...base, AMBIT_AGENT_ORIGIN: origin }),
      (error) => error instanceof ConfigFault && /AMBIT_AGENT_ORIGIN: expected an https origin/.test(error.message),
    );
  for (const host of ['0.0.0.0', '::', '10.0.0.7', 'ambit.example'])
    assert.throws(
      () => readConfig({ ...base, AMBIT_HOST: host }),
      (error) =>
        error instanceof ConfigFault &&
        /set AMBIT_AGENT_ORIGIN and AMBIT_PEOPLE_ORIGIN to the https origin/.test(error.message),
      `${host} without TLS was accepted`,
    );
  const behindTls = { AMBIT_AGENT_ORIGIN: 'https://ambit.example', AMBIT_PEOPLE_ORIGIN: 'https://people.example' };
  assert.equal(readConfig({ ...base, ...behindTls, AMBIT_HOST: '0.0.0.0' }).host, '0.0.0.0');
});
