import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CallParts, callDigest, detailHash, jsonDigest } from './digest.ts';
import type { AgentId, CredentialId, TaskId, TenantId } from './ids.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

const parts: CallParts = {
  tenant: 'ten_00000000000000000001' as TenantId,
  task: 'tsk_00000000000000000001' as TaskId,
  agent: 'agt_00000000000000000001' as AgentId,
  method: 'POST',
  origin: 'https://shop.example',
  path: '/orders/1042/refunds',
  query: '',
  bodyDigest: 'sha-256:x',
  headers: { 'content-type': 'application/json' },
  credential: 'crd_00000000000000000001' as CredentialId,
  catalogVersion: '7',
};

test('the digest of a JSON value is that of its canonical form', () => {
  const bound = { amount_usd: '423.50', source_invoice_id: 'inv_2026Q3_842' };
  assert.equal(jsonDigest(bound, sha256), 'sha-256:WPVi6EnQ7H9Fh-qk9ADxmTg8zruOdVUX1esl-v3TfCI');
});

test('every part of a call changes its digest', () => {
  const other: CallParts = {
    tenant: 'ten_00000000000000000002' as TenantId,
    task: 'tsk_00000000000000000002' as TaskId,
    agent: 'agt_00000000000000000002' as AgentId,
    method: 'PUT',
    origin: 'https://evil.example',
    path: '/orders/1043/refunds',
    query: 'dry=1',
    bodyDigest: null,
    headers: { 'content-type': 'application/json', 'x-a': 'b' },
    credential: null,
    catalogVersion: '8',
  };
  const digests = new Set([callDigest(parts, sha256)]);
  for (const name of Object.keys(parts))
    digests.add(callDigest({ ...parts, [name]: other[name as keyof CallParts] }, sha256));
  assert.equal(digests.size, Object.keys(parts).length + 1);
});

test('members that are no part of a call do not reach its digest', () => {
  assert.equal(callDigest({ ...parts, ...{ at: 1 } }, sha256), callDigest(parts, sha256));
});

test('a detail hash depends on its salt', () => {
  assert.notEqual(detailHash('a', '{}', sha256), detailHash('b', '{}', sha256));
  assert.equal(detailHash('', '{}', sha256), jsonDigest({}, sha256));
});
