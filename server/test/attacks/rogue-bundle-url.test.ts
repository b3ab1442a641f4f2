// The address of a trust domain's bundle is made to lead elsewhere: to a metadata service, inside, or to endless bytes.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type House, openHouse } from '../house.ts';
import { type Page, serveWeb, type TestDomain, testDomain } from '../spiffe-domain.ts';

let house: House;
let acme: TestDomain;
let web: Awaited<ReturnType<typeof serveWeb>>;
let page: (path: string) => Page | null;
before(async () => {
  web = await serveWeb((path) => page(path));
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.1/32' } });
  acme = await testDomain('acme.example');
});
beforeEach(() => {
  page = () => ({ body: acme.bundle() });
});
after(async () => {
  await house.close();
  await web.close();
});

const domains = () => house.ada.operator.trustDomains;
const from = (url: string) => domains().set(acme.name, { url });
const isRefused = (asking: Promise<unknown>, says: RegExp) => assert.rejects(asking, says);

test('an honest address is taken, so that the refusals below are about where they lead', async () => {
  assert.equal((await from(`${web.url}/bundle`)).jwtKeys.length, 1);
  await domains().remove(acme.name);
});

test('over plain HTTP', () => isRefused(from('http://127.0.0.1:1/bundle'), /https only/));
test('to a metadata address', () =>
  isRefused(from('https://169.254.169.254/latest/meta-data'), /could not be fetched/));
test('to a private address that nobody allowed', () =>
  isRefused(from('https://10.0.0.8/bundle'), /could not be fetched/));
test('to this plane itself', () =>
  isRefused(from(`${house.plane.people.replace('http:', 'https:')}/health`), /this plane itself/));
test('with a password in it', () => isRefused(from('https://ada:pw@127.0.0.1/bundle'), /user or password/));
test('redirected to a metadata address', async () => {
  page = () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } });
  await isRefused(from(`${web.url}/bundle`), /redirects are not followed/);
});
test('to more than a bundle can be', async () => {
  page = () => ({ body: acme.bundle({ padding: 'x'.repeat(300_000) }) });
  await isRefused(from(`${web.url}/bundle`), /larger than/);
});
test('to nothing at all: it is not known either', async () => {
  page = () => null;
  await isRefused(from(`${web.url}/bundle`), /could not be fetched/);
  assert.deepEqual(await domains().list(), []);
});
