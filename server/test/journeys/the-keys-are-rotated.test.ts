import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TenantId } from '@ambit/protocol';
import { decodeProtectedHeader } from 'jose';
import { rotateTokenKey, rotateVaultKey, type StoredEntry } from '../../src/foundation/index.ts';
import { plane } from '../../src/identity/index.ts';
import { initialise, keySourceOf } from '../../src/opening.ts';
import { whileDown } from '../attacks/offline.ts';
import { type House, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

let house: House;
let agent: RawAgent;
let tenant: TenantId;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
  ({ tenant } = await house.alice.operator.me());
});
after(() => house.close());

const read = async (token: string) => (await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status;
const source = () => keySourceOf(house.config);
const entries = (of: TenantId, kind: string): Promise<StoredEntry[]> =>
  whileDown(house, ({ database }) => database.log.entries(of, { kind, limit: 100 }));

test('a new token key signs what is new, a token signed by the one before is good until it ends', async () => {
  const task = await house.openTask();
  const old = await agent.accept(task);
  const { tokens } = rotateTokenKey(source(), Date.now);
  await house.restart();
  assert.equal(await read(old), 200);
  const fresh = await agent.taskToken(task);
  assert.deepEqual(
    [fresh, old].map((token) => decodeProtectedHeader(token).kid),
    tokens.map(({ kid }) => kid),
  );
  assert.equal(await read(fresh), 200);
});

test('a new vault key seals every credential at the next start, and then the one before is needed no more', async () => {
  const token = await agent.accept(await house.openTask());
  rotateVaultKey(source(), Date.now);
  await house.restart();
  const [resealed, ...more] = await entries(tenant, 'credential.resealed');
  assert.deepEqual(more, []);
  assert.equal(resealed?.header.who.initiator, 'plane');
  assert.equal(await read(token), 200);
  const content = JSON.parse(readFileSync(house.config.keyFile, 'utf8'));
  writeFileSync(house.config.keyFile, JSON.stringify({ ...content, vault: content.vault.slice(0, 1) }));
  await house.restart();
  assert.equal(await read(token), 200, 'the newest key alone opens it');
});

test('the log tells each change of keys once, by thumbprints, and a start with the same keys says nothing', async () => {
  const changed = await entries(plane, 'keys.changed');
  const counts = changed.map(({ header }) => header.keys.map((key) => key.split(':')[0]).join(' '));
  assert.deepEqual(counts, [
    'log master token vault',
    'log master token token vault',
    'log master token token vault vault',
    'log master token token vault',
  ]);
  assert.equal((await entries(plane, 'keys.changed')).length, 4);
});

test('the same keys, given as a text, are the same keys', async () => {
  const { keyFile } = house.config;
  const token = await agent.accept(await house.openTask());
  // Where no file is named, the usual one counts, and a plane that was started here by hand has left one.
  const here = process.cwd();
  process.chdir(mkdtempSync(join(house.directory, 'elsewhere-')));
  const asText = { AMBIT_KEYS: '', AMBIT_KEYS_JSON: readFileSync(keyFile, 'utf8') };
  renameSync(keyFile, `${keyFile}.away`);
  await house.restart(asText);
  process.chdir(here);
  assert.equal(await read(token), 200);
  renameSync(`${keyFile}.away`, keyFile);
  assert.equal((await entries(plane, 'keys.changed')).length, 4);
});

test('on a store that is there no plane is made anew, whatever keys are given', async () => {
  const names = { tenant: 'Mallory Inc', administrator: 'Mallory' };
  const config = { ...house.config, keyFile: `${house.config.keyFile}.other` };
  await assert.rejects(initialise(config, names), /there is a store in .* already: nothing was changed/);
  assert.throws(() => readFileSync(config.keyFile), { code: 'ENOENT' });
});
