// An API behind the gateway asks for a client certificate: the vault holds one, with its key, and the agent sees neither.
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { renderParts, type TaskId } from '@ambit/protocol';
import {
  type TestAuthority,
  type TestCertificate,
  testAuthority,
} from '../../src/foundation/http/testing-certificates.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

const name = 'spiffe://acme.example/ambit-gateway';
const trustedBefore = getCACertificates('default');
let house: House;
let agent: RawAgent;
let token: string;
let task: TaskId;
let partner: TestAuthority;
let stranger: TestAuthority;
let shown: TestCertificate;
let seen: (string | undefined)[] = [];
let origin: string;
let credential: Awaited<ReturnType<House['ada']['operator']['credentials']['store']>>;
const server = createServer({}, (request, response) => {
  const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
  seen.push(certificate?.fingerprint256);
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: order }));
});

const pemOf = ({ cert, key }: TestCertificate) => `${cert}${key}`;

before(async () => {
  const roots = await testAuthority(`API roots ${crypto.randomUUID()}`);
  [partner, stranger] = await Promise.all([testAuthority('Partner'), testAuthority('Stranger')]);
  const own = await roots.sign({ dns: ['127.0.0.1'] });
  server.setSecureContext({ cert: own.cert, key: own.key, ca: partner.cert });
  Object.assign(server, { requestCert: true, rejectUnauthorized: true });
  setDefaultCACertificates([...trustedBefore, roots.cert]);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  house = await openHouse({ upstream: origin });
  const [given] = await house.ada.operator.credentials.list();
  await house.ada.operator.credentials.disable(given!.id, 'A certificate takes its place.');
  shown = await partner.sign({ uris: [name] });
  agent = await rawAgent(house, house.refundBot);
  task = await house.openTask({ authority: [only('shop:orders.get', 'path.orderId', order)] });
  token = await agent.accept(task);
});
after(async () => {
  setDefaultCACertificates(trustedBefore);
  await house.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const look = () => agent.call(token, 'GET', `/api/shop/orders/${order}`);
const wanted = (secret: string, more: object = {}) => ({
  name: 'shop-mtls',
  kind: 'certificate' as const,
  origins: [origin],
  api: 'shop',
  secret,
  ...more,
});

test('without a certificate the API lets nobody in, and nothing is taken for an answer', async () => {
  const answered = await look();
  assert.ok(answered.status >= 500, `${answered.status}`);
  assert.deepEqual(seen, []);
});

test('what is no certificate with its key is not stored', async () => {
  const { credentials } = house.ada.operator;
  const other = await partner.sign({ uris: [name] });
  const cases: [string, object, RegExp][] = [
    [shown.cert, {}, /no private key/],
    [shown.key, {}, /no certificate/],
    [`${shown.cert}${other.key}`, {}, /do not belong together/],
    [pemOf(shown), { place: 'x' }, /no place/],
    [pemOf(shown), { origins: ['http://127.0.0.1:1'] }, /https origins only/],
    [`${pemOf(shown)}${'x'.repeat(40_000)}`, {}, /32768|at most/],
  ];
  for (const [secret, more, says] of cases) {
    await assert.rejects(credentials.store(wanted(secret, more)), (error: unknown) => {
      assert.match(String(error), says);
      assert.equal(String(error).includes('PRIVATE KEY--'), false);
      return true;
    });
  }
});

test('the gateway shows it to the API, and the agent gets the answer', async () => {
  credential = await house.ada.operator.credentials.store(wanted(pemOf(shown)));
  const answered = await look();
  assert.equal(answered.status, 200, await answered.text());
  assert.deepEqual(seen, [shown.x509.fingerprint256]);
});

test('after a rotation the next call shows the new one', async () => {
  seen = [];
  const next = await partner.sign({ uris: [name] });
  await house.ada.operator.credentials.rotate(credential.id, pemOf(next));
  assert.equal((await look()).status, 200);
  assert.deepEqual(seen, [next.x509.fingerprint256]);
});

test('a certificate that the API does not know opens nothing', async () => {
  seen = [];
  await house.ada.operator.credentials.rotate(credential.id, pemOf(await stranger.sign({ uris: [name] })));
  assert.ok((await look()).status >= 500);
  assert.deepEqual(seen, []);
});

test('one that has expired is not even shown', async () => {
  const day = 86_400_000;
  const [notBefore, notAfter] = [new Date(Date.now() - 2 * day), new Date(Date.now() - day)];
  const expired = await partner.sign({ uris: [name] }, { notBefore, notAfter });
  await house.ada.operator.credentials.rotate(credential.id, pemOf(expired));
  const answered = await look();
  const told = (await answered.json()) as { code: string };
  assert.deepEqual([answered.status, told.code], [503, 'vault.certificate_expired']);
  const { lines } = await house.alice.operator.runs.show(task);
  assert.equal(
    renderParts(lines.findLast(({ outcome }) => outcome !== null)?.outcome?.sentence ?? []),
    `never sent: the certificate ${credential.id} for this API does not hold now`,
  );
  assert.deepEqual(seen, []);
});
