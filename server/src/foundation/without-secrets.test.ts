import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId } from '@ambit/protocol';
import { withoutSecrets } from './without-secrets.ts';

const secret = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYWxsb3J5In0.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw';

test('a token in an address is cut to its beginning, and the rest of the line stays', () => {
  const line = `GET /api/shop/orders/1042?access_token=${secret}&page=2`;
  assert.equal(withoutSecrets(line), 'GET /api/shop/orders/1042?access_token=eyJhbGci…&page=2');
});

test('so is one in a path, in quotes, and with characters that are escaped', () => {
  assert.equal(withoutSecrets(`/x/${secret}/y`), '/x/eyJhbGci…/y');
  assert.equal(withoutSecrets(`client_id "${secret}"`), 'client_id "eyJhbGci…"');
  assert.equal(withoutSecrets(encodeURIComponent('+/='.repeat(12))), '%2B%2F%3…');
});

test('ids and plain words stay as they are', () => {
  const agent = formatId('agent', new Uint8Array(16).fill(7));
  const line = `POST /v1/agents/${agent}/suspend, no bearer credential came`;
  assert.equal(withoutSecrets(line), line);
});
