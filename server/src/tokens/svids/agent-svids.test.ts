import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { after, test } from 'node:test';
import { suspendAgent } from '../../identity/index.ts';
import { closeShared, openPlane, type TestPlane } from '../testing.ts';
import { createAgentSvids } from './agent-svids.ts';
import { openSvidIssuer } from './svid-authority.ts';

after(closeShared);

const audience = 'https://ledger.acme.example';
const keys = {
  kid: 'one',
  jwt: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  authority: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  madeAt: 0,
};

function svidsOf({ ground, issuer }: TestPlane) {
  const svids = openSvidIssuer([keys], { trustDomain: 'acme.example', svidTtlSeconds: 3600 });
  return createAgentSvids(ground, { url: issuer.url, trustDomain: 'acme.example', svids });
}

async function atWork(plane: TestPlane, name = 'refund-bot') {
  const bot = await plane.bot(name);
  const [task, next] = [await plane.openFor(bot), await plane.openFor(bot)];
  return { tenant: plane.home.tenant, agent: bot.agent.id, task: task.id, next: next.id };
}

const endOf = (pem: string) => new X509Certificate(pem).validToDate.getTime();

test('one certificate serves all calls of an agent until half its life is over, then another, with a key of its own', async () => {
  const plane = await openPlane();
  const [svids, of] = [svidsOf(plane), await atWork(plane)];
  const [first, same] = await Promise.all([svids.certificate(of), svids.certificate(of)]);
  assert.equal(first, same, 'asked at once, made once');
  plane.ground.clock.advance(1799_000);
  assert.equal(await svids.certificate(of), first);
  plane.ground.clock.advance(2_000);
  const second = await svids.certificate(of);
  assert.notEqual(second.version, first.version);
  assert.equal(endOf(second.pem.unwrap()) - endOf(first.pem.unwrap()), 1801_000);
  const keyIn = (pem: string) => pem.slice(pem.indexOf('PRIVATE KEY'));
  assert.notEqual(keyIn(second.pem.unwrap()), keyIn(first.pem.unwrap()));
});

test('answers are searched for the JWT-SVID before while it still holds', async () => {
  const plane = await openPlane();
  const [svids, of] = [svidsOf(plane), await atWork(plane)];
  const first = await svids.token(of, audience);
  assert.equal(first.before, null);
  plane.ground.clock.advance(151_000);
  const second = await svids.token(of, audience);
  assert.equal(second.before, first.svid);
  plane.ground.clock.advance(400_000);
  assert.equal((await svids.token(of, audience)).before, null);
});

test('each agent, task and audience has a JWT-SVID of its own', async () => {
  const plane = await openPlane();
  const svids = svidsOf(plane);
  const [one, other] = [await atWork(plane), await atWork(plane, 'lookup-bot')];
  const made = [
    await svids.token(one, audience),
    await svids.token(other, audience),
    await svids.token({ ...one, task: one.next }, audience),
    await svids.token(one, 'https://other.example'),
  ];
  assert.equal(new Set(made.map(({ svid }) => svid.unwrap())).size, 4);
});

test('none is made for a suspended agent, for this plane itself, or of a task that is not there', async () => {
  const plane = await openPlane();
  const [svids, of] = [svidsOf(plane), await atWork(plane)];
  await assert.rejects(svids.token(of, plane.issuer.url), { code: 'svid.not_issued' });
  const elsewhere = await openPlane();
  await assert.rejects(svids.token({ ...of, task: (await atWork(elsewhere)).task }, audience), { code: 'task.ended' });
  await suspendAgent(plane.ground, plane.alice.caller, { agent: of.agent, reason: 'It asks for too much.' });
  await assert.rejects(svids.certificate(of), { code: 'agent.not_active' });
});
