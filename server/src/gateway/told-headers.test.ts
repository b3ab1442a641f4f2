import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EntryId, formatId, type TenantId } from '@ambit/protocol';
import { toldHeaders } from './told-headers.ts';

const tenant: TenantId = formatId('tenant', new Uint8Array(13).fill(1));
const entry: EntryId = formatId('entry', new Uint8Array(13).fill(2));

function desk(receipt: (tenant: TenantId, entry: EntryId) => Promise<string>) {
  const complaints: string[] = [];
  return { receipt, complain: (about: string) => complaints.push(about), complaints };
}

test('an answer names its entry and carries the receipt of that entry in that tenant', async () => {
  const rooms = desk(async (...of) => of.join(' of '));
  assert.deepEqual(await toldHeaders(rooms, tenant, entry), {
    'ambit-entry': entry,
    'ambit-receipt': `${tenant} of ${entry}`,
  });
  assert.deepEqual(rooms.complaints, []);
});

test('an answer is not held back for want of its receipt: the operator hears of it', async () => {
  const rooms = desk(() => Promise.reject(new Error('the store is gone')));
  assert.deepEqual(await toldHeaders(rooms, tenant, entry), { 'ambit-entry': entry });
  assert.deepEqual(rooms.complaints, [`the receipt of ${entry}`]);
});

test('what is no id of an entry is never asked about', async () => {
  const rooms = desk(() => Promise.reject(new Error('asked')));
  assert.deepEqual(await toldHeaders(rooms, tenant, 'tsk_1'), { 'ambit-entry': 'tsk_1' });
  assert.deepEqual(rooms.complaints, []);
});
