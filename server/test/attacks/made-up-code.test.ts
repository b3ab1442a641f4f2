// A stranger begins to sign in and sends made-up codes: each makes the plane ask the provider, who may lock it out for that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OidcHouse, openOidcHouse } from '../oidc-house.ts';
import { newProofKey, type ProofKey } from '../raw-person.ts';
import { refused } from './witness.ts';

let at: OidcHouse;
before(async () => {
  at = await openOidcHouse();
  await at.house.ada.operator.persons.register({ name: 'Dana', email: 'dana@acme.example', roles: [] });
  at.accounts.set('dana', { email: 'dana@acme.example', email_verified: true, name: 'Dana' });
});
after(() => at.close());

const begun = async (key: ProofKey) => new URL(await at.start(key)).searchParams.get('state') ?? '';

/** While nothing of the clock moves: however slow this machine is, no second goes by. */
async function atOneMoment<T>(work: () => Promise<T>): Promise<T> {
  const [moving, now] = [Date.now, Date.now()];
  Date.now = () => now;
  try {
    return await work();
  } finally {
    Date.now = moving;
  }
}

test('however many codes are made up, the provider is asked sixty times, then once a second, and people come in again', async () => {
  const key = await newProofKey();
  const state = await begun(key);
  const before = at.tokenRequests();
  const send = (code: string) => at.finish(key, { state, iss: at.issuer, code });
  await atOneMoment(async () => {
    const said: string[] = [];
    for (let round = 0; round < 5; round++) {
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => send(`made-up-${round}-${i}`)));
      for (const response of all) said.push(((await response.json()) as { code: string }).code);
    }
    assert.equal(said.filter((code) => code === 'sign_in.refused').length, 60, said.join());
    assert.equal(said.filter((code) => code === 'sign_in.busy').length, 40, said.join());
    assert.equal(at.tokenRequests() - before, 60);
    const told = await send('made-up');
    assert.equal(told.headers.get('retry-after'), '1');
    await refused(told, 'sign_in.busy');
  });
  at.passing(5);
  const { response } = await at.signIn('dana');
  assert.equal(response.status, 201, await response.text());
});

test('what comes back without a code, or with an error of the provider, asks nobody', async () => {
  const key = await newProofKey();
  const state = await begun(key);
  const before = at.tokenRequests();
  await refused(await at.finish(key, { state }), 'sign_in.refused');
  await refused(await at.finish(key, { state, error: 'access_denied' }), 'sign_in.refused');
  await refused(await at.finish(key, { state: `${state}x`, code: 'made-up' }), 'sign_in.refused');
  await refused(await at.finish(await newProofKey(), { state, code: 'made-up' }), 'sign_in.refused');
  assert.equal(at.tokenRequests(), before);
});
