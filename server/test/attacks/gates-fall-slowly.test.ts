// One administrator opens a gate, acts, and closes it again. Where two persons are wanted, one alone opens none.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ProposalId } from '@ambit/protocol';
import { AmbitRefusal, connectOperator, enrol, newKey, type Proposal } from '@ambit/sdk/operator';
import { type House, openHouse, type Player, publicHalf, wholeShop } from '../house.ts';
import { type TestDomain, testDomain } from '../spiffe-domain.ts';
import { keyFor, openNotes } from '../template-key-house.ts';
import { asked, atWork, joins } from './questions.ts';

let house: House;
/** Two more administrators. */
let eva: Player;
let hal: Player;
/** Somebody whom rights could be given to. */
let frank: Player;
/** The same trust domain as another authority would have it. */
let others: TestDomain;
let ours: TestDomain;
let ahead = 0;
const trueNow = Date.now;

before(async () => {
  Date.now = () => trueNow() + ahead;
  house = await openHouse();
  eva = await joins(house, 'Eva', ['administrator', 'catalog', 'policy']);
  hal = await joins(house, 'Hal', ['administrator']);
  frank = await joins(house, 'Frank', []);
  await house.ada.operator.limits.set(limit('1000.00'));
  await house.ada.operator.approvals.setRule({ ...rule, answersNeeded: 2 });
  others = await testDomain('ours.example');
  ours = await testDomain('ours.example');
  await house.ada.operator.trustDomains.set('ours.example', { bundle: ours.bundle(), singleUse: true });
  await house.ada.operator.tokenIssuers.set({ issuer: 'https://ci.example', lifeSecondsMax: 60, singleUse: true });
  await house.ada.operator.agents.setWhenSharedDefault('suspend', 'Nobody copies keys here.');
  await house.alice.operator.agents.whenShared(house.lookupBot.id, 'suspend', 'Least of all this one’s.');
  await house.ada.operator.proposals.setTwoPersons(true);
});
after(async () => {
  Date.now = trueNow;
  await house.close();
});

const transmitter = {
  name: 'X',
  issuer: 'https://idp.example',
  jwksUrl: 'https://idp.example/keys',
  audience: 'https://ambit.example',
  agents: 'reassign',
} as const;
const rule = {
  action: 'shop:refunds.create',
  role: 'approver',
  answersNeeded: 1,
  notRequester: true,
  notOwner: false,
  ttlSeconds: 600,
} as const;
const limit = (max: string) => ({
  name: 'refunds',
  subject: 'tenant' as const,
  reason: 'Because.',
  limit: { sum: { max, currency: 'USD' }, seconds: 3600 },
});
const allOf = '@id("all") permit (principal, action, resource);';
const forbids = '@id("none-at-night") forbid (principal, action, resource) when { context has nothing };';

/** What Ada asks for alone is put up, and the proposal is what she hears. */
async function putUp(asking: Promise<unknown>): Promise<Proposal> {
  const error = await asking.then(
    () => assert.fail('it was done at once'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AmbitRefusal, String(error));
  assert.equal(error.code, 'proposal.waits', error.message);
  const id = /prp_[a-z0-9]+/.exec(error.says)?.[0];
  return house.ada.operator.proposals.show(id as ProposalId);
}
const confirms = (by: Player, proposal: Pick<Proposal, 'id' | 'digest'>) =>
  by.operator.proposals.answer(proposal, 'yes');
const frankNow = () => house.ada.operator.persons.show(frank.id);

test('nothing that lowers a gate is done by one person', async () => {
  const { operator: ada } = house.ada;
  const shop = await ada.catalog.show('shop');
  const policy = (await ada.policies.list())[0];
  const lowering: Readonly<Record<string, () => Promise<unknown>>> = {
    'a role': () => ada.persons.setRoles(frank.id, ['approver']),
    'what somebody may delegate': () => ada.persons.setDelegable(frank.id, wholeShop),
    'a person with a role': () => ada.persons.register({ name: 'Gil', roles: ['approver'] }),
    'a code that opens an approver': () => ada.persons.issueCode(house.bob.id),
    'rules that are gone': () => ada.policies.publish(allOf),
    'a classification': () => ada.catalog.set('shop:refunds.create', { reversibility: 'reversible' }),
    'which value is the amount': () => ada.catalog.set('shop:refunds.create', { money: null }),
    'what is looked at again': () => ada.catalog.set('shop:refunds.create', { lookAgain: null, sentence: 'Refund it' }),
    'a longer answer': () =>
      ada.catalog.set('shop:refunds.create', { stream: { secondsMax: 86_400, bytesMax: 1_000_000_000 } }),
    'what takes it back': () => ada.catalog.set('shop:refunds.create', { undo: 'orders.note' }),
    'where calls go': () => ada.catalog.move('shop', { server: 'https://evil.example', revision: shop.revision }),
    'who answers': () => ada.approvals.setRule(rule),
    'a larger limit': () => ada.limits.set(limit('9999.00')),
    'no limit': () => ada.limits.remove('refunds'),
    'a provider of sign-ins': () =>
      ada.signInProviders.set({ name: 'X', issuer: 'https://idp.example', clientId: 'x' }),
    'that it takes two': () => ada.proposals.setTwoPersons(false),
    'who owns an agent': () => ada.agents.reassign(house.refundBot.id, house.ada.id, 'So.'),
    'the keys of a trust domain': () => ada.trustDomains.set('ours.example', { bundle: others.bundle() }),
    'the keys of an issuer of tokens': () =>
      ada.tokenIssuers.set({ issuer: 'https://ci.example', jwksUrl: 'https://evil.example/keys' }),
    'that an agent goes on whose key was copied': () => ada.agents.setWhenSharedDefault('record', 'So.'),
    'who inherits agents by the word of a transmitter': () =>
      ada.signals.register({ ...transmitter, successor: house.ada.id }),
  };
  for (const [what, ask] of Object.entries(lowering)) {
    const proposal = await putUp(ask());
    assert.equal(proposal.state, 'open', what);
    assert.equal(proposal.proposedBy, house.ada.id);
  }
  assert.deepEqual([(await frankNow()).roles, (await frankNow()).delegable], [[], []]);
  assert.equal((await ada.policies.list())[0]?.number, policy?.number);
  assert.equal((await ada.approvals.rules())[0]?.answersNeeded, 2);
  assert.equal((await ada.catalog.show('shop')).origin, shop.origin);
  assert.ok(JSON.stringify((await ada.limits.list())[0]?.limit).includes('1000.00'));
  assert.equal((await ada.agents.whenSharedDefault()).whenShared, 'suspend');
  assert.equal(await ada.proposals.twoPersons(), true);
  assert.equal((await ada.proposals.list()).length, Object.keys(lowering).length);
});

test('an administrator alone brings no key, code or name to the agent of another', async () => {
  const { agents } = house.ada.operator;
  const { id } = house.refundBot;
  const before = (await agents.show(id)).keys.length;
  const jwk = publicHalf(await newKey('ES256'));
  const notes = await openNotes(house);
  const theirs = await keyFor(house, notes);
  const soon = () => Date.now() + 60_000;
  const identity = { method: 'spiffe', issuer: 'acme.example', subject: 'spiffe://acme.example/x' };
  const opening = [
    () => agents.addKey(id, { jwk }),
    () => agents.enrolCode(id),
    () => agents.addIdentity(id, identity),
    () => keyFor(house, notes, {}, id, house.ada),
    () => house.ada.operator.templateKeys.rotate(id, theirs.id, { endsAt: soon(), expiresAt: soon() }),
    () => agents.whenShared(house.lookupBot.id, 'record', 'So.'),
  ];
  for (const ask of opening) await assert.rejects(ask(), { code: 'proposal.alone' });
  assert.equal((await agents.show(id)).keys.length, before);
  await house.alice.operator.agents.addKey(id, { jwk });
});

test('what raises a gate is done at once', async () => {
  const { operator: ada } = house.ada;
  const [newest] = await ada.policies.list();
  const { text } = await ada.policies.show(newest?.number ?? 0);
  await ada.policies.publish(`${text}\n${forbids}`);
  await ada.persons.register({ name: 'Nobody yet' });
  await ada.agents.whenShared(house.refundBot.id, 'suspend', 'This one, too.');
  await ada.approvals.setRule({ ...rule, answersNeeded: 3 });
  await ada.approvals.setRule({ ...rule, action: 'shop:orders.note', answersNeeded: 2 });
});

test('another person with the same right confirms exactly what was shown, and it is done once', async () => {
  const proposal = await putUp(house.ada.operator.persons.setRoles(frank.id, ['reviewer']));
  assert.match(JSON.stringify(proposal.changes), /reviewer/);
  await assert.rejects(confirms(eva, { ...proposal, digest: `sha-256:${'A'.repeat(43)}` }), {
    code: 'signature.invalid',
  });
  const { proposal: done } = await confirms(eva, proposal);
  assert.deepEqual([done.state, done.answeredBy], ['done', eva.id]);
  assert.deepEqual((await frankNow()).roles, ['reviewer']);
  await house.ada.operator.persons.setRoles(frank.id, []);
  await assert.rejects(confirms(eva, proposal), { code: 'proposal.over' });
  assert.deepEqual((await frankNow()).roles, []);
});

test('a code that one person got alone, while there was nothing to gain, is seen before the right is given', async () => {
  const { persons } = house.ada.operator;
  const gus = await joins(house, 'Gus', []);
  const { code } = await persons.issueCode(gus.id);
  const proposal = await putUp(persons.setRoles(gus.id, ['approver']));
  const { opens } = proposal.changes as { opens: { keys: unknown[]; codes: { issuedBy: string }[] } };
  assert.deepEqual([opens.keys.length, opens.codes.map(({ issuedBy }) => issuedBy)], [1, [house.ada.id]]);
  // Whoever confirms has seen one key. Of two, nobody has signed.
  await enrol({ url: house.plane.people, code, key: await newKey() });
  await assert.rejects(confirms(eva, proposal), { code: 'proposal.moved' });
  const again = await putUp(persons.setRoles(gus.id, ['approver']));
  await persons.issueCode(gus.id);
  await assert.rejects(confirms(eva, again), { code: 'proposal.moved' });
  assert.deepEqual((await persons.show(gus.id)).roles, []);
});

test('what opens whoever would own an agent, or inherit one, is seen before they do', async () => {
  const { operator: ada } = house.ada;
  const { id: lee, enrolment } = await ada.persons.register({ name: 'Lee' });
  const gain = [
    await putUp(ada.agents.reassign(house.refundBot.id, lee, 'So.')),
    await putUp(ada.signals.register({ ...transmitter, successor: lee })),
  ];
  for (const { changes } of gain) {
    const { opens } = changes as { opens: { keys: unknown[]; codes: { issuedBy: string }[] } };
    assert.deepEqual([opens.keys.length, opens.codes.map(({ issuedBy }) => issuedBy)], [0, [house.ada.id]]);
  }
  await enrol({ url: house.plane.people, code: enrolment.code, key: await newKey() });
  for (const proposal of gain) await assert.rejects(confirms(eva, proposal), { code: 'proposal.moved' });
  assert.equal((await ada.agents.show(house.refundBot.id)).owner, house.alice.id);
});

test('an account of a provider that came while there was nothing to gain is seen before the right is given', async () => {
  const { persons, proposals, signInProviders } = house.ada.operator;
  const { id: kim } = await persons.register({ name: 'Kim', email: 'kim@acme.example' });
  const wanted = { name: 'Acme', issuer: 'https://idp.example', clientId: 'ambit' };
  await confirms(
    eva,
    await putUp(signInProviders.set({ ...wanted, clientAuth: 'client_secret_basic', secret: 'x'.repeat(32) })),
  );
  const [provider] = await signInProviders.list();
  assert.ok(provider);
  const unseen = await putUp(persons.setRoles(kim, ['approver']));
  await confirms(eva, await putUp(signInProviders.link(provider.id, { subject: 'mallory', person: kim })));
  await assert.rejects(confirms(eva, unseen), { code: 'proposal.moved' });
  const proposal = await putUp(persons.setRoles(kim, ['approver']));
  const { opens } = proposal.changes as { opens: { email: string; accounts: { subject: string }[] } };
  assert.deepEqual([opens.email, opens.accounts.map(({ subject }) => subject)], ['kim@acme.example', ['mallory']]);
  await proposals.answer(proposal, 'no');
  await signInProviders.remove(provider.id);
});

test('of what vouches for agents each part is shown that would be another', async () => {
  const { trustDomains, tokenIssuers } = house.ada.operator;
  const parts = ({ changes }: Proposal) => changes as { before: object; after: object };
  const { bundle } = await trustDomains.show('ours.example');
  const domain = parts(await putUp(trustDomains.set('ours.example', { bundle, singleUse: false })));
  assert.deepEqual(domain.after, { ...domain.before, singleUse: false });
  assert.notDeepEqual(domain.after, domain.before);
  const issuer = parts(await putUp(tokenIssuers.set({ issuer: 'https://ci.example' })));
  assert.deepEqual(issuer.before, { jwksUrl: null, lifeSecondsMax: 60, singleUse: true });
  assert.deepEqual(issuer.after, { jwksUrl: null, lifeSecondsMax: 3600, singleUse: true });
});

test('what vouches for agents is set alone where no agent hangs on it yet', async () => {
  const { operator: ada } = house.ada;
  await ada.tokenIssuers.set({ issuer: 'https://new-ci.example' });
  const fresh = await testDomain('fresh.example');
  await ada.trustDomains.set('fresh.example', { bundle: fresh.bundle() });
});

test('neither who asked, nor who gains, nor who has no such right, nor who got it since confirms', async () => {
  const { persons } = house.ada.operator;
  const proposal = await putUp(persons.setRoles(frank.id, ['approver']));
  await assert.rejects(confirms(house.ada, proposal), { code: 'proposal.not_yours' });
  for (const one of [frank, house.bob, house.carol]) {
    await assert.rejects(confirms(one, proposal), { code: 'proposal.not_yours' });
  }
  // Eva may administer, and would gain.
  const own = await putUp(persons.setRoles(eva.id, ['administrator', 'catalog', 'policy', 'approver']));
  await assert.rejects(confirms(eva, own), { code: 'proposal.not_yours' });
  const earlier = await putUp(house.ada.operator.proposals.setTwoPersons(false));
  const made = await putUp(persons.register({ name: 'Ida', roles: ['administrator'] }));
  const { answer } = await confirms(eva, made);
  const { enrolment } = answer as { enrolment: { code: string } };
  const key = await newKey();
  const url = house.plane.people;
  const { person } = await enrol({ url, code: enrolment.code, key });
  const ida: Player = { id: person, key, operator: await connectOperator({ url, person, key }) };
  await assert.rejects(confirms(ida, earlier), { code: 'proposal.not_yours' });
  await assert.rejects(
    putUp(persons.issueCode(ida.id)).then((own) => confirms(ida, own)),
    { code: 'proposal.not_yours' },
  );
  assert.equal(await house.ada.operator.proposals.twoPersons(), true);
});

test('a signature over something else, and one from another time, confirm nothing', async () => {
  const one = await putUp(house.ada.operator.persons.setRoles(frank.id, ['approver']));
  const other = await putUp(house.ada.operator.persons.setRoles(frank.id, ['auditor']));
  await assert.rejects(confirms(eva, { id: one.id, digest: other.digest }), { code: 'signature.invalid' });
  assert.deepEqual((await frankNow()).roles, []);
});

test('what moved meanwhile is not done: neither what it would change, nor the right of who asked', async () => {
  const { persons } = house.ada.operator;
  const proposal = await putUp(persons.setRoles(frank.id, ['approver']));
  await confirms(eva, await putUp(persons.setRoles(frank.id, ['auditor'])));
  await assert.rejects(confirms(eva, proposal), { code: 'proposal.moved' });
  assert.deepEqual((await frankNow()).roles, ['auditor']);
  const ofHers = await putUp(eva.operator.persons.setRoles(frank.id, ['auditor', 'approver']));
  await persons.setRoles(eva.id, ['catalog', 'policy']);
  await assert.rejects(confirms(house.ada, ofHers), { code: 'proposal.moved' });
  await confirms(hal, await putUp(persons.setRoles(eva.id, ['administrator', 'catalog', 'policy'])));
});

test('a question that waits keeps the rule by which it was asked', async () => {
  const { approvals } = house.ada.operator;
  await approvals.setRule({ ...rule, answersNeeded: 3 });
  const { question } = await asked(house, await atWork(house));
  await confirms(eva, await putUp(approvals.setRule(rule)));
  assert.equal((await approvals.rules()).find(({ action }) => action === rule.action)?.answersNeeded, 1);
  const answered = await house.bob.operator.approvals.answer(question, 'yes');
  assert.deepEqual([answered.state, answered.answersNeeded], ['parked', 3]);
});

test('a secret in what was asked is shown to nobody, and a no ends it', async () => {
  const secret = `client-secret-${crypto.randomUUID()}`;
  const wanted = { name: 'X', issuer: 'https://idp.example', clientId: 'x', secret };
  const proposal = await putUp(house.ada.operator.signInProviders.set(wanted));
  assert.ok(!JSON.stringify(proposal).includes(secret));
  await house.ada.operator.proposals.answer(proposal, 'no', 'not now');
  await assert.rejects(confirms(eva, proposal), { code: 'proposal.over' });
  assert.deepEqual(await house.ada.operator.signInProviders.list(), []);
});

test('to want one person again takes two, and to want two takes two', async () => {
  await confirms(hal, await putUp(house.ada.operator.proposals.setTwoPersons(false)));
  await house.ada.operator.persons.setRoles(frank.id, ['auditor', 'approver']);
  assert.deepEqual((await frankNow()).roles, ['auditor', 'approver']);
  await house.ada.operator.proposals.setTwoPersons(true);
});

test('after a week it is over', async () => {
  const proposal = await putUp(house.ada.operator.persons.setRoles(frank.id, ['policy']));
  ahead += 7 * 86_400_000 + 1000;
  await assert.rejects(confirms(eva, proposal), { code: 'proposal.over' });
  assert.ok(!(await house.ada.operator.proposals.list()).some(({ id }) => id === proposal.id));
});
