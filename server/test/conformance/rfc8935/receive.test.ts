/** RFC 8935 and RFC 8936 from the other side: the identity provider says that a person is gone, and what comes of it here. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type House, openHouse, registerBot } from '../../house.ts';
import { caep, openProvider, pushTo, risc } from '../ssf/receiver.ts';

const disabled = `${risc}account-disabled`;

let house: House;
let idp: Awaited<ReturnType<typeof openProvider>>;
let address: string;
before(async () => {
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  idp = await openProvider();
  const { issuer, jwksUrl, audience } = idp;
  const made = await house.ada.operator.signals.register({ name: 'idp', issuer, jwksUrl, audience });
  address = made.pushTo;
});
after(async () => {
  await house.close();
  await idp.close();
});

const signals = () => house.ada.operator.signals;
const idOf = () => address.replace(/.*\//, '') as never;

async function join(name: string, sub: string) {
  const { id } = await house.ada.operator.persons.register({ name });
  await signals().map(idOf(), { iss: idp.issuer, sub, person: id });
  return id;
}
const stateOf = async (person: string) => (await house.ada.operator.persons.show(person as never)).state;

test('account-disabled disables the person whom a rule names, suspends their agents and ends what they asked for', async () => {
  await signals().map(idOf(), { iss: idp.issuer, sub: 'alice-1', person: house.alice.id });
  const task = await house.openTask();
  const response = await pushTo(address, await idp.set(disabled, 'alice-1'));
  assert.equal(response.status, 202);
  assert.equal(await response.text(), '');
  assert.equal(await stateOf(house.alice.id), 'disabled');
  const agents = await house.ada.operator.agents.list();
  assert.deepEqual(
    agents.map(({ state }) => state),
    ['suspended', 'suspended', 'suspended'],
  );
  assert.equal((await house.ada.operator.tasks.show(task)).task.state, 'revoked');
});

test('session-revoked does so too, and a complex subject names the person by its user', async () => {
  const dana = await join('Dana', 'dana-1');
  const sub_id = { format: 'complex', user: { format: 'iss_sub', iss: idp.issuer, sub: 'dana-1' } };
  const set = await idp.set(`${caep}session-revoked`, '', { claims: { sub_id } });
  assert.equal((await pushTo(address, set)).status, 202);
  assert.equal(await stateOf(dana), 'disabled');
});

test('account-enabled restores nobody, and a subject without a rule disables nobody: both are written down', async () => {
  const erin = await join('Erin', 'erin-1');
  assert.equal((await pushTo(address, await idp.set(disabled, 'erin-1'))).status, 202);
  assert.equal((await pushTo(address, await idp.set(`${risc}account-enabled`, 'erin-1'))).status, 202);
  assert.equal(await stateOf(erin), 'disabled');
  assert.equal((await pushTo(address, await idp.set(disabled, 'somebody-else'))).status, 202);
  assert.equal(await stateOf(house.bob.id), 'active');
  const log = await text(await house.carol.operator.log.export({ details: true }));
  assert.match(log, /a person restores, no signal does/);
  assert.match(log, /no rule says who that is/);
});

async function text(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  return all;
}

test('the last administrator is disabled by no signal', async () => {
  await signals().map(idOf(), { iss: idp.issuer, sub: 'ada-1', person: house.ada.id });
  assert.equal((await pushTo(address, await idp.set(disabled, 'ada-1'))).status, 202);
  assert.equal(await stateOf(house.ada.id), 'active');
});

test('agents go to the successor that the registration names, and work on with nothing of what the former owner signed', async () => {
  const heir = await openProvider('heir');
  const { issuer, jwksUrl, audience } = heir;
  const successor = house.bob.id;
  await house.ada.operator.persons.setRoles(successor, ['approver', 'owner']);
  const wanted = { name: 'heir', issuer, jwksUrl, audience, agents: 'reassign', successor } as const;
  const made = await signals().register(wanted);
  const { operator, id: owner } = await enter('Finn');
  const bot = await registerBot({ ...house.alice, operator, id: owner }, 'finns-bot', []);
  await signals().map(made.id, { iss: issuer, sub: 'finn', person: owner });
  assert.equal((await pushTo(made.pushTo, await heir.set(disabled, 'finn'))).status, 202);
  const shown = await house.ada.operator.agents.show(bot.id);
  assert.deepEqual([shown.owner, shown.state], [successor, 'active']);
  await heir.close();
});

async function enter(name: string) {
  const { connectOperator, enrol, newKey } = await import('@ambit/sdk/operator');
  const { enrolment } = await house.ada.operator.persons.register({ name, roles: ['owner'] });
  const key = await newKey();
  const { person } = await enrol({ url: house.plane.people, code: enrolment.code, key });
  return { id: person, operator: await connectOperator({ url: house.plane.people, person, key }) };
}

test('a registration without a successor that reassigns, or with one that suspends, is refused', async () => {
  const { issuer, jwksUrl, audience } = idp;
  const wanted = { issuer, jwksUrl, audience };
  await assert.rejects(signals().register({ ...wanted, name: 'x1', agents: 'reassign' }));
  await assert.rejects(signals().register({ ...wanted, name: 'x2', successor: house.bob.id }));
  await assert.rejects(signals().register({ ...wanted, name: 'x3', jwksUrl: 'file:///etc/passwd' }));
});

test('RFC 8936: what waits at the provider is fetched with our header, acknowledged, and refused by its error where it is wrong', async () => {
  const polled = await openProvider('polled');
  const { issuer, jwksUrl, audience, pollUrl } = polled;
  const header = 'Bearer poll-secret-0815';
  const wanted = { name: 'polled', issuer, jwksUrl, audience, pollUrl, pollHeader: header };
  const made = await signals().register(wanted);
  assert.doesNotMatch(JSON.stringify([made, await signals().transmitters()]), /0815/);
  const { id: gina } = await house.ada.operator.persons.register({ name: 'Gina' });
  await signals().map(made.id, { iss: issuer, sub: 'gina', person: gina });
  const wrong = await polled.set(disabled, 'gina', { claims: { aud: 'https://elsewhere.example', jti: 'wrong' } });
  polled.waiting.set('wrong', wrong);
  polled.waiting.set('right', await polled.set(disabled, 'gina', { claims: { jti: 'right' } }));
  for (let tries = 0; tries < 200 && polled.waiting.size > 0; tries++) await sleep(50);
  assert.equal(polled.waiting.size, 0);
  assert.equal(await stateOf(gina), 'disabled');
  assert.deepEqual(
    polled.polls.flatMap(({ ack = [] }) => ack),
    ['right'],
  );
  assert.equal(polled.polls.find(({ setErrs }) => setErrs?.wrong)?.setErrs?.wrong?.err, 'invalid_audience');
  assert.ok(polled.authorizations.every((one) => one === header));
  await signals().retire(made.id);
  await polled.close();
});
