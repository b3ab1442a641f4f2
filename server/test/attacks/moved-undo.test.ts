// What takes a call back becomes another call between reading and acting: by a re-import, another word in the catalog, a move of the API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { type House, openHouse, shopDescription } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { answer, handmadeUpstream, outcomeOf, refund, type Upstream } from './witness.ts';

let house: House;
let working: Working;
let elsewhere: Upstream;
before(async () => {
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  elsewhere = await handmadeUpstream(({ socket }) => answer(socket, 200, {}));
  working = await atWork(house);
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
});
after(async () => {
  await house.close();
  await elsewhere.close();
});

const log = () => house.alice.operator.log;
const writes = () => house.shop.requests().filter(({ method }) => method !== 'GET').length;
let cents = 0;

async function refunded(): Promise<EntryId> {
  cents++;
  const response = await refund(working.agent, working.token, `0.${String(cents).padStart(2, '0')}`);
  assert.equal(response.status, 201, await response.clone().text());
  await outcomeOf(house, working.task);
  return response.headers.get('ambit-entry') as EntryId;
}

/** What was read counts no more, and nothing was sent anywhere; what is read now says another call. */
async function movedBy(change: () => Promise<unknown>, becomes: RegExp): Promise<void> {
  const entry = await refunded();
  const seen = await log().undo(entry);
  await change();
  const before = writes();
  await assert.rejects(log().undoNow(entry, seen.digest), { code: 'undo.moved' });
  assert.equal(writes(), before);
  assert.deepEqual(elsewhere.heard, []);
  const now = await log().undo(entry);
  assert.match(now.call, becomes);
  assert.notEqual(now.digest, seen.digest);
}

const importing = (text: string) => async () => {
  assert.notEqual(text, shopDescription());
  await house.ada.operator.catalog.import({ name: 'shop', text });
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.confirm('shop', { revision });
};
const back = async () => {
  await house.ada.operator.catalog.import({ name: 'shop', text: shopDescription() });
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.confirm('shop', { revision });
};

test('what is read names the method, and the whole address', async () => {
  const { call } = await log().undo(await refunded());
  const { origin, basePath } = await house.ada.operator.catalog.show('shop');
  assert.equal(call, `DELETE ${origin}${basePath}/refunds/{refundId}`);
});

test('another path', async () => {
  const text = shopDescription().replace('"/refunds/{refundId}"', '"/refunds/{refundId}/payout"');
  await movedBy(importing(text), /^DELETE \S+\/refunds\/\{refundId\}\/payout$/);
  await back();
});

test('another method', async () => {
  const described = JSON.parse(shopDescription());
  const { delete: cancel, ...rest } = described.paths['/refunds/{refundId}'];
  described.paths['/refunds/{refundId}'] = { ...rest, put: cancel };
  await movedBy(importing(JSON.stringify(described)), /^PUT \S+\/refunds\/\{refundId\}$/);
  await back();
});

test('another address of the API', async () => {
  const { catalog } = house.ada.operator;
  const { origin, basePath } = await catalog.show('shop');
  const move = async (server: string) =>
    catalog.move('shop', { server, revision: (await catalog.show('shop')).revision });
  await movedBy(() => move(elsewhere.url), new RegExp(`^DELETE ${elsewhere.url}/refunds`));
  await move(`${origin}${basePath}`);
  await movedBy(() => move(`${origin}/v9`), /^DELETE \S+\/v9\/refunds/);
  await move(`${origin}${basePath}`);
});

test('what is read anew is done, once', async () => {
  const entry = await refunded();
  const { digest } = await log().undo(entry);
  assert.equal((await log().undoNow(entry, digest)).kind, 'done');
});
