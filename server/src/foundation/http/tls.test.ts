import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { planeItself } from '../database/index.ts';
import type { Refusal } from '../errors.ts';
import { createApi, type Listening, listen } from './api.ts';
import type { TlsPeer } from './peer-certificate.ts';
import { route } from './route.ts';
import { selfSigned, type TestAuthority, type TestCertificate, testAuthority } from './testing-certificates.ts';
import { keepFresh, openTls, type Tls, TlsFault } from './tls.ts';

const directory = mkdtempSync(join(tmpdir(), 'ambit-tls-'));
const file = (name: string) => join(directory, name);
const files = {
  certificate: file('plane.pem'),
  key: file('plane.key'),
  authorities: [
    { name: 'corp', file: file('corp.pem') },
    { name: 'partner', file: file('partner.pem') },
  ],
};
let roots: TestAuthority;
let corp: TestAuthority;
let partner: TestAuthority;
let tls: Tls;
let api: Listening;
let agent: TestCertificate;
let recorded: Refusal[] = [];
let seen: TlsPeer[] = [];

const shown = ({ certificate }: TlsPeer) =>
  certificate && { thumbprint: certificate.thumbprint, uris: certificate.uris, issuers: certificate.issuers() };

function write({ cert, key }: TestCertificate): void {
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key);
}

before(async () => {
  [roots, corp, partner] = (await Promise.all(['Roots', 'Corp', 'Partner'].map((name) => testAuthority(name)))) as [
    TestAuthority,
    TestAuthority,
    TestAuthority,
  ];
  write(await roots.sign({ dns: ['127.0.0.1'] }));
  writeFileSync(file('corp.pem'), corp.cert);
  writeFileSync(file('partner.pem'), `Partner, since 2020\n${partner.cert}\n`);
  agent = await corp.sign({ uris: ['spiffe://acme.example/bot'] });
  tls = openTls(files);
  const routes = [
    route({
      method: 'GET',
      path: '/who',
      who: 'public',
      says: 'Tells.',
      run: async ({ raw }) => {
        assert.ok(raw.tls);
        seen.push(raw.tls);
        return { status: 200, body: shown(raw.tls) ?? {} };
      },
    }),
  ];
  const record = async (refusal: Refusal) => {
    recorded.push(refusal);
    return undefined;
  };
  const authenticate = async () => ({ kind: 'public', who: planeItself }) as const;
  api = await listen(createApi({ routes, authenticate, record, tls }), '127.0.0.1', 0, 20);
});
beforeEach(() => {
  [recorded, seen] = [[], []];
});
after(async () => {
  await api.close();
  rmSync(directory, { recursive: true, force: true });
});

const at = () => ({ host: '127.0.0.1', port: Number(new URL(api.url).port), ca: roots.cert });

async function connected(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ ...at(), ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything that comes back on the connection until it is closed. */
async function exchanged(socket: TLSSocket, bytes: string): Promise<string> {
  let heard = '';
  socket.on('data', (chunk) => {
    heard += String(chunk);
  });
  const closed = once(socket, 'close');
  socket.write(bytes);
  await closed;
  return heard;
}

const asking = 'GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';

function ask(by: Pick<TestCertificate, 'cert' | 'key'> | null, ca = roots.cert): Promise<ReturnType<typeof shown>> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...at(), ca, path: '/who', agent: false, ...by }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text) as ReturnType<typeof shown>));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds(), 'it did not come about in five seconds');
};

describe('a listener over TLS', () => {
  test('says who vouches for the certificate of a connection, and takes those without one', async () => {
    const uris = ['spiffe://acme.example/bot'];
    assert.ok(api.url.startsWith('https://127.0.0.1:'));
    assert.deepEqual(await ask(agent), { thumbprint: agent.thumbprint, uris, issuers: ['corp'] });
    assert.deepEqual(await ask(null), {});
    const other = await partner.sign({ uris });
    assert.deepEqual(await ask(other), { thumbprint: other.thumbprint, uris, issuers: ['partner'] });
    const own = await selfSigned({ uris });
    assert.deepEqual(await ask(own), { thumbprint: own.thumbprint, uris, issuers: [] });
    assert.deepEqual(recorded, []);
  });

  test('names no authority where one further below it has signed, whatever chain is sent along', async () => {
    const below = await corp.sign({}, { subject: 'CN=Below', isAuthority: true });
    const { X509Certificate } = await import('node:crypto');
    assert.ok(new X509Certificate(below.cert).ca);
    const chained = await partner.sign({ uris: ['spiffe://acme.example/bot'] });
    assert.deepEqual((await ask({ ...chained, cert: `${chained.cert}${below.cert}${corp.cert}\n` }))?.issuers, [
      'partner',
    ]);
  });

  test('names no authority of a certificate that has expired', async () => {
    const expired = await corp.sign({ uris: ['a:b'] }, { notAfter: new Date(Date.now() - 1000) });
    assert.deepEqual((await ask(expired))?.issuers, []);
  });

  test('reads the certificate once a connection', async () => {
    const socket = await connected(agent);
    await exchanged(socket, `GET /who HTTP/1.1\r\nhost: x\r\n\r\n${asking}`);
    assert.equal(seen.length, 2);
    assert.equal(seen[0], seen[1]);
  });

  test('knows the certificate of a session that is taken up again', async () => {
    const first = await connected(agent);
    const session = once(first, 'session');
    await exchanged(first, asking);
    const [ticket] = (await session) as [Buffer];
    const again = await connected({ ...agent, session: ticket });
    assert.equal(again.isSessionReused(), true);
    await exchanged(again, asking);
    assert.deepEqual(seen.map(shown), [shown(seen[0]!), shown(seen[0]!)]);
    assert.equal(seen[1]?.certificate?.thumbprint, agent.thumbprint);
    assert.deepEqual(seen[1]?.certificate?.issuers(), ['corp']);
  });

  test('speaks TLS 1.2 and 1.3 and nothing older', async () => {
    for (const [version, spoken] of [
      ['TLSv1.2', 'TLSv1.2'],
      ['TLSv1.3', 'TLSv1.3'],
    ] as const) {
      const socket = await connected({ ...agent, minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), spoken);
      assert.match(await exchanged(socket, asking), /"issuers":\["corp"\]/);
    }
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(connected(old), /alert|version|ECONNRESET/i);
    await until(() => recorded.length > 0);
    assert.equal(recorded[0]?.code, 'connection.no_tls');
  });

  test('answers nobody who speaks no TLS, and records it', async () => {
    const socket = connectPlainly(at());
    socket.on('error', () => socket.destroy());
    let heard = 0;
    socket.on('data', (chunk) => {
      heard += String(chunk).includes('HTTP/1.1') ? 1 : 0;
    });
    socket.write(asking);
    await once(socket, 'close');
    await until(() => recorded.length > 0);
    assert.deepEqual([heard, recorded.map(({ code }) => code)], [0, ['connection.no_tls']]);
  });
});

describe('what holds of the plain listener holds over TLS', () => {
  test('a request with two framings is refused and recorded, and its connection is over', async () => {
    const smuggled =
      'POST /who HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    const heard = await exchanged(await connected(agent), `${smuggled}${asking}`);
    assert.match(heard, /^HTTP\/1\.1 400 /);
    assert.equal(heard.split('HTTP/1.1 ').length, 2);
    assert.deepEqual([seen.length, recorded.map(({ code }) => code)], [0, ['request.malformed']]);
  });

  test('more connections than there may be are closed, those of unfinished handshakes counted', async () => {
    const quiet = Array.from({ length: 20 }, () => connectPlainly(at()));
    for (const one of quiet) one.on('error', () => one.destroy());
    await Promise.all(quiet.map((one) => once(one, 'connect')));
    await assert.rejects(connected(agent));
    assert.equal(recorded[0]?.code, 'plane.too_many_connections');
    for (const one of quiet) one.destroy();
    await until(() => recorded.length > 0);
    // There is room again as soon as the listener has heard that they left.
    let issuers: readonly string[] | undefined;
    for (let tries = 0; tries < 50 && issuers === undefined; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      issuers = await ask(agent).then(
        (heard) => heard?.issuers,
        () => undefined,
      );
    }
    assert.deepEqual(issuers, ['corp']);
  });
});

describe('the files of the listener', () => {
  test('are taken up when they change, for connections made from then on, and nobody is cut off', async () => {
    const kept = await connected(agent);
    const next = await testAuthority('Next roots');
    assert.equal(tls.refresh(), false);
    write(await next.sign({ dns: ['127.0.0.1'] }));
    assert.equal(tls.refresh(), true);
    assert.equal(tls.refresh(), false);
    await assert.rejects(ask(agent), /self-signed|unable to verify|issuer/i);
    assert.deepEqual((await ask(agent, next.cert))?.issuers, ['corp']);
    assert.match(await exchanged(kept, asking), /^HTTP\/1\.1 200 /);
    write(await roots.sign({ dns: ['127.0.0.1'] }));
    tls.refresh();
  });

  test('may be behind a link that moves on, as where secrets are mounted', async () => {
    const own = { ...files, certificate: file('link.pem') };
    symlinkSync(files.certificate, own.certificate);
    const opened = openTls(own);
    writeFileSync(file('other.pem'), (await roots.sign({ dns: ['x'] }, { key: agent.key })).cert);
    symlinkSync(file('other.pem'), file('link.new'));
    renameSync(file('link.new'), own.certificate);
    assert.throws(() => opened.refresh(), TlsFault, 'the key is still that of the old one');
    writeFileSync(files.key, agent.key);
    assert.equal(opened.refresh(), true);
    write(await roots.sign({ dns: ['127.0.0.1'] }));
    tls.refresh();
  });

  test('that do not fit each other leave the listener as it was, are told of once, and looked at again', async () => {
    const told: string[] = [];
    const look = keepFresh(tls, (says) => told.push(says));
    writeFileSync(files.key, agent.key);
    look();
    look();
    assert.deepEqual(told.length, 1);
    assert.match(
      told[0] ?? '',
      /goes on with its old files: .*plane\.pem and .*plane\.key are no certificate and its key/,
    );
    assert.doesNotMatch(told[0] ?? '', /PRIVATE KEY|BEGIN/);
    assert.deepEqual((await ask(agent))?.issuers, ['corp']);
    rmSync(files.key);
    look();
    assert.match(told[1] ?? '', /plane\.key cannot be read \(ENOENT\)/);
    write(await roots.sign({ dns: ['127.0.0.1'] }));
    look();
    assert.equal(told.at(-1), 'the TLS listener goes on with its new files');
  });

  test('name who may sign: one that is taken out vouches for nobody from then on, on old connections too', async () => {
    const kept = await connected(agent);
    kept.write('GET /who HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(kept, 'data');
    writeFileSync(file('corp.pem'), (await testAuthority('Corp')).cert);
    tls.refresh();
    assert.match(await exchanged(kept, asking), /"issuers":\[\]/);
    assert.deepEqual((await ask(agent))?.issuers, []);
    writeFileSync(file('corp.pem'), corp.cert);
    tls.refresh();
    assert.deepEqual((await ask(agent))?.issuers, ['corp']);
  });

  test('that hold no authority, no certificate, or nothing at all end the start', async () => {
    const open = (text: string) => () => {
      writeFileSync(file('odd.pem'), text);
      openTls({ ...files, authorities: [{ name: 'odd', file: file('odd.pem') }] });
    };
    assert.throws(open(''), /odd\.pem holds no certificate in PEM form/);
    assert.throws(open(agent.cert), /odd\.pem holds a certificate that is none of an authority/);
    assert.throws(open(corp.cert.replaceAll(/[a-z]/g, 'x')), /odd\.pem holds a certificate that cannot be read/);
    assert.throws(() => openTls({ ...files, key: file('absent') }), /absent cannot be read \(ENOENT\)/);
  });
});
