import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AgentId,
  type ApprovalId,
  canonicalJson,
  type DocumentSignature,
  type PersonId,
  type TaskId,
} from '@ambit/protocol';
import { importJWK, jwtVerify } from 'jose';
import { type Answer, jsonOf, openTestPlane, refusal, type Seen } from '../plane.testing.ts';
import { newKey, openKey, type PrivateJwk, type SigningKey } from '../wire/key.ts';
import { AmbitFault, AmbitRefusal } from '../wire/refusal.ts';
import { connectOperator } from './connect-operator.ts';
import { enrol } from './enrol.ts';

const bob = 'psn_bob00000000000000000' as PersonId;
const tenant = 'ten_acme0000000000000000';
const approval = 'apr_refund80000000000000' as ApprovalId;
const hour = 3_600_000;

type Sessions = { readonly lives: readonly number[]; readonly answer: (seen: Seen, token: string) => Answer };

/** A plane that opens sessions for Bob; each lives as long as the next of `lives`, the last one again and again. */
async function planeFor(key: SigningKey, { lives, answer }: Sessions) {
  let opened = 0;
  const plane = await openTestPlane(async (seen) => {
    if (seen.url !== '/v1/sessions') {
      assert.ok(seen.token, 'a request in a session has its token');
      return answer(seen, seen.token);
    }
    const { assertion } = jsonOf<{ assertion: string }>(seen);
    const rules = { issuer: bob, subject: bob, audience: plane.url, requiredClaims: ['jti', 'exp', 'iat'] };
    const { payload, protectedHeader } = await jwtVerify(assertion, await importJWK({ ...key.jwk }, key.alg), rules);
    assert.equal(protectedHeader.kid, key.thumbprint);
    assert.deepEqual(payload.cnf, { jkt: seen.jkt }, 'the assertion is of use with the proof key only');
    assert.ok(Number(payload.exp) - Number(payload.iat) <= 60);
    const life = lives[Math.min(opened, lives.length - 1)] ?? hour;
    opened++;
    const session = { id: 'ses_1', tenant, person: bob, token: `token-${opened}`, tokenType: 'DPoP' };
    return { status: 201, json: { ...session, expiresAt: Date.now() + life } };
  });
  return { plane, sessions: () => opened };
}

async function bobAt(t: { after: (f: () => unknown) => void }, sessions: Sessions, made?: PrivateJwk) {
  const jwk = made ?? (await newKey());
  const key = await openKey(jwk);
  const { plane, sessions: opened } = await planeFor(key, sessions);
  t.after(plane.close);
  return { operator: await connectOperator({ url: plane.url, person: bob, key: jwk }), plane, opened, key };
}

const empty = (): Answer => ({ status: 200, json: { persons: [], tasks: [], approvals: [] } });

test('many requests at once open one session', async (t) => {
  const { operator, opened } = await bobAt(t, { lives: [hour], answer: empty });
  await Promise.all([operator.persons.list(), operator.tasks.list(), operator.approvals.list()]);
  await operator.persons.list();
  assert.equal(opened(), 1);
});

test('nothing is asked of the plane before the first method is called', async (t) => {
  const { operator, plane } = await bobAt(t, { lives: [hour], answer: empty });
  await operator.close();
  assert.equal(plane.seen.length, 0);
});

test('a session that is about to end is replaced first', async (t) => {
  const { operator, plane, opened } = await bobAt(t, { lives: [10_000, hour], answer: empty });
  await operator.persons.list();
  await operator.persons.list();
  await operator.persons.list();
  assert.equal(opened(), 2);
  assert.equal(plane.seen.at(-1)?.token, 'token-2');
});

test('a session that the plane has ended is replaced once, and the request goes out again', async (t) => {
  const answer = (_: Seen, token: string) =>
    token === 'token-1' ? refusal(401, 'session.invalid', 'It is over.') : { status: 201, json: { name: 'late' } };
  const { operator, opened } = await bobAt(t, { lives: [hour], answer });
  assert.deepEqual(await operator.tasks.definePurpose({ name: 'late', says: 'Late orders' }), { name: 'late' });
  assert.equal(opened(), 2);
});

test('a plane that takes no session is asked twice, not for ever', async (t) => {
  const answer = () => refusal(401, 'session.invalid', 'It is over.');
  const { operator, opened } = await bobAt(t, { lives: [hour], answer });
  await assert.rejects(operator.me(), { code: 'session.invalid' });
  assert.equal(opened(), 2);
});

test('any other refusal comes through as it is, once', async (t) => {
  const answer = () => refusal(403, 'caller.not_allowed', 'Ask a person with the role policy.');
  const { operator, plane } = await bobAt(t, { lives: [hour], answer });
  await assert.rejects(operator.policies.publish('permit(principal, action, resource);'), (error: unknown) => {
    assert.ok(error instanceof AmbitRefusal);
    assert.deepEqual([error.code, error.status, error.entry], ['caller.not_allowed', 403, 'ent_1']);
    assert.equal(error.says, 'Ask a person with the role policy.');
    return true;
  });
  assert.equal(plane.seen.filter(({ url }) => url === '/v1/policies').length, 1);
});

test('what is not a plane is told from a refusal', async (t) => {
  for (const answer of [
    { status: 502, text: '<html>' },
    { status: 200, text: '<html>' },
  ]) {
    const { operator } = await bobAt(t, { lives: [hour], answer: () => answer });
    await assert.rejects(operator.me(), AmbitFault);
  }
});

/** As little of a question as a card is made of. */
const question = (): Answer => {
  const shown = { sentence: 'Refund', agent: 'refund-bot', purpose: 'support: Order 1042', reversibility: 'final' };
  const call = { action: 'shop:refunds.create', method: 'POST', url: 'https://shop.example/refunds' };
  const none = { values: [], left: [], requester: 'Alice', amount: null, claim: null, lookedAgain: null };
  const ids = { id: approval, task: 'tsk_1', agent: 'agt_1', requester: 'psn_1', owner: 'psn_1' };
  return { status: 200, json: { ...ids, callDigest: 'sha-256:x', asks: [], shown: { ...shown, ...call, ...none } } };
};

for (const alg of ['EdDSA', 'ES256'] as const) {
  test(`an answer is signed over the digest of what was shown (${alg})`, async (t) => {
    const { operator, plane, key } = await bobAt(t, { lives: [hour], answer: question }, await newKey(alg));
    await operator.approvals.answer({ id: approval, digest: 'sha-256:seen' }, 'no', 'Too much.');
    const sent = plane.seen.at(-1);
    assert.ok(sent);
    assert.equal(sent.url, `/v1/approvals/${approval}/answer`);
    const body = jsonOf<{ answer: 'no'; reason: string; at: number; signature: DocumentSignature }>(sent);
    const { signature, ...answered } = body;
    const document = { type: 'ambit_approval_answer', tenant, approval, digest: 'sha-256:seen', person: bob };
    await holds(key, { ...document, ...answered }, signature);
    await assert.rejects(holds(key, { ...document, ...answered, answer: 'yes' }, signature));
  });
}

test('several questions are signed as one list, in its order; what is not answered together is not sent', async (t) => {
  const told = { id: approval, approval: question().json };
  const refused = { code: 'approval.over', title: 'The question is over', says: 'Nothing was changed.' };
  const second = 'apr_second00000000000' as ApprovalId;
  const became = [told, { id: second, refused }];
  const { operator, plane, key } = await bobAt(t, { lives: [hour], answer: () => ({ status: 200, json: { became } }) });
  const of = { task: 'tsk_1' as TaskId, action: 'shop:refunds.create' };
  const seen = [
    { id: approval, digest: 'sha-256:1', ...of },
    { id: second, digest: 'sha-256:2', ...of },
  ];
  const [one, other] = await operator.approvals.answerAll(seen, 'no', 'Too many.');
  assert.ok(one !== undefined && 'approval' in one && one.approval.card.sentence.length > 0);
  assert.deepEqual(other, { id: second, refused });
  const sent = plane.seen.at(-1);
  assert.ok(sent);
  assert.equal(sent.url, '/v1/approvals/answers');
  const { signature, approvals, ...answered } = jsonOf<{ approvals: string[]; signature: DocumentSignature }>(sent);
  assert.deepEqual(approvals, [approval, second]);
  const list = seen.map(({ id, digest }) => ({ approval: id, digest }));
  const document = { type: 'ambit_approval_answers', tenant, ...of, approvals: list, person: bob };
  await holds(key, { ...document, ...answered }, signature);
  await assert.rejects(holds(key, { ...document, ...answered, approvals: list.toReversed() }, signature));
  const before = plane.seen.length;
  const elsewhere = { ...seen[1]!, task: 'tsk_2' as TaskId };
  for (const wrong of [[], [seen[0]!, seen[0]!], [seen[0]!, elsewhere]])
    await assert.rejects(operator.approvals.answerAll(wrong, 'yes'), RangeError);
  assert.equal(plane.seen.length, before);
});

test('a standing grant is signed word for word, in the name of the person of the key', async (t) => {
  const { operator, plane, key } = await bobAt(t, { lives: [hour], answer: empty });
  const authority = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }] as const;
  const agent = 'agt_refund0000000000000' as AgentId;
  const grant = { agent, authority, liveTasksMax: 2, taskSecondsMax: 60, expiresAt: Date.now() + hour };
  await operator.standingGrants.sign(grant);
  const sent = plane.seen.at(-1);
  assert.ok(sent);
  const { document, signature } = jsonOf<{ document: { issuedAt: number }; signature: DocumentSignature }>(sent);
  const { issuedAt, ...rest } = document;
  assert.deepEqual(rest, { ...grant, type: 'ambit_standing_grant', tenant, owner: bob });
  assert.ok(Math.abs(issuedAt - Date.now()) < 10_000);
  await holds(key, document, signature);
});

async function holds(key: SigningKey, document: object, signature: DocumentSignature): Promise<void> {
  const { kid, alg } = signature;
  const value = 'value' in signature ? signature.value : assert.fail('a key signs by itself');
  assert.deepEqual([kid, alg], [key.thumbprint, key.alg]);
  const { subtle } = crypto;
  const imported = (await importJWK({ ...key.jwk }, key.alg)) as Parameters<typeof subtle.verify>[1];
  const how = alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
  const signed = Buffer.from(canonicalJson(document));
  assert.ok(await subtle.verify(how, imported, Buffer.from(value, 'base64url'), signed), 'the signature holds');
}

test('a key is enrolled by its own proof', async (t) => {
  const plane = await openTestPlane((seen) => ({ status: 201, json: { person: bob, thumbprint: seen.jkt } }));
  t.after(plane.close);
  const jwk = await newKey();
  const enrolled = await enrol({ url: plane.url, code: 'once', key: jwk, label: 'laptop' });
  assert.equal(enrolled.thumbprint, (await openKey(jwk)).thumbprint);
  assert.deepEqual(jsonOf(plane.seen[0] as Seen), { code: 'once', label: 'laptop' });
});

test('an export comes line by line, as it arrives', async (t) => {
  const answer = (): Answer => ({ status: 200, text: '{"type":"log"}\n{"type":"entry","é":1}\n' });
  const { operator, plane } = await bobAt(t, { lives: [hour], answer });
  const lines: string[] = [];
  for await (const line of await operator.log.export({ details: true })) lines.push(line);
  assert.deepEqual(lines, ['{"type":"log"}', '{"type":"entry","é":1}']);
  assert.equal(plane.seen.at(-1)?.url, '/v1/log/export?details=yes&rows=no');
});

test('an id cannot lead to another place of the API', async (t) => {
  const { operator, plane } = await bobAt(t, { lives: [hour], answer: empty });
  await operator.limits.remove('a/../../persons?x=1');
  assert.equal(plane.seen.at(-1)?.url, '/v1/limits/a%2F..%2F..%2Fpersons%3Fx%3D1');
  for (const id of ['..', '.', '']) assert.throws(() => operator.limits.remove(id), TypeError);
});

test('closing ends the session at the plane, and the next request opens another', async (t) => {
  const { operator, plane, opened } = await bobAt(t, { lives: [hour], answer: empty });
  await operator.persons.list();
  await operator.close();
  assert.deepEqual([plane.seen.at(-1)?.method, plane.seen.at(-1)?.url], ['DELETE', '/v1/sessions/current']);
  await operator.persons.list();
  assert.equal(opened(), 2);
});
