import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import Sqlite from 'better-sqlite3';
import { openTestStore, type TestStore } from '../foundation/database/testing.ts';
import { type Route, randomId, Secret } from '../foundation/index.ts';
import {
  chooseCredential,
  disableCredential,
  flagCredential,
  lend,
  reseal,
  rotateCredential,
  storeCredential,
  vaultRoutes,
} from './index.ts';
import { createKeyring } from './seal.ts';
import { findCredential, versionsOf } from './store.ts';
import { admitted, byAlice, newCredential, shopSecret, testKeyring, testTenant, testVault } from './testing.ts';

async function opened(t: TestContext): Promise<TestStore> {
  const store = await openTestStore();
  t.after(() => store.close());
  return store;
}

const nothing = { headers: [], query: '' };

test('a stored credential is lent to an admitted call at the origin a person named', async (t) => {
  const { ground } = await opened(t);
  const stored = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const loan = await lend(ground, testVault(ground), admitted({ credential: stored.id }));
  assert.deepEqual(loan.apply(nothing).headers, [['authorization', `Bearer ${shopSecret}`]]);
  assert.deepEqual(
    loan.watched.map((secret) => secret.unwrap()),
    [shopSecret],
  );
});

test('a loan is used once', async (t) => {
  const { ground } = await opened(t);
  const stored = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const loan = await lend(ground, testVault(ground), admitted({ credential: stored.id }));
  loan.apply(nothing);
  assert.throws(() => loan.apply(nothing), /used already/);
});

test('each kind has its place in the request', async (t) => {
  const { ground } = await opened(t);
  const kinds = [
    { name: 'a', kind: 'header', place: 'x-api-key', origins: ['https://a.example'] },
    { name: 'b', kind: 'basic', place: 'refund-bot', origins: ['https://b.example'] },
    { name: 'c', kind: 'query', place: 'api_key', origins: ['https://c.example'] },
  ] as const;
  const placed = [];
  for (const kind of kinds) {
    const wanted = newCredential({ ...kind, secret: new Secret('a+b/c=d&e%f') });
    const { id, origins } = await storeCredential(ground, testKeyring, byAlice, wanted);
    const loan = await lend(ground, testVault(ground), admitted({ credential: id, origin: origins[0]! }));
    placed.push(loan.apply({ headers: [['accept', '*/*']], query: 'limit=3' }));
  }
  assert.deepEqual(placed[0]?.headers.at(-1), ['x-api-key', 'a+b/c=d&e%f']);
  assert.deepEqual(placed[1]?.headers.at(-1), ['authorization', `Basic ${btoa('refund-bot:a+b/c=d&e%f')}`]);
  assert.equal(placed[2]?.query, 'limit=3&api_key=a%2Bb%2Fc%3Dd%26e%25f');
});

test('a call that brings the credential’s place along is refused', async (t) => {
  const { ground } = await opened(t);
  const header = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const wanted = newCredential({ name: 'q', kind: 'query', place: 'api_key', origins: ['https://q.example'] });
  const query = await storeCredential(ground, testKeyring, byAlice, wanted);
  const one = await lend(ground, testVault(ground), admitted({ credential: header.id }));
  assert.throws(() => one.apply({ headers: [['Authorization', 'x']], query: '' }), { code: 'vault.place_taken' });
  for (const brought of ['api_key=mine', 'a=1&api%5Fkey=mine', 'api_key']) {
    const loan = await lend(ground, testVault(ground), admitted({ credential: query.id, origin: 'https://q.example' }));
    assert.throws(() => loan.apply({ headers: [], query: brought }), { code: 'vault.place_taken' }, brought);
  }
});

test('moved-origin: another scheme, host or port gets no loan', async (t) => {
  const { ground } = await opened(t);
  const { id } = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const elsewhere = ['http://shop.example', 'https://shop.example:8443', 'https://shop.example.mallory.example'];
  for (const origin of [...elsewhere, 'https://sub.shop.example', 'https://shop.example/', 'HTTPS://SHOP.EXAMPLE']) {
    const call = admitted({ credential: id, origin });
    await assert.rejects(lend(ground, testVault(ground), call), { code: 'vault.origin_not_named' }, origin);
  }
});

test('a credential bound to an API or an agent user is lent to no other, and to no other tenant', async (t) => {
  const { ground } = await opened(t);
  const agentUser = randomId('agentUser');
  const { id: credential } = await storeCredential(
    ground,
    testKeyring,
    byAlice,
    newCredential({ api: 'shop', agentUser }),
  );
  const refused = async (part: Parameters<typeof admitted>[0], code: string) =>
    assert.rejects(lend(ground, testVault(ground), admitted({ credential, agentUser, ...part })), { code });
  await refused({ api: 'payroll' }, 'vault.wrong_api');
  await refused({ agentUser: null }, 'vault.wrong_agent_user');
  await refused({ agentUser: randomId('agentUser') }, 'vault.wrong_agent_user');
  await refused({ tenant: randomId('tenant') }, 'vault.credential_unknown');
  await refused({ credential: randomId('credential') }, 'vault.credential_unknown');
  assert.equal((await lend(ground, testVault(ground), admitted({ credential, agentUser }))).version, 1);
});

test('the most particular credential answers for a call, and two cannot answer for the same', async (t) => {
  const { ground } = await opened(t);
  const agentUser = randomId('agentUser');
  const store = (part: Parameters<typeof newCredential>[0]) =>
    storeCredential(ground, testKeyring, byAlice, newCredential(part));
  const any = await store({ name: 'any' });
  const shop = await store({ name: 'shop', api: 'shop' });
  const user = await store({ name: 'user', agentUser });
  const ask = (api: string, of: typeof agentUser | null, origin = 'https://shop.example') =>
    chooseCredential(ground, testTenant, { origin, api, agentUser: of });
  assert.equal(await ask('payroll', null), any.id);
  assert.equal(await ask('shop', null), shop.id);
  assert.equal(await ask('shop', agentUser), user.id);
  assert.equal(await ask('shop', null, 'https://other.example'), null);
  assert.equal(
    await chooseCredential(ground, randomId('tenant'), {
      origin: 'https://shop.example',
      api: 'shop',
      agentUser: null,
    }),
    null,
  );
  await assert.rejects(store({ name: 'again' }), { code: 'vault.door_taken' });
  await assert.rejects(store({ name: 'any', origins: ['https://else.example'] }), { code: 'thing.exists' });
  await disableCredential(ground, byAlice, { credential: any.id, reason: 'replaced' });
  assert.equal(await ask('payroll', null), null);
  assert.equal((await store({ name: 'again' })).state, 'active');
});

test('after a rotation the new secret is lent, and the old one is watched for until the overlap ends', async (t) => {
  const { ground } = await opened(t);
  const { id } = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const wanted = { credential: id, secret: new Secret('shop-secret-two'), overlapSeconds: 60 };
  await rotateCredential(ground, testKeyring, byAlice, wanted);
  const watched = async () => {
    const loan = await lend(ground, testVault(ground), admitted({ credential: id }));
    assert.deepEqual(loan.apply(nothing).headers, [['authorization', 'Bearer shop-secret-two']]);
    return loan.watched.map((secret) => secret.unwrap());
  };
  assert.deepEqual(await watched(), ['shop-secret-two', shopSecret]);
  ground.clock.advance(60_000);
  assert.deepEqual(await watched(), ['shop-secret-two']);
});

test('of two rotations at once one wins, and versions that nobody watches are erased', async (t) => {
  const { ground } = await opened(t);
  const { id } = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const rotate = (text: string) =>
    rotateCredential(ground, testKeyring, byAlice, { credential: id, secret: new Secret(text), overlapSeconds: 1 });
  const both = await Promise.allSettled([rotate('shop-secret-a'), rotate('shop-secret-b')]);
  assert.deepEqual(both.map((each) => each.status).sort(), ['fulfilled', 'rejected']);
  ground.clock.advance(2_000);
  await rotate('shop-secret-c');
  assert.deepEqual(
    (await versionsOf(ground, testTenant, id)).map((each) => each.version),
    [3, 2],
  );
  for (let i = 0; i < 20; i++) await rotate(`shop-secret-${i}`);
  assert.ok((await versionsOf(ground, testTenant, id)).length <= 16);
  assert.equal((await lend(ground, testVault(ground), admitted({ credential: id }))).version, 23);
});

test('a disabled credential is lent to nobody, its secret is erased, and it stays disabled', async (t) => {
  const { ground } = await opened(t);
  const { id: credential } = await storeCredential(ground, testKeyring, byAlice, newCredential());
  await disableCredential(ground, byAlice, { credential, reason: 'leaked' });
  await assert.rejects(lend(ground, testVault(ground), admitted({ credential })), {
    code: 'vault.credential_disabled',
  });
  assert.deepEqual(await versionsOf(ground, testTenant, credential), []);
  const again = { credential, secret: new Secret('shop-secret-two'), overlapSeconds: 0 };
  await assert.rejects(rotateCredential(ground, testKeyring, byAlice, again), { code: 'vault.credential_disabled' });
  await assert.rejects(disableCredential(ground, byAlice, { credential, reason: 'x' }), {
    code: 'vault.credential_disabled',
  });
});

test('after resealing the newest vault key alone opens everything', async (t) => {
  const { ground } = await opened(t);
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const { id } = await storeCredential(ground, createKeyring(old), byAlice, newCredential());
  const wanted = { credential: id, secret: new Secret('shop-secret-two'), overlapSeconds: 60 };
  await rotateCredential(ground, createKeyring(old), byAlice, wanted);
  await assert.rejects(lend(ground, testVault(ground, createKeyring(fresh)), admitted({ credential: id })), {
    code: 'vault.cannot_open',
  });
  assert.equal(await reseal(ground, createKeyring(fresh, old), byAlice), 2);
  assert.equal(await reseal(ground, createKeyring(fresh, old), byAlice), 0);
  assert.equal(
    (await lend(ground, testVault(ground, createKeyring(fresh)), admitted({ credential: id }))).watched.length,
    2,
  );
});

function edited(store: TestStore, run: (file: Sqlite.Database) => void): void {
  const file = new Sqlite(join(store.directory, 'ambit.db'));
  run(file);
  file.close();
}

test('an SVID has no secret, and all the same it knows its door: a moved row stays shut', async (t) => {
  const store = await opened(t);
  const { ground } = store;
  const made = { kind: 'x509-svid', secret: null } as const;
  const { id: credential } = await storeCredential(ground, testKeyring, byAlice, newCredential(made));
  const elsewhere = admitted({ credential, origin: 'https://mallory.example' });
  await assert.rejects(lend(ground, testVault(ground), elsewhere), { code: 'vault.origin_not_named' });
  const other = testVault(ground, createKeyring(randomBytes(32)));
  await assert.rejects(lend(ground, other, admitted({ credential })), { code: 'vault.cannot_open' });
  await assert.rejects(lend(ground, testVault(ground), admitted({ credential })), { code: 'svid.not_issued' });
});

test('key-beside-data: sealed rows swapped in the database file open for nobody', async (t) => {
  const store = await opened(t);
  const { ground } = store;
  const shop = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const mallory = newCredential({
    name: 'm',
    origins: ['https://mallory.example'],
    secret: new Secret('mallory-knows'),
  });
  const own = await storeCredential(ground, testKeyring, byAlice, mallory);
  edited(store, (file) => {
    const { sealed } = file.prepare('SELECT sealed FROM credential_secrets WHERE credential = ?').get(shop.id) as {
      sealed: string;
    };
    file.prepare('UPDATE credential_secrets SET sealed = ? WHERE credential = ?').run(sealed, own.id);
  });
  const call = admitted({ credential: own.id, origin: 'https://mallory.example' });
  // The log knows better than the row; and were there no log, the box would not open under another credential.
  await assert.rejects(lend(ground, testVault(ground), call), { code: 'store.row_unexplained' });
});

test('key-beside-data: an origin written into the row beside the secret does not open it', async (t) => {
  const store = await opened(t);
  const { ground } = store;
  const { id } = await storeCredential(ground, testKeyring, byAlice, newCredential());
  edited(store, (file) => {
    const origins = JSON.stringify(['https://mallory.example', 'https://shop.example']);
    file.prepare('UPDATE credentials SET origins = ? WHERE id = ?').run(origins, id);
  });
  for (const origin of ['https://mallory.example', 'https://shop.example']) {
    await assert.rejects(lend(ground, testVault(ground), admitted({ credential: id, origin })), {
      code: 'store.row_unexplained',
    });
  }
});

test('the secret is in no file, no entry, no answer and no print', async (t) => {
  const store = await opened(t);
  const { ground } = store;
  const stored = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const loan = await lend(ground, testVault(ground), admitted({ credential: stored.id }));
  const seen = [
    inspect(stored, { depth: 9 }),
    inspect(loan, { depth: 9 }),
    JSON.stringify(loan),
    JSON.stringify(stored),
  ];
  for (const entry of await ground.database.log.entries(testTenant, { limit: 10 })) {
    seen.push(JSON.stringify([entry.header, ground.database.log.open(entry)]));
  }
  for (const name of ['ambit.db', 'ambit.db-wal']) seen.push(readFileSync(join(store.directory, name), 'latin1'));
  assert.ok(seen.every((text) => !text.includes(shopSecret)));
  assert.equal((await ground.database.log.entries(testTenant, { kind: 'credential.stored', limit: 10 })).length, 1);
});

test('an answer that sent the secret back flags the credential, in the row and in the log', async (t) => {
  const { ground } = await opened(t);
  const { id } = await storeCredential(ground, testKeyring, byAlice, newCredential());
  const about = randomId('entry');
  await flagCredential(ground, byAlice, { credential: id, about, because: 'the secret stood in the answer' });
  assert.equal((await findCredential(ground, testTenant, id))?.flaggedAt, ground.clock());
  const [entry] = await ground.database.log.entries(testTenant, { kind: 'credential.flagged', limit: 1 });
  assert.equal(entry?.header.about, about);
});

test('what could not be a credential is refused with the part that is wrong', async (t) => {
  const { ground } = await opened(t);
  const wrong: [Parameters<typeof newCredential>[0], RegExp][] = [
    [{ origins: [] }, /1 to 16 origins/],
    [{ origins: ['shop.example'] }, /not an origin/],
    [{ origins: ['https://shop.example/path'] }, /not an origin/],
    [{ kind: 'bearer', place: 'x' }, /no place/],
    [{ kind: 'header', place: null }, /needs its place/],
    [{ kind: 'header', place: 'Host' }, /small letters/],
    [{ kind: 'header', place: 'host' }, /cannot carry/],
    [{ kind: 'header', place: 'transfer-encoding' }, /cannot carry/],
    [{ kind: 'header', place: 'x-forwarded-for' }, /cannot carry/],
    [{ kind: 'query', place: 'a&b' }, /query parameter/],
    [{ kind: 'basic', place: 'alice:x' }, /without a colon/],
    [{ secret: new Secret('short') }, /8 to 4096/],
    [{ secret: new Secret('x'.repeat(5_000)) }, /8 to 4096/],
    [{ secret: new Secret('line\r\nbreak: here') }, /visible ASCII/],
    [{ secret: new Secret('two words here') }, /visible ASCII/],
  ];
  for (const [part, sentence] of wrong) {
    const storing = storeCredential(ground, testKeyring, byAlice, newCredential(part));
    await assert.rejects(storing, { code: 'vault.credential_invalid', because: sentence }, JSON.stringify(part));
  }
});

const runOf = (routes: readonly Route[]) => async (method: string, path: string, part: object) => {
  const row = routes.find((each) => each.method === method && each.path === path);
  assert.ok(row, `${method} ${path}`);
  const caller = { kind: 'person', person: randomId('person'), roles: ['administrator'], ...byAlice };
  return row.run({ caller, params: {}, query: {}, body: undefined, ...part } as never);
};

test('the routes are for administrators, take secrets in and never give one out', async (t) => {
  const { ground } = await opened(t);
  const routes = vaultRoutes(ground, testVault(ground));
  assert.ok(routes.every((row) => row.who === 'administrator'));
  const run = runOf(routes);
  const body = { name: 'shop', kind: 'bearer', origins: ['https://shop.example'], secret: shopSecret };
  const made = await run('POST', '/v1/credentials', { body });
  const credential = (made.body as { id: string }).id;
  const at = { params: { credential } };
  const answers = [
    made,
    await run('GET', '/v1/credentials', {}),
    await run('GET', '/v1/credentials/:credential', at),
    await run('POST', '/v1/credentials/:credential/rotate', { ...at, body: { secret: 'shop-secret-two' } }),
    await run('POST', '/v1/credentials/:credential/disable', { ...at, body: { reason: 'replaced' } }),
  ];
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [201, 200, 200, 200, 200],
  );
  assert.ok(answers.every((answer) => !/shop-secret|sealed|v1\./.test(JSON.stringify(answer))));
  const unknown = { params: { credential: randomId('credential') } };
  await assert.rejects(run('GET', '/v1/credentials/:credential', unknown), { code: 'thing.not_found' });
  await assert.rejects(run('GET', '/v1/credentials/:credential', { params: { credential: '../x' } }), {
    code: 'thing.not_found',
  });
});
