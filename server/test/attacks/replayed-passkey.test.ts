// Mallory has copied what a passkey answered, or the passkey itself, and uses it again: elsewhere, later, for something else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AmbitRefusal,
  type BrowserCredentials,
  enrolWithPasskey,
  resumeSession,
  signInWithPasskey,
} from '@ambit/sdk/operator';
import { type SoftAuthenticator, softAuthenticator } from '../../src/identity/testing-authenticator.ts';
import type { House } from '../house.ts';
import { type Holder, joinsWithPasskey, openNamedHouse, signIn } from '../passkeys.ts';
import { foundUmbra } from './neighbours.ts';
import { asked, atWork } from './questions.ts';

let house: House;
let bea: Holder;
let umbra: string;
before(async () => {
  house = await openNamedHouse();
  umbra = await foundUmbra(house);
  bea = await joinsWithPasskey(house, 'Bea', ['approver']);
});
after(() => house.close());

type Kept = Awaited<ReturnType<BrowserCredentials['get']>>;

/** A browser that keeps what the device answered, and one that answers with what was kept. */
function keeping(device: SoftAuthenticator): { readonly browser: BrowserCredentials; readonly kept: Kept[] } {
  const kept: Kept[] = [];
  const { create, get } = device.browser(house.plane.people);
  const browser: BrowserCredentials = {
    create,
    async get(options) {
      const given = await get(options);
      kept.push(given);
      return given;
    },
  };
  return { browser, kept };
}
const again = (kept: Kept): BrowserCredentials => ({ create: async () => null, get: async () => kept });
const enter = (credentials: BrowserCredentials) => signInWithPasskey({ url: house.plane.people, credentials });
const resumed = (credentials: BrowserCredentials) => {
  const { session, proofKey } = bea;
  return resumeSession({ url: house.plane.people, session, proofKey, credentials });
};

/** Something that a passkey answered and that was not used yet: what asked for it is stopped on its way. */
async function copied(ask: (credentials: BrowserCredentials) => Promise<unknown>): Promise<Kept> {
  const { browser, kept } = keeping(bea.device);
  const stopped = new Error('stopped on its way');
  const stopping: BrowserCredentials = {
    ...browser,
    async get(options) {
      await browser.get(options);
      throw stopped;
    },
  };
  await assert.rejects(ask(stopping), { cause: stopped });
  return kept[0];
}

test('what opened a session opens no second one', async () => {
  const { browser, kept } = keeping(bea.device);
  await enter(browser);
  await assert.rejects(enter(again(kept[0])), { code: 'passkey.challenge_over' });
});

test('a fresh answer that was stolen opens no session for another proof key', async () => {
  const stolen = await copied(enter);
  await assert.rejects(enter(again(stolen)), { code: 'passkey.challenge_over' });
});

test('what opens a session is no answer to a question, and the other way round', async () => {
  const { question } = await asked(house, await atWork(house));
  const session = await copied(enter);
  await assert.rejects((await resumed(again(session))).approvals.answer(question, 'yes'), {
    code: 'signature.invalid',
  });
  const yes = await copied(async (credentials) => (await resumed(credentials)).approvals.answer(question, 'yes'));
  await assert.rejects(enter(again(yes)), { code: 'passkey.challenge_over' });
});

test('an answer to one question is none to another, and a no is no yes', async () => {
  const first = await asked(house, await atWork(house), '81.00');
  const second = await asked(house, await atWork(house), '81.00');
  const { browser, kept } = keeping(bea.device);
  await (await resumed(browser)).approvals.answer(first.question, 'no');
  const operator = await resumed(again(kept[0]));
  for (const [question, word] of [
    [second.question, 'no'],
    [second.question, 'yes'],
  ] as const) {
    await assert.rejects(operator.approvals.answer(question, word), { code: 'signature.invalid' });
  }
  await assert.rejects(operator.approvals.answer(first.question, 'yes'), { code: 'approval.over' });
});

test('a passkey whose counter goes back is refused wherever it is used, and the log names it', async () => {
  const ben = await joinsWithPasskey(house, 'Ben', ['approver']);
  const copy = ben.device.copy();
  await signIn(house, ben.device);
  await assert.rejects(signIn(house, copy), (error: unknown) => {
    assert.ok(error instanceof AmbitRefusal && error.code === 'passkey.counter_back');
    return true;
  });
  const refused = await signIn(house, copy, { signCount: 1 }).catch((error: AmbitRefusal) => error);
  assert.ok(refused instanceof AmbitRefusal && refused.entry !== null);
  const { header, detail } = await house.carol.operator.log.entry(refused.entry as never);
  assert.equal(header.kind, 'identity.passkey-counter-back');
  assert.deepEqual((detail as { readonly detail: object }).detail, {
    person: ben.id,
    key: ben.key.id,
    stored: 2,
    came: 1,
  });
  const { question } = await asked(house, await atWork(house), '83.00');
  const { session, proofKey } = ben;
  const lying = ben.device.browser(house.plane.people, { signCount: 2 });
  const operator = await resumeSession({ url: house.plane.people, session, proofKey, credentials: lying });
  await assert.rejects(operator.approvals.answer(question, 'yes'), { code: 'passkey.counter_back' });
  await assert.rejects(signIn(house, ben.device, { signCount: 0 }), { code: 'passkey.counter_back' });
  assert.equal((await house.carol.operator.approvals.show(question.id)).state, 'parked');
});

test('a passkey of another organisation proves nothing here, whoever it says it belongs to', async () => {
  const device = softAuthenticator();
  const url = house.plane.people;
  const { person } = await enrolWithPasskey({ url, code: umbra, credentials: device.browser(url) });
  const { operator } = await signIn(house, device);
  assert.equal((await operator.me()).id, person);
  await assert.rejects(signIn(house, device, { userHandle: bea.id }), { code: 'passkey.refused' });
  const { question } = await asked(house, await atWork(house), '84.00');
  await assert.rejects(operator.approvals.answer(question, 'yes'), { code: 'thing.not_found' });
});

test('nobody, somebody without passkeys and a wrong signature are refused in the same words', async () => {
  const said: string[] = [];
  const stranger = bea.device.copy();
  for (const userHandle of ['psn_0000000000000000000000', house.bob.id, 'x']) {
    const error = await signIn(house, stranger, { userHandle }).catch((refused: unknown) => refused);
    assert.ok(error instanceof AmbitRefusal);
    said.push(`${error.status} ${error.code} ${error.says}`);
  }
  for (const lies of [
    { rpId: 'evil.example' },
    { verified: false },
    { type: 'webauthn.create' },
    { crossOrigin: true },
  ]) {
    const error = await signIn(house, bea.device, lies).catch((refused: unknown) => refused);
    assert.ok(error instanceof AmbitRefusal, JSON.stringify(lies));
    said.push(`${error.status} ${error.code} ${error.says}`);
  }
  const elsewhere = await signIn(house, bea.device, {}, 'https://evil.example').catch((refused: unknown) => refused);
  assert.ok(elsewhere instanceof AmbitRefusal);
  said.push(`${elsewhere.status} ${elsewhere.code} ${elsewhere.says}`);
  assert.deepEqual([...new Set(said)].length, 1, said.join('\n'));
});

test('a passkey is enrolled as it was asked for, at this origin, once for one code', async () => {
  const { enrolment } = await house.ada.operator.persons.register({ name: 'Dan', roles: [] });
  const url = house.plane.people;
  const { code } = enrolment;
  for (const lies of [
    { verified: false },
    { present: false },
    { rpId: 'evil.example' },
    { format: 'packed' },
    { crossOrigin: true },
    { type: 'webauthn.get' },
  ]) {
    const credentials = softAuthenticator().browser(url, lies);
    await assert.rejects(
      enrolWithPasskey({ url, code, credentials }),
      { code: 'passkey.refused' },
      JSON.stringify(lies),
    );
  }
  const foreign = softAuthenticator().browser('https://evil.example');
  await assert.rejects(enrolWithPasskey({ url, code, credentials: foreign }), { code: 'passkey.refused' });
  const other = { challenge: Buffer.alloc(54, 1) };
  await assert.rejects(enrolWithPasskey({ url, code, credentials: softAuthenticator().browser(url, other) }), {
    code: 'passkey.challenge_over',
  });
  await enrolWithPasskey({ url, code, credentials: softAuthenticator().browser(url) });
  await assert.rejects(enrolWithPasskey({ url, code, credentials: softAuthenticator().browser(url) }), {
    code: 'enrolment.refused',
  });
});

test('one code brings one passkey, however many bring theirs at once', async () => {
  const { enrolment } = await house.ada.operator.persons.register({ name: 'Eve', roles: [] });
  const url = house.plane.people;
  const all = await Promise.allSettled(
    Array.from({ length: 4 }, () =>
      enrolWithPasskey({ url, code: enrolment.code, credentials: softAuthenticator().browser(url) }),
    ),
  );
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
});
