import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { checkSigned, type SignatureVerify } from './check-signed.ts';
import type { EntryHeader } from './entry.ts';
import type { TaskId } from './ids.ts';
import { canonicalJson } from './json.ts';
import { type PublicJwk, thumbprintOf } from './signature.ts';

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'buffer');
const check: SignatureVerify = (jwk, message, signature) =>
  verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature);

/** Bob's key, and entries that tell of it and of what he answered. */
function bobs(signed: object = {}) {
  const pair = generateKeyPairSync('ed25519');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: pair.publicKey.export({ format: 'jwk' }).x } as PublicJwk;
  const thumbprint = thumbprintOf(jwk, sha256);
  const question = { approval: 'apr_1', digest: 'sha-256:1' };
  const document = { type: 'ambit_approval_answer', person: 'psn_bob', answer: 'yes', ...question, ...signed };
  const value = sign(null, Buffer.from(canonicalJson(document)), pair.privateKey).toString('base64url');
  const signature = { kid: thumbprint, alg: 'EdDSA', value };
  const enrolled = { person: 'psn_bob', thumbprint, jwk, passkey: null };
  const answered = { approval: 'apr_1', document, signature, key: { jwk, passkey: null } };
  return { enrolled, asked: question, answered, revoked: { thumbprint } };
}

const kinds = {
  enrolled: 'identity.person-key-enrolled',
  asked: 'call.decided',
  answered: 'approval.answered',
  revoked: 'identity.person-key-revoked',
} as const;
type Told = readonly [kind: keyof typeof kinds, detail: unknown];

const headerOf = (kind: string): Pick<EntryHeader, 'kind' | 'decision' | 'task' | 'action'> => ({
  ...{ kind, decision: kind === kinds.asked ? 'ask' : null },
  ...{ task: 'tsk_1' as TaskId, action: 'shop:refunds.create' },
});

/** What is said of the last entry, and how many signatures were checked. */
function said(...entries: readonly Told[]) {
  const signed = checkSigned(sha256, check);
  const all = entries.map(([kind, detail]) => signed.entry(headerOf(kinds[kind]), detail));
  return [all.at(-1), signed.size()];
}

test('an answer holds by a key that an entry enrolled, until one revoked it', () => {
  const { enrolled, answered, revoked } = bobs();
  assert.deepEqual(said(['enrolled', enrolled], ['answered', answered], ['revoked', revoked]), [null, 1]);
  const [late] = said(['enrolled', enrolled], ['revoked', revoked], ['answered', answered]);
  assert.match(String(late), /was revoked before/);
});

test('what was changed, is another’s, or tells of no signature does not hold', () => {
  const { enrolled, answered } = bobs();
  const other = bobs();
  const wrong: [detail: unknown, because: RegExp][] = [
    [{ ...answered, document: { ...answered.document, answer: 'no' } }, /not that of the key/],
    [{ ...answered, document: { ...answered.document, person: 'psn_eve' } }, /is not that of psn_eve/],
    [{ ...answered, signature: { ...answered.signature, value: 'A' } }, /not base64url/],
    [{ ...answered, signature: { ...answered.signature, value: 'AAAA' } }, /not that of the key/],
    [{ ...answered, signature: other.answered.signature }, /no entry before it enrolled/],
    [{ ...answered, document: { ...answered.document, text: '\ud800' } }, /surrogate/],
    [{ ...answered, signature: undefined }, /no signature/],
    [{}, /no signature/],
  ];
  for (const [detail, because] of wrong) {
    assert.match(String(said(['enrolled', enrolled], ['answered', detail])[0]), because);
  }
});

const list = [
  { approval: 'apr_0', digest: 'sha-256:0' },
  { approval: 'apr_1', digest: 'sha-256:1' },
];
const together = (more: object = {}) => ({
  ...{ type: 'ambit_approval_answers', task: 'tsk_1', action: 'shop:refunds.create', approvals: list },
  ...more,
});

test('an answer to several questions holds for each of them that is in the list, once and by its digest', () => {
  const { enrolled, asked, answered } = bobs(together());
  assert.deepEqual(said(['enrolled', enrolled], ['asked', asked], ['answered', answered]), [null, 1]);
  assert.deepEqual(
    said(['enrolled', enrolled], ['answered', answered]),
    [null, 1],
    'also where nothing tells what was asked',
  );
  const again = { approval: 'apr_1', digest: 'sha-256:call', again: true };
  assert.deepEqual(said(['enrolled', enrolled], ['asked', asked], ['asked', again], ['answered', answered]), [null, 1]);
  assert.deepEqual(said(['enrolled', enrolled], ['asked', again], ['answered', answered]), [null, 1]);
  const other = { ...answered, approval: 'apr_0' };
  assert.deepEqual(said(['enrolled', enrolled], ['answered', other]), [null, 1]);
});

test('what was signed, and yet not for that question, does not hold', () => {
  const [first, second] = list;
  const wrong: [signed: object, because: RegExp][] = [
    [{ approval: 'apr_0' }, /apr_1 is not what was answered/],
    [{ digest: 'sha-256:0' }, /signed over something else/],
    [{ type: 'ambit_standing_grant' }, /is no answer/],
    [together({ approvals: [first] }), /apr_1 is not what was answered/],
    [together({ approvals: [second, first, second] }), /apr_1 is not what was answered/],
    [together({ approvals: [] }), /apr_1 is not what was answered/],
    [together({ approvals: 'apr_1' }), /is no answer/],
    [together({ approvals: [first, { ...second, digest: 'sha-256:0' }] }), /signed over something else/],
    [together({ task: 'tsk_2' }), /another task or action/],
    [together({ action: 'shop:refunds.cancel' }), /another task or action/],
  ];
  for (const [signed, because] of wrong) {
    const { enrolled, asked, answered } = bobs(signed);
    const [last] = said(['enrolled', enrolled], ['asked', asked], ['answered', answered]);
    assert.match(String(last), because, JSON.stringify(signed));
  }
});

test('where entries about keys came without details, the key that the answer itself names is checked with', () => {
  const { answered } = bobs();
  assert.deepEqual(said(['enrolled', undefined], ['answered', answered]), [null, 1]);
  const { key: _, ...older } = answered;
  assert.deepEqual(said(['enrolled', undefined], ['answered', older]), [null, 0], 'older releases name no key');
  const forged = { ...answered, key: bobs().answered.key };
  assert.match(String(said(['enrolled', undefined], ['answered', forged])[0]), /not the one that it names/);
});

test('a key whose enrolment an older release told is known by its thumbprint', () => {
  const { enrolled, answered } = bobs();
  const { jwk: _, ...older } = enrolled;
  assert.deepEqual(said(['enrolled', older], ['answered', answered]), [null, 1]);
});

test('what is no word of a person is left alone', () => {
  const signed = checkSigned(sha256, check);
  assert.equal(signed.entry(headerOf('call.decided'), { document: 'x' }), null);
  assert.equal(signed.entry(headerOf('approval.answered'), undefined), null);
  assert.equal(signed.size(), 0);
});
