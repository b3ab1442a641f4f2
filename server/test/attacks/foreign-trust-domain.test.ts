// Mallory's firm names the same trust domain and the same SPIFFE ID as ours, with keys of her own, to be our agent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentId } from '@ambit/protocol';
import { type House, openHouse, type Player } from '../house.ts';
import { askForToken, jwtSpiffeType, prover, registerSpiffe, type TestDomain, testDomain } from '../spiffe-domain.ts';
import { openUmbra } from './neighbours.ts';

const subject = 'spiffe://acme.example/payroll-bot';
let house: House;
let mallory: Player;
let ours: TestDomain;
let hers: TestDomain;
let agent: AgentId;
let herAgent: AgentId;
before(async () => {
  house = await openHouse();
  ({ mallory } = await openUmbra(house, house.shop.url));
  [ours, hers] = await Promise.all([testDomain('acme.example'), testDomain('acme.example')]);
  await house.ada.operator.trustDomains.set(ours.name, { bundle: ours.bundle() });
  await mallory.operator.trustDomains.set(hers.name, { bundle: hers.bundle() });
  agent = await registerSpiffe(house.alice, 'payroll-bot', subject);
  herAgent = await registerSpiffe(mallory, 'payroll-bot', subject);
});
after(() => house.close());

async function logIn(by: TestDomain, more: Record<string, string> = {}): Promise<string> {
  const assertion = await by.jwtSvid(subject, house.plane.agents);
  const form = { client_assertion_type: jwtSpiffeType, client_assertion: assertion, ...more };
  const told = await askForToken(house, form, await (await prover(house))());
  if (told.access_token === undefined) return told.code ?? 'no code';
  const payload = Buffer.from(told.access_token.split('.')[1] ?? '', 'base64url').toString();
  return String((JSON.parse(payload) as { client_id?: string }).client_id);
}

test('each firm’s keys vouch for its own agent, though name and trust domain are the same', async () => {
  assert.equal(await logIn(ours), agent);
  assert.equal(await logIn(hers), herAgent);
});

test('her keys are not asked about our agent, by whichever id it is called', async () => {
  assert.equal(await logIn(hers, { client_id: agent }), 'svid.invalid');
  assert.equal(await logIn(ours, { client_id: herAgent }), 'svid.invalid');
});

test('where both trust the same keys, nobody is taken for either until client_id says for which', async () => {
  await mallory.operator.trustDomains.set(ours.name, { bundle: ours.bundle() });
  assert.equal(await logIn(ours), 'client.unauthenticated');
  assert.equal(await logIn(ours, { client_id: agent }), agent);
});

test('a firm that lets go of the trust domain is out of the way at once', async () => {
  await mallory.operator.trustDomains.remove(ours.name);
  assert.equal(await logIn(ours), agent);
});
