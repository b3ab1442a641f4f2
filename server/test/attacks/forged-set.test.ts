// Mallory wants Alice locked out, or her own people back in: she sends events in the name of the identity provider.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { generateKeyPair, SignJWT } from 'jose';
import { openProvider, pushTo, risc, type SetParts } from '../conformance/ssf/receiver.ts';
import { type House, openHouse } from '../house.ts';
import { foundUmbra } from './neighbours.ts';

const disabled = `${risc}account-disabled`;
let house: House;
let idp: Awaited<ReturnType<typeof openProvider>>;
/** The transmitter of another organisation on the same plane. */
let umbra: Awaited<ReturnType<typeof openProvider>>;
let address: string;
let umbraAddress: string;
before(async () => {
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  const code = await foundUmbra(house);
  [idp, umbra] = [await openProvider(), await openProvider('umbra')];
  const register = (operator: House['ada']['operator'], one: typeof idp, name: string) =>
    operator.signals.register({ name, issuer: one.issuer, jwksUrl: one.jwksUrl, audience: one.audience });
  const ours = await register(house.ada.operator, idp, 'idp');
  await house.ada.operator.signals.map(ours.id, { iss: idp.issuer, sub: 'alice', person: house.alice.id });
  address = ours.pushTo;
  const key = await newKey();
  const { person } = await enrol({ url: house.plane.people, code, key });
  const mallory = await connectOperator({ url: house.plane.people, person, key });
  umbraAddress = (await register(mallory, umbra, 'umbra')).pushTo;
  // Her own transmitter may say of anybody of hers what it likes; of ours it may not even name one.
  const rule = { iss: umbra.issuer, sub: 'alice', person: house.alice.id };
  await assert.rejects(mallory.signals.map(umbraAddress.replace(/.*\//, '') as never, rule));
  await assert.rejects(mallory.signals.map(ours.id, { ...rule, iss: idp.issuer, sub: 'bob' }));
  await assert.rejects(mallory.signals.retire(ours.id));
  assert.deepEqual(
    (await mallory.signals.transmitters()).map(({ name }) => name),
    ['umbra'],
  );
});
after(async () => {
  await house.close();
  await Promise.all([idp.close(), umbra.close()]);
});

async function refused(set: string, err: string, to = address): Promise<void> {
  const response = await pushTo(to, set);
  assert.equal(response.status, 400, await response.clone().text());
  const body = (await response.json()) as { err: string; description: string };
  assert.equal(body.err, err, body.description);
  assert.ok(body.description.length > 10);
  assert.match(response.headers.get('ambit-entry') ?? '', /^ent_/, 'it is written down');
  const { state } = await house.ada.operator.persons.show(house.alice.id);
  assert.equal(state, 'active');
}

test('an event that somebody else signed with the name of the provider’s key is refused', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  const claims = { iss: idp.issuer, aud: idp.audience, iat: Math.floor(Date.now() / 1000), jti: 'forged' };
  const sub_id = { format: 'iss_sub', iss: idp.issuer, sub: 'alice' };
  const forged = await new SignJWT({ ...claims, sub_id, events: { [disabled]: {} } })
    .setProtectedHeader({ alg: 'RS256', kid: idp.jwk.kid, typ: 'secevent+jwt' })
    .sign(privateKey);
  await refused(forged, 'invalid_key');
});

test('alg none, and a key that everybody can read used as a secret, are refused', async () => {
  const [header, payload] = (await idp.set(disabled, 'alice')).split('.') as [string, string];
  const as = (more: object) => Buffer.from(JSON.stringify({ typ: 'secevent+jwt', ...more })).toString('base64url');
  await refused(`${as({ alg: 'none' })}.${payload}.`, 'invalid_request');
  await refused(`${as({ alg: 'none' })}.${payload}.AAAA`, 'invalid_key');
  const secret = Buffer.from(JSON.stringify(idp.jwk));
  const { alg: _alg, ...kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, string>;
  const hmac = await new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    .setProtectedHeader({ ...kid, alg: 'HS256' })
    .sign(secret);
  await refused(hmac, 'invalid_key');
});

const wrong: Readonly<Record<string, SetParts & { readonly err: string }>> = {
  'of another issuer': { claims: { iss: 'https://evil.example' }, err: 'invalid_issuer' },
  'for another audience': { claims: { aud: 'https://other.example' }, err: 'invalid_audience' },
  'of another type': { header: { typ: 'JWT' }, err: 'invalid_request' },
  'with a header that must be understood': { header: { crit: ['b64'], b64: true }, err: 'invalid_request' },
  'without jti': { without: ['jti'], err: 'invalid_request' },
  'without iat': { without: ['iat'], err: 'invalid_request' },
  'without a subject': { without: ['sub_id'], err: 'invalid_request' },
  'with exp': { claims: { exp: 4_000_000_000 }, err: 'invalid_request' },
  'with two events': { claims: { events: { [disabled]: {}, 'urn:x': {} } }, err: 'invalid_request' },
  'of two days ago': { claims: { iat: Math.floor(Date.now() / 1000) - 172_800 }, err: 'invalid_request' },
  'of tomorrow': { claims: { iat: Math.floor(Date.now() / 1000) + 86_400 }, err: 'invalid_request' },
};

for (const [name, { err, ...parts }] of Object.entries(wrong)) {
  test(`an event ${name} is refused as ${err}`, async () => {
    await refused(await idp.set(disabled, 'alice', parts), err);
  });
}

test('another tenant’s transmitter cannot speak of us: not at our address, and at its own it finds nobody of ours', async () => {
  await refused(await umbra.set(disabled, 'alice'), 'invalid_key');
  await refused(await idp.set(disabled, 'alice'), 'invalid_key', umbraAddress);
  const inOurName = { iss: umbra.issuer, sub_id: { format: 'iss_sub', iss: idp.issuer, sub: 'alice' } };
  const response = await pushTo(umbraAddress, await umbra.set(disabled, '', { claims: inOurName }));
  assert.equal(response.status, 202, 'it is their event, and it means nobody');
  assert.equal((await house.ada.operator.persons.show(house.alice.id)).state, 'active');
});

test('what is no SET, and an address that nobody registered, are refused alike', async () => {
  assert.equal((await pushTo(address, '{}')).status, 400);
  assert.equal((await pushTo(address, await idp.set(disabled, 'alice'), 'application/json')).status, 400);
  const nobody = `${address.slice(0, address.lastIndexOf('/'))}/trm_0123456789abcdefghjk`;
  await refused(await idp.set(disabled, 'alice'), 'access_denied', nobody);
});

test('an event that was taken is refused when it comes again, also after a restart', async () => {
  const { id } = await house.ada.operator.persons.register({ name: 'Dana' });
  const transmitter = address.replace(/.*\//, '') as never;
  await house.ada.operator.signals.map(transmitter, { iss: idp.issuer, sub: 'dana', person: id });
  const set = await idp.set(disabled, 'dana');
  assert.equal((await pushTo(address, set)).status, 202);
  await refused(set, 'invalid_request');
  await house.restart();
  await refused(set, 'invalid_request');
});

test('a flood of forged events fetches the provider’s keys no more than a few times, and fills no log', async () => {
  const before = idp.fetched.keys;
  const size = async () =>
    ((await (await fetch(`${house.plane.people}/health`)).json()) as { entries: number }).entries;
  const start = await size();
  const forged = await idp.set(disabled, 'alice', { header: { kid: 'unknown' } });
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(Array.from({ length: 30 }, () => pushTo(address, `${forged.slice(0, -6)}AAAAAA`)));
  }
  assert.ok(idp.fetched.keys - before <= 2, `${idp.fetched.keys - before} fetches`);
  assert.ok((await size()) - start < 20, `${(await size()) - start} entries`);
  assert.equal(
    (await pushTo(address, await idp.set(disabled, 'nobody'))).status,
    202,
    'and the true one still comes in',
  );
});
