import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUnsettled } from './unsettled.ts';

test('outcomes that the store did not take are written once, in order, as soon as it takes them', async () => {
  const unsettled = createUnsettled();
  const written: string[] = [];
  let takes = false;
  for (const name of ['first', 'second']) {
    unsettled.keep(async () => {
      if (!takes) throw new Error('the store is full');
      written.push(name);
    });
  }
  await assert.rejects(unsettled.write(), /the store is full/);
  assert.deepEqual(written, []);
  takes = true;
  await Promise.all([unsettled.write(), unsettled.write()]);
  await unsettled.write();
  assert.deepEqual(written, ['first', 'second']);
});

test('one that fails is kept, and neither holds up the others nor has them written again', async () => {
  const unsettled = createUnsettled();
  const written: string[] = [];
  let fails = 1;
  unsettled.keep(async () => {
    if (fails-- > 0) throw new Error('once');
    written.push('first');
  });
  unsettled.keep(async () => void written.push('second'));
  await assert.rejects(unsettled.write(), /once/);
  assert.deepEqual(written, ['second']);
  await unsettled.write();
  assert.deepEqual(written, ['second', 'first']);
});
