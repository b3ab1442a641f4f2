import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Admitted } from './admit.ts';
import { signedTags } from './tags.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = { issuer: 'https://ambit.example', key: () => ({ kid: 'k1', key: privateKey }) };
const now = 1_767_603_600_999;

/** What of an admitted call the tags are made from. */
function admitted(wantsTags: boolean): Admitted {
  const task = { id: 'tsk_2', agent: 'agt_helper', purposeType: 'support', requester: 'psn_alice', acceptedJkt: 'jkt' };
  const agent = { id: 'agt_helper', owner: 'psn_olga', environment: 'production', ceiling: [] };
  const above = { ...task, id: 'tsk_1', agent: 'agt_refund' };
  const facts = { chain: [task, above], agents: [agent, { ...agent, owner: 'psn_other' }] };
  const call = { api: { wantsTags }, origin: 'https://shop.example' };
  return { call, permit: { facts }, entry: 'ent_9' } as unknown as Admitted;
}

const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

describe('signed tags', () => {
  test('tell an upstream that wants to know who calls, for it alone and for a minute', () => {
    const [[name, value], ...more] = signedTags(signer, admitted(true), now) as [[string, string]];
    assert.equal(more.length, 0);
    assert.equal(name, 'ambit-tags');
    const [header, claims, signature] = value.split('.') as [string, string, string];
    assert.deepEqual(read(header), { alg: 'ES256', typ: 'ambit-tags+jwt', kid: 'k1' });
    assert.deepEqual(read(claims), {
      iss: 'https://ambit.example',
      aud: 'https://shop.example',
      iat: 1_767_603_600,
      exp: 1_767_603_660,
      jti: 'ent_9',
      agent: 'agt_helper',
      task: 'tsk_2',
      purpose: 'support',
      owner: 'psn_olga',
      environment: 'production',
    });
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const bytes = Buffer.from(signature, 'base64url');
    assert.equal(verify('sha256', Buffer.from(`${header}.${claims}`), key, bytes), true);
    assert.equal(verify('sha256', Buffer.from(`${header}.${claims}x`), key, bytes), false);
  });

  test('go to nobody else', () => {
    assert.deepEqual(signedTags(signer, admitted(false), now), []);
  });

  test('could not be a token: neither their type nor what they hold would let anyone in', () => {
    const [[, value]] = signedTags(signer, admitted(true), now) as [[string, string]];
    const [header, claims] = value.split('.').slice(0, 2).map(read) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    assert.notEqual(header.typ, 'at+jwt');
    for (const name of ['cnf', 'sub', 'client_id', 'scope', 'mission']) assert.equal(name in claims, false, name);
  });
});
