import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { PasskeyScope } from '@ambit/protocol';
import { type HandClock, openTestStore } from '../../foundation/database/testing.ts';
import { type Ground, type PersonCaller, randomId } from '../../foundation/index.ts';
import type { SessionCaller } from '../authenticate-person.ts';
import { listPersonKeys } from '../store.ts';
import { foundTenant, type Member, signDocument, type TestTenant, testKey, verifiedProof } from '../testing.ts';
import { softAuthenticator } from '../testing-authenticator.ts';
import { type AddingPasskey, addPasskey, offerAddition, type PasskeyAddition } from './add-passkey.ts';
import { type ChallengeUse, challengeSeconds, createChallenges } from './challenge.ts';
import { coseOfJwk, jwkOfCose } from './cose-key.ts';
import { offerSession } from './open-session-with-passkey.ts';
import { relyingParty } from './relying-party.ts';
import type { NewCredential } from './shapes.ts';

describe('a challenge', () => {
  const challenges = createChallenges(randomBytes(32));
  const use: ChallengeUse = { use: 'session', jkt: 'one', about: '' };
  const over = { code: 'passkey.challenge_over' };

  test('is answered until it ends, and says when that is', () => {
    const text = challenges.issue(use, 1000);
    const expiresAt = 1000 + challengeSeconds * 1000;
    assert.deepEqual(challenges.open(text, use, expiresAt - 1), { text, expiresAt });
    assert.throws(() => challenges.open(text, use, expiresAt), over);
  });

  test('is good for what it was asked for, by whom, about whom', () => {
    const text = challenges.issue(use, 0);
    for (const other of [{ use: 'enrolment' }, { use: 'addition' }, { jkt: 'two' }, { about: 'psn_1' }] as const) {
      assert.throws(() => challenges.open(text, { ...use, ...other }, 1), over);
    }
    assert.throws(() => createChallenges(randomBytes(32)).open(text, use, 1), over, 'of another plane');
  });

  test('is never the same twice, and none that was changed in any byte', () => {
    const text = challenges.issue(use, 0);
    assert.notEqual(challenges.issue(use, 0), text);
    const bytes = Buffer.from(text, 'base64url');
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      assert.throws(() => challenges.open(changed.toString('base64url'), use, 1), over, `byte ${at}`);
    }
    for (const wrong of ['', 'A', text.slice(0, -4), `${text}AAAA`, `${text}=`]) {
      assert.throws(() => challenges.open(wrong, use, 1), over, wrong);
    }
  });
});

test('passkeys belong to the name of the people’s origin, never to an address', () => {
  assert.deepEqual(relyingParty('https://ambit.example:8443'), {
    rpId: 'ambit.example',
    origin: 'https://ambit.example:8443',
  });
  assert.equal(relyingParty('http://localhost:8421').rpId, 'localhost');
  for (const origin of ['http://127.0.0.1:8421', 'https://[::1]:8421', 'https://10.0.0.1']) {
    assert.throws(() => relyingParty(origin), { code: 'passkey.unavailable' });
  }
});

test('a key is the same after it went through the form of authenticators', () => {
  for (const alg of ['ES256', 'EdDSA'] as const) {
    const { jwk } = testKey(alg);
    assert.deepEqual(jwkOfCose(coseOfJwk(jwk)), jwk);
  }
  assert.throws(() => jwkOfCose(new Uint8Array([0xa1, 0x01, 0x03])), { code: 'passkey.refused' });
});

describe('one more passkey', () => {
  let ground: Ground & { readonly clock: HandClock };
  let close: () => Promise<void>;
  let acme: TestTenant;
  let bob: Member;
  const passkeys = { challenges: createChallenges(randomBytes(32)), scope: relyingParty('https://ambit.example') };
  before(async () => {
    ({ ground, close } = await openTestStore());
    acme = await foundTenant(ground, 'Acme');
  });
  // Each time somebody who has a key file and no passkey.
  beforeEach(async () => {
    bob = await acme.join('Bob', { roles: ['approver'] });
  });
  after(() => close());

  const caller = (of: PersonCaller, jkt = 'proof-key'): SessionCaller => ({
    ...of,
    acr: 'urn:ambit:test',
    session: {
      ...{ id: randomId('session'), person: of.person, tokenHash: '', jkt, openedWith: '' },
      ...{ state: 'open', openedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER, signIn: null },
    },
  });

  /** What a careful browser sends; `more` replaces what was signed. */
  async function adding(more: Partial<PasskeyAddition> = {}, signer = bob): Promise<AddingPasskey> {
    const options = await offerAddition(ground, passkeys, caller(bob.caller));
    const credential = await made(options, passkeys.scope);
    const hash = createHash('sha256').update(Buffer.from(credential.response.attestationObject, 'base64url'));
    const document: PasskeyAddition = {
      type: 'ambit_passkey_addition',
      ...{ tenant: acme.tenant, person: bob.person.id, credential: credential.id, label: 'phone', at: ground.clock() },
      attestation: `sha-256:${hash.digest('base64url')}`,
      ...more,
    };
    return { document, credential, signature: signDocument(signer.key, document) };
  }

  const add = (given: AddingPasskey, by = caller(bob.caller)) => addPasskey(ground, passkeys, by, given);

  test('comes with an entry that holds its key and who signed for it', async () => {
    const given = await adding();
    const { key, entry } = await add(given);
    const told = await ground.database.log.entry(acme.tenant, entry);
    assert.ok(told);
    const detail = ground.database.log.open(told)?.detail;
    const { jwk, passkey, thumbprint } = key;
    assert.deepEqual(JSON.parse(JSON.stringify(detail)), {
      ...{ person: bob.person.id, key: key.id, kind: 'passkey', thumbprint, label: 'phone', jwk, passkey },
      ...{ document: given.document, signature: given.signature },
    });
  });

  test('is not added by a signature over another one, for somebody else, or of another time', async () => {
    const eve = await acme.join('Eve');
    for (const more of [
      { credential: 'AAAA' },
      { attestation: `sha-256:${'A'.repeat(43)}` },
      { person: eve.person.id },
      { tenant: randomId('tenant') },
      { at: ground.clock() - 300_001 },
    ]) {
      await assert.rejects(add(await adding(more)), { code: 'signature.invalid' }, Object.keys(more)[0]);
    }
    await assert.rejects(add(await adding({}, eve)), { code: 'signature.invalid' });
  });

  test('is not what was signed for where it was replaced on its way', async () => {
    const [given, other] = [await adding(), await adding()];
    await assert.rejects(add({ ...given, credential: other.credential }), { code: 'signature.invalid' });
  });

  test('is added once, from the browser that asked, and in time', async () => {
    const given = await adding();
    await assert.rejects(add(given, caller(bob.caller, 'another-key')), { code: 'passkey.challenge_over' });
    const told = await Promise.allSettled([add(given), add(given)]);
    const refused = told.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    // Read before the other was added, it finds its challenge spent; read after, a key file that no longer suffices.
    assert.match(refused.join(), /^(passkey\.challenge_over|signature\.invalid)$/);
    assert.equal((await listPersonKeys(ground, acme.tenant, bob.person.id)).length, 2);
    const late = await adding();
    ground.clock.advance(challengeSeconds * 1000);
    await assert.rejects(add(late), { code: 'passkey.challenge_over' });
  });

  test('says nothing of anybody to whoever wants to sign in', () => {
    const offered = offerSession(ground, passkeys, verifiedProof(testKey(), ground.clock()));
    assert.deepEqual(
      { ...offered, challenge: '' },
      {
        ...{ challenge: '', rpId: 'ambit.example', timeout: challengeSeconds * 1000 },
        ...{ userVerification: 'required', allowCredentials: [] },
      },
    );
  });
});

type Options = Awaited<ReturnType<typeof offerAddition>>;

async function made(options: Options, { origin }: PasskeyScope): Promise<NewCredential> {
  const bytes = (text: string) => Buffer.from(text, 'base64url');
  const text = (buffer: ArrayBuffer) => Buffer.from(buffer).toString('base64url');
  const { rawId, response } = await softAuthenticator()
    .browser(origin)
    .create({
      publicKey: {
        rp: options.rp,
        user: { id: bytes(options.user.id) },
        challenge: bytes(options.challenge),
        pubKeyCredParams: options.pubKeyCredParams,
        excludeCredentials: [],
      },
    });
  const { clientDataJSON, attestationObject, getTransports } = response;
  return {
    id: text(rawId),
    response: {
      clientDataJSON: text(clientDataJSON),
      attestationObject: text(attestationObject),
      transports: getTransports(),
    },
  };
}
