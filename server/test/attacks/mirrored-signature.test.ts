// A copied token of a workload is sent with another signature that its key never made: of an ECDSA signature (r, s) its
// mirror (r, n - s) holds just as well, so that the same token has two texts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse } from '../house.ts';
import { askForToken, jwtSpiffeType, prover, registerSpiffe, type TestDomain, testDomain } from '../spiffe-domain.ts';

const subject = 'spiffe://acme.example/payroll-bot';
/** SEC 2 §2.4.2: the order of P-256. */
const n = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
let house: House;
let acme: TestDomain;
before(async () => {
  house = await openHouse();
  acme = await testDomain('acme.example');
  await house.ada.operator.trustDomains.set(acme.name, { bundle: acme.bundle() });
  await registerSpiffe(house.alice, 'payroll-bot', subject);
});
after(() => house.close());

function mirrored(jws: string): string {
  const [header, payload, signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = n - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return `${header}.${payload}.${other.toString('base64url')}`;
}

type Proving = Awaited<ReturnType<typeof prover>>;
const logIn = async (assertion: string, prove: Proving) =>
  askForToken(house, { client_assertion_type: jwtSpiffeType, client_assertion: assertion }, await prove());

test('a JWT-SVID that came with one key is refused to another one under its mirrored signature', async () => {
  const [bot, thief] = [await prover(house), await prover(house)];
  const svid = await acme.jwtSvid(subject, house.plane.agents);
  assert.equal((await logIn(svid, bot)).status, 200);
  const stolen = await logIn(mirrored(svid), thief);
  assert.deepEqual([stolen.status, stolen.code], [401, 'assertion.replayed']);
});

test('it is the same token to its own key, and two tokens of one second are two', async () => {
  const [one, other] = [await prover(house), await prover(house)];
  const [first, second] = [
    await acme.jwtSvid(subject, house.plane.agents),
    await acme.jwtSvid(subject, house.plane.agents),
  ];
  assert.equal((await logIn(mirrored(first), one)).status, 200);
  assert.equal((await logIn(first, one)).status, 200);
  assert.equal((await logIn(second, other)).status, 200);
});
