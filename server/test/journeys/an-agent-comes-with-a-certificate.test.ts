// An agent that has nothing but a certificate works through the SDK: it takes a task, calls, streams, hands a part on, and ends it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentId } from '@ambit/protocol';
import { connect, Denied, KeyFault, Unauthenticated } from '@ambit/sdk';
import { selfSigned, type TestCertificate } from '../../src/foundation/http/testing-certificates.ts';
import { only, order } from '../house.ts';
import { pemOf } from '../pem.ts';
import { openTlsHouse, registerNamed, type TlsHouse } from '../tls-house.ts';

const subject = 'spiffe://acme.example/refund-bot';
let house: TlsHouse;
let named: AgentId;
before(async () => {
  house = await openTlsHouse();
  named = await registerNamed(house.alice, 'named-bot', subject);
});
after(() => house.close());

const at = (agent: AgentId, { cert, key }: Pick<TestCertificate, 'cert' | 'key'>) =>
  connect({ url: house.tls, agent, certificate: { cert, key, ca: house.roots.cert } });

const refund = (amount: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ amount, currency: 'USD', reason: 'damaged' }),
});

test('it takes a task, reads, writes, hears what is denied, and ends it', async () => {
  const agent = await at(named, await house.corp.sign({ uris: [subject] }));
  const id = await house.openTask({ agent: named });
  assert.deepEqual(
    (await agent.tasks()).map((one) => one.id),
    [id],
  );
  const task = await agent.accept(id);
  const read = await task.fetch(`/api/shop/orders/${order}`);
  assert.equal(read.status, 200);
  assert.equal(((await read.json()) as { id: string }).id, order);
  const written = await task.fetch(`/api/shop/orders/${order}/refunds`, refund('5.00'));
  assert.equal(written.status, 201, await written.text());
  await assert.rejects(task.fetch('/api/shop/orders/1043'), Denied);
  await task.complete();
  await assert.rejects(task.fetch(`/api/shop/orders/${order}`), /ended|over/i);
});

test('its run says in the log that it was mutual TLS, and which key it was', async () => {
  const certificate = await house.corp.sign({ uris: [subject] });
  const agent = await at(named, certificate);
  const task = await agent.accept(await house.openTask({ agent: named }));
  await (await task.fetch(`/api/shop/orders/${order}`)).text();
  const { instances } = await house.alice.operator.agents.show(named);
  const run = JSON.stringify(await house.carol.operator.runs.show(task.id));
  assert.ok(instances.some(({ jkt }) => run.includes(jkt)));
  let text = '';
  for await (const part of await house.carol.operator.log.export({ details: true })) text += part;
  assert.match(text, /"proof":"tls_client_auth"/);
  assert.match(text, /"proof":"mtls"/);
});

test('with a renewed certificate for the same key it takes its task up again; with another key it does not', async () => {
  const first = await house.corp.sign({ uris: [subject] });
  const id = await house.openTask({ agent: named });
  await (await at(named, first)).accept(id);
  const renewed = await at(named, await house.corp.sign({ uris: [subject] }, { key: first.key }));
  const again = await renewed.accept(id);
  assert.equal((await again.fetch(`/api/shop/orders/${order}`)).status, 200);
  const other = await at(named, await house.corp.sign({ uris: [subject] }));
  await assert.rejects(other.accept(id), { code: 'task.taken' });
});

test('it hands a part of its task to an agent with a certificate of its own, and to one with a key', async () => {
  const from = await at(named, await house.corp.sign({ uris: [subject] }));
  const task = await from.accept(await house.openTask({ agent: named }));
  const authority = [only('shop:shipping.get', 'path.orderId', order)];
  const purpose = 'Look up the shipping state.';
  const { id, key } = house.lookupBot;
  const certified = await at(id, await selfSigned({}, { key: pemOf(key) }));
  const taken = certified.take(await task.delegate({ to: await certified.offer(), authority, purpose }));
  assert.equal((await taken.fetch(`/api/shop/orders/${order}/shipping`)).status, 200);
  const keyed = await connect({ url: house.plane.agents, agent: house.refundBot.id, key: house.refundBot.key });
  const delegated = await task.delegate({ to: await keyed.offer(), authority, purpose });
  assert.equal((await keyed.take(delegated).fetch(`/api/shop/orders/${order}/shipping`)).status, 200);
});

test('what is no certificate and its key is told at once, and never shows the key', async () => {
  const [one, other] = [await selfSigned(), await selfSigned()];
  for (const certificate of [
    { cert: one.cert, key: other.key },
    { cert: 'nonsense', key: one.key },
    { cert: one.cert, key: `${one.key.slice(0, 60)}\n` },
  ]) {
    const error = await at(named, certificate).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof KeyFault);
    assert.doesNotMatch(error.message, /BEGIN|MIG/);
  }
  const stranger = await at(named, await house.stranger.sign({ uris: [subject] }));
  await assert.rejects(stranger.tasks(), Unauthenticated);
});

test('where the plane’s own certificate is of nobody known, nothing is sent', async () => {
  const { cert, key } = await house.corp.sign({ uris: [subject] });
  const agent = await connect({ url: house.tls, agent: named, certificate: { cert, key } });
  await assert.rejects(agent.tasks(), TypeError);
});
