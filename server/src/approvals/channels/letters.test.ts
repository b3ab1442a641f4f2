import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderParts } from '@ambit/protocol';
import fc from 'fast-check';
import { questionLetter, sumLetter } from './letters.ts';
import type { Notice } from './notice.ts';

const people = 'https://people.example';
const notice = {
  ...{ type: 'approval.asked', at: 0, approval: 'apr_0123456789abcdefghjk', task: 'tsk_0123456789abcdefghjk' },
  ...{ agent: 'agt_0123456789abcdefghjk', requester: 'psn_0123456789abcdefghjk', action: 'shop:refunds.create' },
  ...{ sentence: 'Refund 80.00 USD', expiresAt: 900_000, answer: null, answeredBy: null },
} as unknown as Notice;
const nobody = { agent: null, requester: null };
const withheld = 'Call shop:refunds.create. What it would do is on the card alone.';

test('a sentence out of which a reader of mail would make a link is on the card alone', () => {
  const lines = (sentence: string) => questionLetter({ ...notice, sentence }, nobody, people).text.split('\n')[0];
  for (const value of ['https://evil.example', 'www.evil', 'evil.example', 'mallory@evil', 'ftp://x', 'пример.рф'])
    assert.equal(lines(`Refund 80.00 USD to ${value}`), withheld, value);
  for (const plain of ['Refund 80.00 USD for order 1042', 'Call shop:refunds.create with 3 values'])
    assert.equal(lines(plain), plain);
});

test('a name out of which one would make a link, or that reads as a sentence, gives way to the id', () => {
  for (const name of ['evil.example', 'Refund approved. Click here', 'pаypal', 'bot\u202Egnp', 'b'.repeat(80)]) {
    const { subject, text } = questionLetter(notice, { agent: name, requester: name }, people);
    assert.equal(subject, '1 question from an agent');
    assert.match(text, /Asked by: agt_0123456789abcdefghjk, for psn_0123456789abcdefghjk\n/);
  }
  const { subject, text } = questionLetter(notice, { agent: 'refund-bot', requester: 'Alice Moreau' }, people);
  assert.equal(subject, '1 question from refund-bot');
  assert.match(text, /Asked by: refund-bot, for Alice Moreau\n/);
});

test('whatever values and names hold, the subject is one line of ours, and each link leads here', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\r\nBcc: mallory@evil.example', 'a\nb', '<a href=//evil>', '"><script>', '\u2028', '\u202E'),
  );
  fc.assert(
    fc.property(odd, odd, odd, (agent, requester, value) => {
      const sentence = renderParts([{ text: 'Refund ' }, { value, kind: 'text', source: 'call' }]);
      const { subject, text, html } = questionLetter({ ...notice, sentence }, { agent, requester }, people);
      assert.match(subject, /^1 question from [\p{L}\p{N}\p{M} '.-]+$/u);
      assert.doesNotMatch(subject, /[^ ]\.[^ ]{2}/);
      assert.ok(!/[\r\v\f\u2028\u2029\u202E]/.test(text + html));
      assert.doesNotMatch(html, /<(?!\/?(?:html|body|p|a|br)\b|!doctype)/);
      assert.deepEqual(
        [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link),
        [`${people}/inbox/${notice.approval}`],
      );
      assert.deepEqual(text.match(/\S+:\/\/\S*/g), [`${people}/inbox/${notice.approval}`]);
    }),
  );
});

test('of many questions one letter says how many', () => {
  assert.equal(sumLetter('1', true, people).subject, '1 more question waits');
  assert.equal(sumLetter('over 99', true, people).subject, 'over 99 more questions wait');
  assert.equal(sumLetter('7', false, people).subject, '7 questions wait');
});
