import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createPlain, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { examinePort } from './machine.ts';

const own = 'A'.repeat(43);
const said = (body: unknown): RequestListener => {
  return (request, response) => response.end(request.url === '/health' ? JSON.stringify(body) : '');
};
const plane = (logKey?: unknown) => ({ status: 'ok', entries: 3, ...(logKey === undefined ? {} : { logKey }) });

async function portOf(t: TestContext, server: ReturnType<typeof createPlain>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const plain = async (t: TestContext, body: unknown, logKey: string | null = own) =>
  examinePort('port', '127.0.0.1', await portOf(t, createPlain(said(body))), logKey);

test('what answers on a port is this plane by the key of its log, or another one, or nobody can say', async (t) => {
  assert.equal((await plain(t, plane(own))).state, 'good');
  const other = await plain(t, plane('B'.repeat(43)));
  assert.equal(other.state, 'bad');
  assert.match(other.says, /another plane answers/);
  assert.equal((await plain(t, plane())).state, 'look', 'one of an older release names no key');
  assert.equal((await plain(t, plane(own), null)).state, 'look', 'the keys cannot be read here');
});

test('what does not answer as a plane does is something else', async (t) => {
  for (const body of [null, [], 'ok', { status: 'ok' }, { status: 'down', entries: 3, logKey: own }, { entries: 3 }]) {
    const found = await plain(t, body);
    assert.equal(found.state, 'bad', JSON.stringify(body));
    assert.match(found.says, /something else listens/);
  }
});

test('a listener over TLS is asked too, whoever signed its certificate', async (t) => {
  const port = await portOf(t, createSecure(nobodys, said(plane(own))));
  assert.equal((await examinePort('port', '127.0.0.1', port, own, 'https')).state, 'good');
  assert.match((await examinePort('port', '127.0.0.1', port, own)).says, /something else/);
});

/** Signed by itself, trusted by nobody, and for nothing but this. */
const nobodys = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBXTCCAQOgAwIBAgIQcZ79+ltTxRi0x1aAjBc5JTAKBggqhkjOPQQDAjAQMQ4w
DAYDVQQDEwVhZ2VudDAeFw0yNjExMjcyMzU1MTNaFw0yNjExMjkyMzU1MTNaMBAx
DjAMBgNVBAMTBWFnZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9lQt6khs
clxKIwpHdqf0fqaxAjo/YQmfQBTzpfEmfYbEGMYp5Ub9huQqY33STWKS7i16AgK9
dDLuJAL1V8jNx6M/MD0wDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwHQYD
VR0lBBYwFAYIKwYBBQUHAwIGCCsGAQUFBwMBMAoGCCqGSM49BAMCA0gAMEUCIQCu
npwN0GJDl3TdvXMP4BtU6WJI+sW+MM2gsT5yGE7u3wIgaD9dW2PHeIOuoUnUK7zY
HT9yLYHOwptXayPQvPBQA0Q=
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5VxQ9d7wstANwD1O
pGbNdb5vaOhQmeVGStv2ZhV4io2hRANCAAT2VC3qSGxyXEojCkd2p/R+prECOj9h
CZ9AFPOl8SZ9hsQYxinlRv2G5CpjfdJNYpLuLXoCAr10Mu4kAvVXyM3H
-----END PRIVATE KEY-----`,
};
