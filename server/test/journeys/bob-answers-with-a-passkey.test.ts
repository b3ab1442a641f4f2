// Bea never held a key file: she enrols her phone in a browser, signs in with it, and answers with it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  checkSignature,
  type DocumentSignature,
  PasskeyFault,
  resumeSession,
  type SignedDocument,
  type SignerKey,
} from '@ambit/sdk/operator';
import { softAuthenticator } from '../../src/identity/testing-authenticator.ts';
import { asked, atWork, poll } from '../attacks/questions.ts';
import type { House } from '../house.ts';
import { type Holder, joinsWithPasskey, openNamedHouse, signIn } from '../passkeys.ts';

let house: House;
let bea: Holder;
before(async () => {
  house = await openNamedHouse();
  bea = await joinsWithPasskey(house, 'Bea', ['approver']);
});
after(() => house.close());

test('a passkey is a key of the person like any other, and says what kind it is', async () => {
  const me = await bea.operator.me();
  assert.deepEqual([me.id, me.keys.map(({ kind }) => kind)], [bea.id, ['passkey']]);
  assert.deepEqual(bea.key.passkey?.transports, ['internal', 'hybrid']);
  assert.equal(bea.key.passkey?.rpId, 'localhost');
});

for (const [what, device] of [
  ['with a counter', softAuthenticator()],
  ['of Ed25519', softAuthenticator({ alg: -8 })],
  ['that is synced', softAuthenticator({ synced: true })],
] as const) {
  test(`a passkey ${what} says yes and no, and the call runs after the yes`, async () => {
    const holder = await joinsWithPasskey(house, 'Bo', ['approver'], device);
    const first = await asked(house, await atWork(house));
    await holder.operator.approvals.answer(first.question, 'yes', 'Seen the photo.');
    assert.equal((await poll(first)).status, 201);
    const second = await asked(house, await atWork(house), '81.00');
    const answered = await holder.operator.approvals.answer(second.question, 'no', 'Too much.');
    assert.equal(answered.state, 'refused');
  });
}

test('what was kept of an answer shows to anybody that this person said it, on a device that knew them', async () => {
  const { question } = await asked(house, await atWork(house), '82.00');
  await bea.operator.approvals.answer(question, 'no', 'Not this one.');
  const kept = await keptOf(question.id);
  assert.ok('webauthn' in kept.signature);
  assert.equal(await checkSignature(kept.document, kept.signature, kept.key), true);
  const other = { ...kept.document, answer: 'yes' };
  await assert.rejects(checkSignature(other, kept.signature, kept.key), /made for something else/);
});

test('a page that is loaded again goes on with the session that it kept', async () => {
  const { session, proofKey, device } = bea;
  const credentials = device.browser(house.plane.people);
  const again = await resumeSession({ url: house.plane.people, session, proofKey, credentials });
  assert.equal((await again.me()).id, bea.id);
});

test('a session is over when it is closed, and says so', async () => {
  const { operator } = await signIn(house, bea.device);
  await operator.me();
  await operator.close();
  await assert.rejects(operator.me(), { code: 'session.invalid' });
});

test('one more passkey is added by signing for it with the first', async () => {
  const tablet = softAuthenticator();
  const added = await bea.operator.passkeys.add({ credentials: tablet.browser(house.plane.people), label: 'tablet' });
  assert.deepEqual([added.label, added.addedBy], ['tablet', bea.id]);
  assert.equal((await (await signIn(house, tablet)).operator.me()).id, bea.id);
});

test('a person with a key file adds a passkey by a signature of that key', async () => {
  const phone = softAuthenticator();
  const credentials = phone.browser(house.plane.people);
  await house.bob.operator.passkeys.add({ credentials, label: 'phone' });
  assert.equal((await (await signIn(house, phone)).operator.me()).id, house.bob.id);
});

test('a key file adds no second passkey, nor one in the place of one that was revoked', async () => {
  const add = (device = softAuthenticator()) =>
    house.bob.operator.passkeys.add({ credentials: device.browser(house.plane.people), label: 'of whoever copied it' });
  await assert.rejects(add(), { code: 'signature.invalid' });
  for (const { id, kind } of (await house.bob.operator.me()).keys) {
    if (kind === 'passkey') await house.bob.operator.persons.revokeKey(id);
  }
  await assert.rejects(add(), { code: 'signature.invalid' });
});

test('a revoked passkey opens nothing, and the sessions that it opened are over', async () => {
  const { device, operator, key } = await joinsWithPasskey(house, 'Ben', []);
  await operator.me();
  await house.ada.operator.persons.revokeKey(key.id);
  await assert.rejects(operator.me(), { code: 'session.invalid' });
  await assert.rejects(signIn(house, device), { code: 'passkey.refused' });
});

test('a device that does not confirm is told from a refusal, and nothing is sent', async () => {
  await assert.rejects(signIn(house, softAuthenticator()), PasskeyFault);
});

test('a device that holds a passkey of that person already makes no second one', async () => {
  const credentials = bea.device.browser(house.plane.people);
  await assert.rejects(bea.operator.passkeys.add({ credentials, label: 'again' }), PasskeyFault);
});

test('an owner signs a standing grant with a passkey, and the agent works under it', async () => {
  const { operator } = await signIn(house, await phoneOf(house.alice));
  const authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }] as const;
  const agent = house.refundBot.id;
  const limits = { liveTasksMax: 2, taskSecondsMax: 60, expiresAt: Date.now() + 3_600_000 };
  const grant = await operator.standingGrants.sign({ agent, authority, ...limits });
  assert.ok('webauthn' in grant.signature);
});

type Kept = { document: SignedDocument & { approval: string }; signature: DocumentSignature; key: SignerKey };

async function keptOf(approval: string): Promise<Kept> {
  for await (const text of await house.carol.operator.log.export({ details: true })) {
    const { header, detail } = JSON.parse(text) as { header?: { kind: string }; detail?: { detail: Kept } };
    if (header?.kind === 'approval.answered' && detail?.detail.document.approval === approval) return detail.detail;
  }
  return assert.fail(`no entry about ${approval}`);
}

async function phoneOf({ operator }: House['alice']) {
  const phone = softAuthenticator();
  await operator.passkeys.add({ credentials: phone.browser(house.plane.people), label: 'phone' });
  return phone;
}
