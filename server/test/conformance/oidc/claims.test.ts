// OpenID Connect Core 1.0 §5: who a subject is here, what its address proves, and what its groups give.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, PersonId } from '@ambit/protocol';
import { enrol, newKey } from '@ambit/sdk/operator';
import { asked, atWork, joins } from '../../attacks/questions.ts';
import { wholeShop } from '../../house.ts';
import { acrOfCompany, askAs, type OidcHouse, openOidcHouse, type Signed, sessionOf } from '../../oidc-house.ts';
import { rawSession } from '../../raw-person.ts';

let at: OidcHouse;
before(async () => {
  at = await openOidcHouse({ groupsClaim: 'groups' });
  for (const name of ['Dana', 'Eve', 'Finn', 'Gil', 'Hugo', 'Ines']) await register(name);
});
after(() => at.close());

const addressOf = (name: string) => `${name.toLowerCase()}@acme.example`;
async function register(name: string) {
  const { id } = await at.house.ada.operator.persons.register({ name, email: addressOf(name), roles: ['reviewer'] });
  at.accounts.set(name.toLowerCase(), { email: addressOf(name), email_verified: true, name });
  return id;
}
const codeOf = async ({ response }: Pick<Signed, 'response'>) => ((await response.json()) as { code?: string }).code;
const changed = async (more: object) => {
  const wanted = { name: 'Company', issuer: at.issuer, clientId: 'ambit', emailDomains: ['acme.example'] };
  const response = await at.ask('POST', '/v1/sign-in/providers', { ...wanted, groupsClaim: 'groups', ...more });
  assert.equal(response.status, 201, await response.text());
};
const give = (group: string, given: { roles?: readonly string[]; delegable?: Authority }) =>
  at.ask('POST', `/v1/sign-in/providers/${at.provider}/groups`, { group, roles: [], delegable: [], ...given });
type Me = { readonly id: string; readonly roles: string[]; readonly delegable: Authority };
const meOf = async (signed: Signed) =>
  (await (await askAs(at.house, await sessionOf(signed))('GET', '/v1/me')).json()) as Me;

test('an address that the provider has not verified proves nothing', async () => {
  for (const email_verified of [false, undefined, 'true']) {
    at.accounts.set('mallory', { email: addressOf('Dana'), email_verified: email_verified as boolean });
    assert.equal(await codeOf(await at.signIn('mallory')), 'sign_in.unknown_person');
  }
});

test('an address in a domain that nobody named proves nothing, and one that is taken by a subject is no other’s', async () => {
  at.accounts.set('far', { email: 'dana@acme.example.evil.example', email_verified: true });
  assert.equal(await codeOf(await at.signIn('far')), 'sign_in.unknown_person');
  assert.equal((await at.signIn('dana')).response.status, 201);
  at.accounts.set('heir', { email: addressOf('Dana'), email_verified: true });
  assert.equal(await codeOf(await at.signIn('heir')), 'sign_in.unknown_person');
});

test('who is known by subject stays who they are, whatever address they have now', async () => {
  const { id } = await meOf(await at.signIn('dana'));
  at.accounts.set('dana', { email: addressOf('Eve'), email_verified: true });
  assert.equal((await meOf(await at.signIn('dana'))).id, id);
});

test('nobody becomes somebody unless an administrator says so, and then without a role', async () => {
  at.accounts.set('newcomer', { email: 'newcomer@acme.example', email_verified: true, name: 'A\u202eB' });
  assert.equal(await codeOf(await at.signIn('newcomer')), 'sign_in.unknown_person');
  await changed({ creates: [] });
  const signed = await at.signIn('newcomer');
  const { token, key } = await sessionOf(signed);
  const me = (await (await askAs(at.house, { token, key })('GET', '/v1/me')).json()) as Me & { name: string };
  assert.deepEqual([me.name, me.roles, me.delegable], ['newcomer', [], []]);
  await changed({ creates: null });
});

test('nobody is made an administrator by a provider', async () => {
  const wanted = { name: 'C', issuer: at.issuer, clientId: 'ambit', emailDomains: ['acme.example'] };
  const response = await at.ask('POST', '/v1/sign-in/providers', { ...wanted, creates: ['administrator'] });
  assert.equal(await codeOf({ response }), 'sign_in.provider_invalid');
  const group = await give('admins', { roles: ['administrator'] });
  assert.equal(await codeOf({ response: group }), 'sign_in.provider_invalid');
});

test('who was disabled meanwhile is not let in, and the session that they have is over', async () => {
  const signed = await at.signIn('eve');
  const session = await sessionOf(signed);
  const eve = askAs(at.house, session);
  assert.equal((await eve('GET', '/v1/me')).status, 200);
  const started = at.browse(await at.start(session.key), 'eve');
  await at.house.ada.operator.persons.disable(session.person, 'left');
  assert.equal(await codeOf({ response: await eve('GET', '/v1/me') }), 'session.invalid');
  assert.equal(await codeOf({ response: await at.finish(session.key, await started) }), 'person.not_active');
});

test('a subject that is nobody any more has no session', async () => {
  const session = await sessionOf(await at.signIn('finn'));
  const finn = askAs(at.house, session);
  assert.equal((await finn('GET', '/v1/me')).status, 200);
  const at_ = `/v1/sign-in/providers/${at.provider}/persons`;
  assert.equal((await at.ask('POST', `${at_}/forget`, { subject: 'finn' })).status, 204);
  assert.equal(await codeOf({ response: await finn('GET', '/v1/me') }), 'session.invalid');
  const other = await at.ask('POST', at_, { subject: 'finn-2', person: session.person });
  assert.equal(other.status, 201);
  at.accounts.set('finn-2', {});
  assert.equal((await meOf(await at.signIn('finn-2'))).id, session.person);
});

test('groups give roles and what may be delegated; what they do not give any more is gone at the next sign-in', async () => {
  assert.equal((await give('support', { roles: ['owner'], delegable: wholeShop })).status, 201);
  assert.equal((await give('approvers', { roles: ['approver', 'reviewer'] })).status, 201);
  const is = async (groups: readonly string[] | undefined, roles: readonly string[], delegable: Authority) => {
    at.accounts.set('gil', { email: addressOf('Gil'), email_verified: true, ...(groups && { groups }) });
    const me = await meOf(await at.signIn('gil'));
    assert.deepEqual([me.roles.toSorted(), me.delegable], [roles.toSorted(), delegable]);
  };
  await is([], ['reviewer'], []);
  await is(['support', 'strangers'], ['owner', 'reviewer'], wholeShop);
  await is(['support', 'approvers'], ['approver', 'owner', 'reviewer'], wholeShop);
  await is(['approvers'], ['approver', 'reviewer'], []);
  await is(undefined, ['reviewer'], []);
  await is(['support'], ['owner', 'reviewer'], wholeShop);
  await at.ask('POST', `/v1/sign-in/providers/${at.provider}/groups/forget`, { group: 'support' });
  await is(['support'], ['reviewer'], []);
});

test('a one-time code from before a group gave more opens nobody who has more', async () => {
  const id = await register('Lou');
  const { code } = await at.house.ada.operator.persons.issueCode(id);
  await give('operations', { roles: ['approver'] });
  at.accounts.set('lou', { email: addressOf('Lou'), email_verified: true, groups: ['operations'] });
  assert.ok((await meOf(await at.signIn('lou'))).roles.includes('approver'));
  await assert.rejects(enrol({ url: at.house.plane.people, code, key: await newKey() }), { code: 'enrolment.refused' });
});

test('an agent whose task stands on what a group gave is held to what it gives now', async () => {
  await give('support', { roles: [], delegable: wholeShop });
  at.accounts.set('hugo', { email: addressOf('Hugo'), email_verified: true, groups: ['support'] });
  const hugo = askAs(at.house, await sessionOf(await at.signIn('hugo', { acrValues: acrOfCompany })));
  const purpose = { type: 'support', text: 'Look it up.' };
  const opening = { agent: at.house.lookupBot.id, purpose, ttlSeconds: 600, authority: [wholeShop[0]] };
  const opened = await hugo('POST', '/v1/tasks', opening);
  assert.equal(opened.status, 201, await opened.clone().text());
  const { authenticated } = (await opened.json()) as { authenticated: { acr: string } };
  assert.equal(authenticated.acr, acrOfCompany);
  at.accounts.set('hugo', { email: addressOf('Hugo'), email_verified: true, groups: [] });
  const later = askAs(at.house, await sessionOf(await at.signIn('hugo')));
  assert.equal((await later('POST', '/v1/tasks', opening)).status, 403);
});

test('who signed in by a provider answers nothing: an answer is a signature of an enrolled key', async () => {
  const { ada } = at.house;
  const people = await ada.operator.persons.list();
  const id = people.find(({ name }) => name === 'Ines')?.id;
  assert.ok(id);
  await ada.operator.persons.setRoles(id, ['approver']);
  const { question } = await asked(at.house, await atWork(at.house));
  const session = await sessionOf(await at.signIn('ines'));
  const ines = askAs(at.house, session);
  const shown = await ines('GET', `/v1/approvals/${question.id}`);
  assert.equal(shown.status, 200);
  const document = { type: 'ambit_approval_answer', approval: question.id, digest: question.digest, person: id };
  const { kid, alg, value } = await session.key.sign({ ...document, tenant: session.tenant, answer: 'yes' });
  const answer = { answer: 'yes', reason: null, at: Date.now(), signature: { kid, alg, value } };
  const response = await ines('POST', `/v1/approvals/${question.id}/answer`, answer);
  assert.equal(await codeOf({ response }), 'signature.invalid');
});

test('a rule that names an acr is met by a sign-in at the provider that proved it, and by no other', async () => {
  const { ada, alice } = at.house;
  const [newest] = await ada.operator.policies.list();
  const { text } = await ada.operator.policies.show(newest?.number ?? 0);
  const rule = `@id("phr") @max_age("900") @acr("${acrOfCompany}") forbid (principal, action, resource);`;
  await ada.operator.policies.publish(`${text}\n${rule}`);
  const working = await atWork(at.house);
  const call = () => working.agent.call(working.token, 'GET', '/api/shop/orders/1042');
  const refused = await call();
  assert.equal(refused.status, 401);
  assert.match(
    refused.headers.get('www-authenticate') ?? '',
    new RegExp(`acr_values="${acrOfCompany}", max_age="900"`),
  );
  at.accounts.set('alice', {});
  const linked = await at.ask('POST', `/v1/sign-in/providers/${at.provider}/persons`, {
    subject: 'alice',
    person: alice.id,
  });
  assert.equal(linked.status, 201);
  const weak = askAs(at.house, await sessionOf(await at.signIn('alice')));
  assert.equal((await weak('POST', `/v1/tasks/${working.task}/authenticate`)).status, 200);
  assert.equal((await call()).status, 401);
  const strong = askAs(at.house, await sessionOf(await at.signIn('alice', { acrValues: acrOfCompany })));
  assert.equal((await strong('POST', `/v1/tasks/${working.task}/authenticate`)).status, 200);
  assert.equal((await call()).status, 200);
  await ada.operator.policies.publish(text);
});

test('who has just signed in and has no key brings one, once; later, or with a key, nobody does', async () => {
  await register('Jo');
  const code = async (session: Awaited<ReturnType<typeof sessionOf>>) =>
    askAs(at.house, session)('POST', '/v1/sign-in/enrolment');
  const stale = await sessionOf(await at.signIn('jo'));
  at.passing(301);
  assert.equal(await codeOf({ response: await code(stale) }), 'sign_in.not_fresh');
  const fresh = await sessionOf(await at.signIn('jo'));
  const issued = await code(fresh);
  assert.equal(issued.status, 201, await issued.clone().text());
  const own = (await issued.json()) as { code: string; expiresAt: number };
  assert.ok(own.expiresAt - Date.now() <= 300_000);
  const key = await newKey();
  const url = at.house.plane.people;
  assert.equal((await enrol({ url, code: own.code, key })).person, fresh.person);
  await assert.rejects(enrol({ url, code: own.code, key: await newKey() }), { code: 'enrolment.refused' });
  assert.equal(await codeOf({ response: await code(fresh) }), 'sign_in.has_key');
  const byKey = await rawSession(url, { id: fresh.person, key });
  const response = await askAs(at.house, byKey)('POST', '/v1/sign-in/enrolment');
  assert.equal(await codeOf({ response }), 'sign_in.not_fresh');
  // Whoever drives the browser, or the provider, could revoke it: that makes no room for a key of theirs.
  const { keys } = await at.house.ada.operator.persons.show(fresh.person as PersonId);
  assert.equal((await askAs(at.house, fresh)('DELETE', `/v1/person-keys/${keys[0]?.id}`)).status, 204);
  assert.equal(await codeOf({ response: await code(fresh) }), 'sign_in.has_key');
});

test('where two persons are wanted, a provider alone gives nobody with a right a key', async () => {
  await register('Kim');
  const session = await sessionOf(await at.signIn('kim'));
  await joins(at.house, 'Eva', ['administrator']);
  await at.house.ada.operator.proposals.setTwoPersons(true);
  const response = await askAs(at.house, session)('POST', '/v1/sign-in/enrolment');
  assert.equal(await codeOf({ response }), 'proposal.alone');
});

test('a provider that was removed has no sessions, gives nothing, and opens nothing', async () => {
  const session = await sessionOf(await at.signIn('ines'));
  const ines = askAs(at.house, session);
  assert.equal((await ines('GET', '/v1/me')).status, 200);
  const started = at.browse(await at.start(session.key), 'ines');
  const removed = await at.ask('DELETE', `/v1/sign-in/providers/${at.provider}`);
  assert.equal(removed.status, 200);
  assert.ok(((await removed.json()) as { unlinked: number }).unlinked > 3);
  assert.equal(await codeOf({ response: await ines('GET', '/v1/me') }), 'session.invalid');
  assert.equal(await codeOf({ response: await at.finish(session.key, await started) }), 'sign_in.refused');
  const gil = (await at.house.ada.operator.persons.list()).find(({ name }) => name === 'Gil');
  assert.deepEqual(gil?.roles, ['reviewer']);
});
