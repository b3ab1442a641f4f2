// The agent drives the approver's browser: it has the page, the session and its key, all but the person. Or the person who asked approves.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  type Approval,
  type BrowserCredentials,
  connectOperator,
  enrol,
  newKey,
  PasskeyFault,
  resumeSession,
} from '@ambit/sdk/operator';
import { type Lies, softAuthenticator } from '../../src/identity/testing-authenticator.ts';
import type { House } from '../house.ts';
import { type Holder, joinsWithPasskey, openNamedHouse, signIn } from '../passkeys.ts';
import { rawSession } from '../raw-person.ts';
import { asked, atWork, joins } from './questions.ts';

let house: House;
let bea: Holder;
before(async () => {
  house = await openNamedHouse();
  bea = await joinsWithPasskey(house, 'Bea', ['approver']);
});
after(() => house.close());

/** What drives Bea's browser, with whatever stands in for her device. */
const driven = (credentials: BrowserCredentials) => {
  const { session, proofKey } = bea;
  return resumeSession({ url: house.plane.people, session, proofKey, credentials });
};

const lying = (lies: Lies, origin = house.plane.people) => driven(bea.device.browser(origin, lies));
const stays = async ({ id }: Pick<Approval, 'id'>) =>
  assert.equal((await house.carol.operator.approvals.show(id)).state, 'parked');

test('a session alone reads questions, and answers none: not unsigned, nor signed by a key of its own', async () => {
  const { question } = await asked(house, await atWork(house));
  const { token, key } = await rawSession(house.plane.people, house.bob);
  const url = `${house.plane.people}/v1/approvals/${question.id}/answer`;
  const said = { answer: 'yes', reason: null, at: Date.now() };
  const own = { kid: key.jkt, alg: 'ES256', value: Buffer.alloc(64, 1).toString('base64url') };
  for (const body of [said, { ...said, signature: null }, { ...said, signature: own }]) {
    const answer = await key.send('POST', url, { token, body });
    assert.ok([400, 403].includes(answer.status), `${answer.status} ${await answer.text()}`);
  }
  await stays(question);
});

test('a device that nobody confirms at answers nothing', async () => {
  const { question } = await asked(house, await atWork(house), '81.00');
  const nobody = { create: async () => null, get: async () => Promise.reject(new DOMException('', 'NotAllowedError')) };
  await assert.rejects((await driven(nobody)).approvals.answer(question, 'yes'), PasskeyFault);
  await stays(question);
});

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const forgeries: readonly [what: string, lies: Lies][] = [
  ['the device saw nobody', { present: false }],
  ['the device did not verify who it was', { verified: false }],
  ['it is signed by another key', { signedBy: stranger }],
  ['it was made for another domain', { rpId: 'evil.example' }],
  ['it was made inside a page of another origin', { crossOrigin: true }],
  ['it is what a new passkey says', { type: 'webauthn.create' }],
  ['it was made for something else', { challenge: Buffer.alloc(32, 7) }],
];
for (const [what, lies] of forgeries) {
  test(`no yes is an answer of a passkey where ${what}`, async () => {
    const { question } = await asked(house, await atWork(house), '82.00');
    await assert.rejects((await lying(lies)).approvals.answer(question, 'yes'), { code: 'signature.invalid' });
    await stays(question);
  });
}

test('no yes is what a passkey said at another origin', async () => {
  const { question } = await asked(house, await atWork(house), '83.00');
  for (const origin of [
    'https://ambit.evil.example',
    'http://localhost:1',
    house.plane.people.replace('http', 'https'),
  ]) {
    await assert.rejects((await lying({}, origin)).approvals.answer(question, 'yes'), { code: 'signature.invalid' });
  }
  await stays(question);
});

test('who has the session brings no passkey of its own: that takes the one that is enrolled', async () => {
  const mallory = softAuthenticator();
  const credentials = mallory.browser(house.plane.people);
  const operator = await driven(credentials);
  await assert.rejects(operator.passkeys.add({ credentials, label: 'mine' }), PasskeyFault);
  const forged = await lying({ signedBy: stranger });
  await assert.rejects(
    forged.passkeys.add({ credentials: softAuthenticator().browser(house.plane.people), label: 'mine' }),
    {
      code: 'signature.invalid',
    },
  );
  assert.equal((await bea.operator.me()).keys.length, 1);
});

test('a passkey that came after the question does not answer it, but the next one', async () => {
  const { question } = await asked(house, await atWork(house), '84.00');
  const phone = softAuthenticator();
  await house.bob.operator.passkeys.add({ credentials: phone.browser(house.plane.people), label: 'phone' });
  const { operator } = await signIn(house, phone);
  await assert.rejects(operator.approvals.answer(question, 'yes'), {
    code: 'approval.not_yours',
    message: /enrolled after/,
  });
  await stays(question);
  const next = await asked(house, await atWork(house), '85.00');
  await operator.approvals.answer(next.question, 'no');
});

test('whoever asked is not the second person, with a passkey and the role of an approver neither', async () => {
  const { operator: ada } = house.ada;
  await ada.persons.setRoles(house.alice.id, ['owner', 'approver']);
  const phone = softAuthenticator();
  await house.alice.operator.passkeys.add({ credentials: phone.browser(house.plane.people), label: 'phone' });
  const { operator } = await signIn(house, phone);
  const { question } = await asked(house, await atWork(house), '86.00');
  await assert.rejects(operator.approvals.answer(question, 'yes'), {
    code: 'approval.not_yours',
    message: /asked for the task/,
  });
  await stays(question);
});

test('two passkeys of one person are one person', async () => {
  const cal = await joinsWithPasskey(house, 'Cal', ['approver']);
  const tablet = softAuthenticator();
  await cal.operator.passkeys.add({ credentials: tablet.browser(house.plane.people), label: 'tablet' });
  const rule = {
    action: 'shop:refunds.create',
    role: 'approver' as const,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 600,
  };
  await house.ada.operator.approvals.setRule({ ...rule, answersNeeded: 2 });
  const { question } = await asked(house, await atWork(house), '87.00');
  await cal.operator.approvals.answer(question, 'yes');
  const { operator } = await signIn(house, tablet);
  await assert.rejects(operator.approvals.answer(question, 'yes'), {
    code: 'approval.not_yours',
    message: /another person/,
  });
  await stays(question);
  await house.ada.operator.approvals.setRule({ ...rule, answersNeeded: 1 });
});

test('where the rule wants a passkey, a key file that the agent can read says nothing, neither yes nor no', async () => {
  const rule = {
    action: 'shop:refunds.create',
    role: 'approver' as const,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 600,
  };
  await house.ada.operator.approvals.setRule({ ...rule, answersNeeded: 1, keys: ['passkey'] });
  const { question } = await asked(house, await atWork(house), '88.00');
  assert.deepEqual(question.keys, ['passkey']);
  for (const word of ['yes', 'no'] as const) {
    await assert.rejects(house.bob.operator.approvals.answer(question, word), { code: 'approval.key_kind' });
  }
  await house.ada.operator.approvals.setRule({ ...rule, answersNeeded: 1, keys: null });
  await assert.rejects(house.bob.operator.approvals.answer(question, 'yes'), { code: 'approval.key_kind' });
  await bea.operator.approvals.answer(question, 'no');
});

test('a key of the command line never passes for a passkey, nor a passkey for one', async () => {
  const key = await newKey('ES256');
  const ben = await joins(house, 'Ben', ['approver']);
  const { code } = await house.ada.operator.persons.issueCode(ben.id);
  await enrol({ url: house.plane.people, code, key });
  const operator = await connectOperator({ url: house.plane.people, person: ben.id, key });
  const { question } = await asked(house, await atWork(house), '89.00');
  // Mallory holds the key file, and writes with it what a passkey would write.
  const me = await operator.me();
  const enrolled = me.keys.find((one) => one.jwk.kty === 'EC');
  assert.ok(enrolled);
  const { token, key: proof } = await rawSession(house.plane.people, ben);
  const webauthn = { authenticatorData: 'AAAA', clientDataJSON: 'e30', signature: 'AAAA' };
  const signature = { kid: enrolled.thumbprint, alg: 'ES256', webauthn };
  const url = `${house.plane.people}/v1/approvals/${question.id}/answer`;
  const body = { answer: 'yes', reason: null, at: Date.now(), signature };
  const answer = await proof.send('POST', url, { token, body });
  assert.equal(((await answer.json()) as { code: string }).code, 'signature.invalid');
  await stays(question);
});
