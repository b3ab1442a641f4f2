import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type EntryId,
  parseId,
  parseShortReceipt,
  parseVerifierKey,
  type ShortReceipt,
  verifyReceipt,
} from '@ambit/protocol';
import { verifyExport } from '../../src/audit/index.ts';
import { sha256, verifyEd25519 } from '../../src/audit/log-key.ts';
import { type House, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

let house: House;
let agent: RawAgent;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
});
after(() => house.close());

type Told = { readonly entry: EntryId; readonly receipt: ShortReceipt };

/** What an agent keeps of an answer. */
function toldBy(response: Response): Told {
  const entry = parseId('entry', response.headers.get('ambit-entry') ?? undefined);
  const receipt = parseShortReceipt(response.headers.get('ambit-receipt') ?? '');
  assert.ok(entry, 'the answer names its entry');
  assert.ok(receipt, 'the answer has a receipt');
  return { entry, receipt };
}

/** The receipt holds: the log has that very leaf at that place, under a checkpoint that the log's key signed. */
async function requireHeld({ entry, receipt: kept }: Told) {
  const { receipt } = await house.carol.operator.log.entry(entry);
  assert.deepEqual([receipt.index, receipt.leaf], [kept.index, kept.leaf]);
  const key = parseVerifierKey((await house.carol.operator.log.checkpoint()).key, sha256);
  assert.equal(verifyReceipt(receipt, key, sha256, verifyEd25519), true);
  return receipt;
}

const refund = (token: string, amount: string) =>
  agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body: { amount, currency: 'USD' } });

async function exported(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of await house.carol.operator.log.export()) lines.push(line);
  return lines;
}

test('every answer has a receipt that the log holds: permitted, refused, parked, and what came after the yes', async () => {
  const token = await agent.accept(await house.openTask());
  const permitted = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(permitted.status, 200);
  const refused = await refund(token, '180.00');
  assert.equal(refused.status, 403);
  const parked = await refund(token, '80.00');
  assert.equal(parked.status, 202);
  const [question] = await house.bob.operator.approvals.list();
  assert.ok(question);
  await house.bob.operator.approvals.answer(question, 'yes');
  const location = parked.headers.get('location') ?? '';
  const later = await agent.call(token, 'GET', location, { headers: { prefer: 'wait=10' } });
  assert.equal(later.status, 201, await later.text());
  const told = [permitted, refused, parked, later].map(toldBy);
  assert.equal(new Set(told.map(({ entry }) => entry)).size, 4, 'each of them is another entry');
  for (const one of told) await requireHeld(one);
});

test('a caller without proof gets a receipt too, of an entry that no tenant reads', async () => {
  const { size } = await house.carol.operator.log.checkpoint();
  const unproved = await fetch(`${house.plane.agents}/api/shop/orders/${order}`);
  assert.equal(unproved.status, 401);
  const { entry, receipt } = toldBy(unproved);
  await assert.rejects(house.carol.operator.log.entry(entry), 'it is no entry of the tenant');
  assert.ok(receipt.index >= size);
});

test('a kept receipt anchors an export, and one whose newest entries were cut off is found', async () => {
  const token = await agent.accept(await house.openTask());
  const kept = toldBy(await agent.call(token, 'GET', `/api/shop/orders/${order}`));
  const whole = await exported();
  const { checkpoint, index } = await requireHeld(kept);
  const later = await exported();
  assert.deepEqual(leafAt(later, index), kept.receipt.leaf, 'the header alone finds its entry in the export');
  assert.equal(leafAt(older(later, kept), index), undefined, 'and misses it where it was cut off');
  const anchored = await verifyExport(later, { anchors: [checkpoint] });
  assert.equal(anchored.ok, true, anchored.says);
  assert.ok((anchored.anchoredAt ?? 0) > index, 'the anchor covers the entry');
  assert.equal((await verifyExport(later)).anchoredAt, null);
  const cut = await verifyExport(older(whole, kept), { anchors: [checkpoint] });
  assert.equal(cut.ok, false, 'an export without the entry passes for whole');
});

test('a receipt with another leaf, place or checkpoint does not verify', async () => {
  const token = await agent.accept(await house.openTask());
  const receipt = await requireHeld(toldBy(await agent.call(token, 'GET', `/api/shop/orders/${order}`)));
  const next = await requireHeld(toldBy(await refund(token, '180.00')));
  const key = parseVerifierKey((await house.carol.operator.log.checkpoint()).key, sha256);
  const isGood = (one: typeof receipt) => verifyReceipt(one, key, sha256, verifyEd25519);
  assert.equal(isGood({ ...receipt, leaf: next.leaf }), false);
  assert.equal(isGood({ ...receipt, index: receipt.index - 1 }), false);
  const forged = receipt.checkpoint.replace(/^\d+$/m, (size) => String(Number(size) + 1));
  assert.throws(() => isGood({ ...receipt, checkpoint: forged }), { name: 'NoteFault' });
});

/** The leaf that an export has at that place, for an entry of the tenant's own. */
function leafAt(lines: readonly string[], index: number): string | undefined {
  const all = lines.map((text) => JSON.parse(text) as { type: string; index?: number; leaf?: string });
  const line = all.find((one) => one.type === 'entry' && one.index === index);
  return line?.leaf;
}

/** The export as it would be had the log ended just before the entry. */
function older(lines: readonly string[], { receipt }: Told): string[] {
  return lines.filter((text) => {
    const line = JSON.parse(text) as { type: string; index?: number; from?: number };
    return (line.index ?? line.from ?? 0) < receipt.index;
  });
}
