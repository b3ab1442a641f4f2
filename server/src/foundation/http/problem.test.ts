import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type RefusalCode, refusalRow } from '@ambit/protocol';
import { refuse } from '../errors.ts';
import { oauthError, problem } from './problem.ts';

const secret = 'because rule no-refunds of Bob';
const body = (code: RefusalCode, says?: string) =>
  JSON.parse(String(problem(refuse(code, secret, says), 'ent_1').text?.content)) as Record<string, unknown>;

describe('a refusal as problem details', () => {
  test('has the status and title of its code, the safe sentence and the entry, and nothing of why', () => {
    const { status, title, says } = refusalRow('task.taken');
    const reply = problem(refuse('task.taken', secret), 'ent_1');
    assert.deepEqual([reply.status, reply.text?.type], [status, 'application/problem+json']);
    assert.deepEqual(body('task.taken'), {
      type: 'urn:ambit:refusal:task.taken',
      title,
      status,
      detail: says,
      code: 'task.taken',
      entry: 'ent_1',
    });
    assert.equal(JSON.stringify(reply).includes(secret), false);
    assert.equal(body('task.taken', 'Say this.').detail, 'Say this.');
    assert.equal('entry' in JSON.parse(String(problem(refuse('task.taken', secret)).text?.content)), false);
  });

  test('carries the header fields that the refusal came with', () => {
    const reply = problem(refuse('limits.rate_exceeded', 'x', undefined, { 'retry-after': '3' }));
    assert.deepEqual(reply.headers, { 'retry-after': '3' });
  });
});

describe('a refusal at an OAuth endpoint', () => {
  test('is an error of RFC 6749 with a status of 400, or 401 where the client itself is not known', () => {
    for (const [code, status, error] of [
      ['task.taken', 400, 'invalid_grant'],
      ['task.beyond_delegable', 400, 'invalid_authorization_details'],
      ['request.malformed', 400, 'invalid_request'],
      ['store.unavailable', 503, refusalRow('store.unavailable').oauth],
      ['plane.fault', 500, 'server_error'],
      ['limits.rate_exceeded', 429, undefined],
    ] as const) {
      const reply = oauthError(refuse(code, secret));
      assert.equal(reply.status, status, code);
      if (error !== undefined) assert.equal((reply.body as { error: string }).error, error);
      assert.equal(JSON.stringify(reply).includes(secret), false);
      assert.equal(reply.headers?.['cache-control'], 'no-store');
    }
  });

  test('of a client that did not prove itself is a 401', () => {
    const codes: RefusalCode[] = ['assertion.replayed', 'token.missing'];
    for (const code of codes) {
      const { oauth } = refusalRow(code);
      const expected = oauth === 'invalid_client' || oauth === 'invalid_token' ? 401 : 400;
      assert.equal(oauthError(refuse(code, 'x')).status, expected, code);
    }
  });
});
