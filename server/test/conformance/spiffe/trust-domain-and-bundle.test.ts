/** SPIFFE Trust Domain and Bundle, SPIFFE Federation (`https_web`): whose word counts, how it is fetched, and for how long. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type House, openHouse } from '../../house.ts';
import {
  askForToken,
  jwtSpiffeType,
  type Page,
  prover,
  registerSpiffe,
  serveWeb,
  type TestDomain,
  testDomain,
} from '../../spiffe-domain.ts';

const subject = 'spiffe://acme.example/refund-bot';
let house: House;
let acme: TestDomain;
let other: TestDomain;
let web: Awaited<ReturnType<typeof serveWeb>>;
let page: (path: string) => Page | null;
const trueNow = Date.now;
let ahead = 0;
Date.now = () => trueNow() + ahead;
/** The clock of this process, and so of the plane in it, goes on by that much at once. */
function passing(seconds: number): void {
  ahead += seconds * 1000;
}

before(async () => {
  web = await serveWeb((path) => page(path));
  house = await openHouse({
    env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.1/32', AMBIT_TRUST_BUNDLE_SECONDS_MAX: '600' },
  });
  [acme, other] = await Promise.all([testDomain('acme.example'), testDomain('other.example')]);
});
beforeEach(() => {
  page = () => ({ body: acme.bundle() });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    assert.ok(tries < 100, 'it never came to be');
    await new Promise((done) => setTimeout(done, 100));
  }
}

after(async () => {
  Date.now = trueNow;
  await house.close();
  await web.close();
});

const domains = () => house.ada.operator.trustDomains;
async function logIn(assertion: string): Promise<string> {
  const form = { client_assertion_type: jwtSpiffeType, client_assertion: assertion };
  const told = await askForToken(house, form, await (await prover(house))());
  return told.status === 200 ? 'in' : (told.code ?? 'no code');
}
const svid = () => acme.jwtSvid(subject, house.plane.agents);
const isRefused = (asking: Promise<unknown>, says: RegExp) => assert.rejects(asking, says);

describe('what is no bundle of that trust domain is not taken', () => {
  const set = (bundle: string, name = acme.name) => domains().set(name, { bundle });

  test('not JSON, no key set, no key of a known use, two keys of one kid', async () => {
    await isRefused(set('keys'), /not JSON of one meaning/);
    await isRefused(set('{"keys":{}}'), /no list of keys/);
    await isRefused(set(JSON.stringify({ keys: [{ ...acme.jwk(), use: 'sig' }] })), /none of its keys/);
    await isRefused(set(JSON.stringify({ keys: [acme.jwk(), acme.jwk()] })), /two of its keys have the kid/);
    await isRefused(set(JSON.stringify({ keys: [{ ...acme.jwk(), kid: undefined }] })), /no kid/);
    await isRefused(set(acme.bundle({ spiffe_sequence: 'seven' })), /spiffe_sequence is not a whole number/);
  });

  test('keys that could be forged or are private', async () => {
    const key = { use: 'jwt-svid', kid: 'k' };
    await isRefused(set(JSON.stringify({ keys: [{ ...key, kty: 'oct', k: 'c2VjcmV0' }] })), /private half/);
    await isRefused(set(JSON.stringify({ keys: [{ ...acme.jwk(), alg: 'HS256' }] })), /does not fit/);
    await isRefused(set(JSON.stringify({ keys: [{ ...acme.jwk(), d: 'AAAA' }] })), /private half/);
    const leaf = await acme.authority.sign({ uris: [subject] });
    const x5c = [leaf.x509.raw.toString('base64')];
    await isRefused(set(JSON.stringify({ keys: [{ kty: 'EC', use: 'x509-svid', x5c }] })), /no authority/);
  });

  test('the bundle of another trust domain: its authority says so', async () => {
    await isRefused(set(other.bundle()), /answers for another trust domain/);
  });

  test('keys that another trust domain of the tenant has too', async () => {
    await set(other.bundle(), other.name);
    await isRefused(
      set(JSON.stringify({ keys: [other.jwk()] })),
      /answers for another trust domain: a key of it is one of other/,
    );
    await domains().remove(other.name);
  });

  test('by who is no administrator', async () => {
    await isRefused(house.alice.operator.trustDomains.set(acme.name, { bundle: acme.bundle() }), /administrator/);
    await isRefused(house.alice.operator.trustDomains.remove(acme.name), /administrator/);
  });
});

test('it is fetched, fetched again as it says, rotates with overlap, and is kept while its address fails', async (t) => {
  await domains().set(acme.name, { url: `${web.url}/bundle` });
  await registerSpiffe(house.alice, 'spiffe-bot', subject);
  const before = await svid();
  assert.equal(await logIn(await svid()), 'in');
  const shown = await domains().show(acme.name);
  assert.deepEqual([shown.sequence, shown.refreshHintSeconds, shown.trouble], [1, 60, '']);
  assert.ok(Math.abs((shown.nextAt ?? 0) - (shown.fetchedAt ?? 0) - 60_000) < 5000);

  await t.test('a new key counts once its time has come, and the old one goes on', async () => {
    await acme.rotate();
    assert.equal(await logIn(await svid()), 'svid.invalid');
    passing(61);
    await until(async () => (await domains().show(acme.name)).sequence === 2);
    assert.equal(await logIn(await svid()), 'in');
    assert.equal(await logIn(before), 'in');
  });

  await t.test(
    'a bundle that goes back, or answers for another trust domain, changes nothing and is told',
    async () => {
      page = () => ({ body: acme.bundle({ spiffe_sequence: 1 }) });
      passing(61);
      await until(async () => /went back from 2 to 1/.test((await domains().show(acme.name)).trouble));
      page = () => ({ body: other.bundle({ spiffe_sequence: 9 }) });
      passing(61);
      await until(async () => /answers for another/.test((await domains().show(acme.name)).trouble));
      assert.equal(await logIn(await svid()), 'in');
      assert.equal(await logIn(await other.jwtSvid(subject, house.plane.agents)), 'svid.invalid');
    },
  );

  await t.test('the last good one counts until the bound, and then nobody comes in by it', async () => {
    page = () => null;
    passing(300);
    assert.equal(await logIn(await svid()), 'in');
    passing(300);
    assert.equal(await logIn(await svid()), 'svid.untrusted');
    page = () => ({ body: acme.bundle() });
    passing(61);
    await until(async () => (await domains().show(acme.name)).trouble === '');
    assert.equal(await logIn(await svid()), 'in');
  });
});
