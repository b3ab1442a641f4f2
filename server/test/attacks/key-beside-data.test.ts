// The thief takes one folder, and hopes that the key lies in it; or has the store alone, and moves what is sealed in it.
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../house.ts';
import { edit } from './offline.ts';
import { atWork } from './questions.ts';
import { refused, stepsOf } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(async () => {
  // The rows that were moved about below are put back in place, so the log explains every one of them again.
  await house.close();
});

const starts = (env: Record<string, string> = {}) => house.restart(env);

test('a key inside the data directory does not open the plane, by whatever path it is named', async () => {
  const { dataDirectory, keyFile } = house.config;
  const inside = [
    join(dataDirectory, 'ambit.keys'),
    join(dataDirectory, '..hidden', 'ambit.keys'),
    join(dataDirectory, 'deep', '..', 'ambit.keys'),
  ];
  mkdirSync(join(dataDirectory, '..hidden'));
  mkdirSync(join(dataDirectory, 'deep'));
  for (const path of inside) {
    copyFileSync(keyFile, path);
    await assert.rejects(starts({ AMBIT_KEYS: path }), { name: 'KeyFault', message: /keep keys and data apart/ }, path);
    unlinkSync(path);
  }
  const real = join(dataDirectory, 'ambit.keys');
  copyFileSync(keyFile, real);
  const link = join(house.directory, 'elsewhere');
  symlinkSync(dataDirectory, link);
  await assert.rejects(starts({ AMBIT_KEYS: join(link, 'ambit.keys') }), { name: 'KeyFault', message: /apart/ });
  const file = join(house.directory, 'linked.keys');
  symlinkSync(real, file);
  await assert.rejects(starts({ AMBIT_KEYS: file }), { name: 'KeyFault', message: /apart/ });
  unlinkSync(real);
});

test('a key that others can read does not open the plane', async () => {
  const { keyFile } = house.config;
  for (const mode of [0o640, 0o604, 0o660, 0o601]) {
    chmodSync(keyFile, mode);
    await assert.rejects(starts(), { name: 'KeyFault', message: /chmod 600/ }, mode.toString(8));
  }
  chmodSync(keyFile, 0o600);
  await starts();
  assert.equal(statSync(house.config.dataDirectory).mode & 0o077, 0, 'others can read the data directory');
});

test('without its key the store opens nothing: a stolen folder is no plane', async () => {
  const { keyFile } = house.config;
  renameSync(keyFile, `${keyFile}.away`);
  await assert.rejects(starts(), { name: 'KeyFault', message: /bring back your copy/ });
  renameSync(`${keyFile}.away`, keyFile);
  await starts();
  const keys = readFileSync(keyFile, 'utf8');
  const { master } = JSON.parse(keys) as { master: string };
  for (const name of readdirSync(house.config.dataDirectory)) {
    const path = join(house.config.dataDirectory, name);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    for (const secret of [house.shopKey, master, 'BEGIN PRIVATE KEY']) {
      assert.ok(!bytes.includes(secret), `${secret.slice(0, 10)}… stands in ${name}`);
    }
    assert.ok(!bytes.includes(Buffer.from(master, 'base64url')), `the master secret stands in ${name}`);
  }
});

type Row = { credential: string; sealed: string };

test('a sealed secret that was moved under another credential stays shut, and nothing is sent', async () => {
  const { operator } = house.ada;
  const other = await operator.credentials.store({
    name: 'bank',
    kind: 'bearer',
    origins: ['https://bank.example'],
    secret: 'bank-secret-0001',
  });
  const shop = (await operator.credentials.list()).find((one) => one.name === 'shop')!;
  const { agent, token, task } = await atWork(house);
  const read = () => agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal((await read()).status, 200);
  let rows: Row[] = [];
  await edit(house, (file) => {
    rows = file.prepare('SELECT credential, sealed FROM credential_secrets').all() as Row[];
    const sealedOf = (id: string) => rows.find((row) => row.credential === id)!.sealed;
    const put = file.prepare('UPDATE credential_secrets SET sealed = ? WHERE credential = ?');
    put.run(sealedOf(other.id), shop.id);
    put.run(sealedOf(shop.id), other.id);
  });
  await starts();
  const before = house.shop.requests().length;
  await refused(await read(), 'store.row_unexplained');
  assert.equal(house.shop.requests().length, before);
  const step = (await stepsOf(house, task)).findLast((one) => one.action === 'shop:orders.get');
  assert.deepEqual([step?.decided, step?.outcome?.code], ['permit', 'failed']);
  await edit(house, (file) => {
    const put = file.prepare('UPDATE credential_secrets SET sealed = ? WHERE credential = ?');
    for (const row of rows) put.run(row.sealed, row.credential);
  });
  await starts();
  assert.equal((await read()).status, 200);
});

test('a row that says the secret may go to another origin does not open it there', async () => {
  const { agent, token } = await atWork(house);
  const shop = (await house.ada.operator.credentials.list()).find((one) => one.name === 'shop')!;
  const move = (from: string, to: string) =>
    edit(house, (file) => {
      file
        .prepare('UPDATE credentials SET origins = ? WHERE id = ?')
        .run(JSON.stringify([to, ...(to === house.shop.url ? [] : [from])].sort()), shop.id);
    });
  await move(house.shop.url, 'https://mallory.example');
  await starts();
  await refused(await agent.call(token, 'GET', `/api/shop/orders/${order}`), 'store.row_unexplained');
  await move('https://mallory.example', house.shop.url);
  await starts();
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});

test('codes and session tokens stand in the store as hashes only', async () => {
  const { enrolment } = await house.ada.operator.persons.register({ name: 'Grace' });
  const { secret } = await house.ada.operator.points.register({ name: 'proxy', kind: 'auth-request' });
  await edit(house, (file) => {
    for (const { name } of file.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as {
      name: string;
    }[]) {
      const text = JSON.stringify(file.prepare(`SELECT * FROM "${name}"`).all());
      for (const one of [enrolment.code, secret ?? '', house.shopKey])
        assert.ok(!text.includes(one), `a secret stands in ${name}`);
    }
  });
  await starts();
});
