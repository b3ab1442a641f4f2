import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NameDraft, readName } from './read-name.ts';

const empty: NameDraft = { method: 'spiffe', issuer: '', subject: '', audience: '', claims: '' };
const read = (draft: Partial<NameDraft>) => readName({ ...empty, ...draft });
const fault = (draft: Partial<NameDraft>) => {
  const found = read(draft);
  return 'fault' in found ? found.fault : assert.fail(`it was taken: ${JSON.stringify(found)}`);
};

test('the authority of a SPIFFE ID is its trust domain', () => {
  assert.deepEqual(read({ subject: ' spiffe://acme.example/refund-bot ' }), {
    name: { method: 'spiffe', issuer: 'acme.example', subject: 'spiffe://acme.example/refund-bot' },
  });
  for (const subject of ['', 'acme.example/bot', 'spiffe://acme.example', 'spiffe://acme.example/', 'https://a.b/c'])
    assert.match(fault({ subject }), /spiffe:\/\//);
});

test('a rule about tokens is one text, whatever the order of its claims', () => {
  const rule = { method: 'workload_token', issuer: 'https://ci.example', audience: 'https://ambit.example' } as const;
  const subject = '{"audience":"https://ambit.example","claims":{"environment":"a=b","repository_id":"7"}}';
  for (const claims of ['repository_id=7\nenvironment=a=b', 'environment = a=b\n\n repository_id=7\n'])
    assert.deepEqual(read({ ...rule, claims }), { name: { method: rule.method, issuer: rule.issuer, subject } });
  assert.match(fault({ ...rule, claims: '' }), /every token of the issuer/);
  assert.match(fault({ ...rule, claims: 'repository_id' }), /name=value/);
  assert.match(fault({ ...rule, claims: '=7' }), /name=value/);
  assert.match(fault({ ...rule, claims: 'a=1\na=2' }), /once/);
  assert.match(fault({ ...rule, issuer: ' ', claims: 'a=1' }), /issuer/);
  assert.match(fault({ ...rule, audience: '', claims: 'a=1' }), /audience/);
});

test('a certificate is by an authority and the URI in it', () => {
  const subject = 'spiffe://acme.example/refund-bot';
  assert.deepEqual(read({ method: 'tls_client_auth', issuer: 'corp', subject }), {
    name: { method: 'tls_client_auth', issuer: 'corp', subject },
  });
  assert.match(fault({ method: 'tls_client_auth', subject }), /authority/);
  assert.match(fault({ method: 'tls_client_auth', issuer: 'corp' }), /URI/);
});
