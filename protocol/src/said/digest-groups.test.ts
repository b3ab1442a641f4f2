import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { digestGroups } from './digest-groups.ts';

test('a digest is spelled as what other tools print of it, four digits at a time', () => {
  const hash = () => createHash('sha256').update('Refund 80.00 USD');
  const groups = digestGroups(`sha-256:${hash().digest('base64url')}`);
  assert.equal(groups.length, 16);
  assert.ok(groups.every((one) => one.length === 4));
  assert.equal(groups.join(''), hash().digest('hex'));
});

test('what is no digest is shown as it came, and never as another one', () => {
  // The last: 43 letters of which the end stands for no whole byte, so two texts would be one digest.
  for (const text of ['', 'sha-256:', 'sha-512:AAAA', 'sha-256:!', `sha-256:${'A'.repeat(42)}B`])
    assert.deepEqual(digestGroups(text), [text]);
});
