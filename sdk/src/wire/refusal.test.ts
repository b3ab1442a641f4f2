import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AmbitRefusal,
  ApprovalExpired,
  ApprovalRefused,
  Denied,
  mayBeRefusal,
  readRefusal,
  refusalFrom,
  TaskEnded,
  Unauthenticated,
  Unknown,
} from './refusal.ts';

const problem = (body: object, headers: Record<string, string> = {}, status = 403) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } });
const denied = {
  type: 'urn:ambit:refusal:authority.not_covered',
  code: 'authority.not_covered',
  detail: 'The task does not cover it.',
  entry: 'ent_1',
};

test('a refusal says its code, its sentence, its entry and what to do next', async () => {
  const parts = await readRefusal(problem(denied, { 'retry-after': '7' }));
  assert.ok(parts);
  const error = refusalFrom(parts);
  assert.ok(error instanceof Denied);
  const { code, status, says, entry, retryAfterSeconds } = error;
  assert.deepEqual([code, status, says, entry, retryAfterSeconds], [denied.code, 403, denied.detail, 'ent_1', 7]);
  assert.match(error.message, /The task does not cover it\. \(authority\.not_covered, ent_1\)/);
  assert.ok(error.next.length > 10 && error.next !== error.says);
});

test('a change that waits for a second person says where, and nothing else can say so', async () => {
  const proposal = `prp_${'0'.repeat(22)}`;
  const waits = { type: 'urn:ambit:refusal:proposal.waits', code: 'proposal.waits', detail: 'It waits.', proposal };
  const parts = await readRefusal(problem(waits, {}, 409));
  assert.ok(parts);
  assert.equal(refusalFrom(parts).proposal, proposal);
  const others = [
    { ...denied, proposal },
    { ...waits, proposal: '../log' },
  ];
  for (const body of others) assert.equal((await readRefusal(problem(body)))?.proposal, null);
});

test('an error of the OAuth endpoints is the same kind of refusal', async () => {
  const body = { error: 'invalid_grant', error_description: 'It is over.', code: 'task.ended' };
  const parts = await readRefusal(new Response(JSON.stringify(body), { status: 400 }));
  assert.ok(parts && refusalFrom(parts) instanceof TaskEnded);
});

test('codes become kinds', () => {
  const parts = { says: 'No.', entry: null, retryAfterSeconds: null };
  const rows: [string, number, typeof AmbitRefusal][] = [
    ['approval.refused', 403, ApprovalRefused],
    ['approval.expired', 403, ApprovalExpired],
    ['approval.denied', 403, Denied],
    ['approval.unknown', 502, Unknown],
    ['gateway.upstream_unknown', 504, Unknown],
    ['gateway.answer_withheld', 502, Unknown],
    ['task.ended', 401, TaskEnded],
    ['token.expired', 401, Unauthenticated],
    ['task.widened', 400, Denied],
    ['code.of_tomorrow', 403, Denied],
    ['limits.rate_exceeded', 429, AmbitRefusal],
    ['constructor', 400, AmbitRefusal],
  ];
  for (const [code, status, kind] of rows) {
    const error = refusalFrom({ ...parts, code, status });
    assert.equal(error.constructor, kind, code);
    assert.equal(error.name, kind.name);
  }
});

test('what an upstream says of itself is never taken for the plane', () => {
  assert.equal(mayBeRefusal(problem(denied)), true);
  assert.equal(mayBeRefusal(problem(denied, { 'ambit-source': 'upstream' })), false);
  assert.equal(mayBeRefusal(problem(denied, { 'content-type': 'application/json' })), false);
});

test('a problem that is none of the plane’s is no refusal', async () => {
  assert.equal(await readRefusal(problem({ ...denied, type: 'about:blank' })), undefined);
  assert.equal(await readRefusal(problem({ ...denied, type: 'urn:ambit:refusal:other' })), undefined);
  assert.equal(await readRefusal(new Response('<html>', { status: 502 })), undefined);
  assert.equal(await readRefusal(new Response('[1]', { status: 502 })), undefined);
});
