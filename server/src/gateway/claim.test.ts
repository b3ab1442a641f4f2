import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agentClaimHeader } from '@ambit/protocol';
import fc from 'fast-check';
import { readClaim } from './claim.ts';

const reasonOf = (value: string | string[] | undefined) => readClaim({ [agentClaimHeader.reason]: value }).reason;

describe('what the agent says of itself', () => {
  test('is read from its three headers, percent-decoded', () => {
    const { reason, step, toolCall } = agentClaimHeader;
    assert.deepEqual(
      readClaim({ [reason]: 'Der%20Stuhl%20ist%20kaputt', [step]: '3', [toolCall]: 'refund%F0%9F%AA%91' }),
      {
        reason: 'Der Stuhl ist kaputt',
        step: '3',
        toolCall: 'refund🪑',
      },
    );
  });

  test('is nothing where it says nothing, or says it more than once', () => {
    assert.deepEqual(readClaim({}), { reason: null, step: null, toolCall: null });
    for (const value of [undefined, '', [], ['a', 'b'], ['a']]) assert.equal(reasonOf(value), null);
  });

  test('is kept as it came where it does not decode', () => {
    for (const value of ['100%', '%', '%zz', '%C3%28', '%ED%A0%80']) assert.equal(reasonOf(value), value);
  });

  test('is cut, and a cut leaves no half of a character', () => {
    assert.equal(reasonOf('x'.repeat(501))?.length, 500);
    const cut = reasonOf(`${'x'.repeat(499)}${encodeURIComponent('🪑🪑')}`);
    assert.equal(cut, `${'x'.repeat(499)}\ufffd`);
  });

  test('law: whatever comes in, what is kept is short, well formed text, and the SDK’s own words come out whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (value) => {
        const kept = reasonOf(value);
        assert.ok(kept === null || (kept.length <= 500 && kept.isWellFormed()));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), (words) => {
        fc.pre(words.isWellFormed() && words.length <= 500);
        assert.equal(reasonOf(encodeURIComponent(words)), words);
      }),
    );
  });
});
