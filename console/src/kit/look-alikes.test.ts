import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findAlikeAmong, type Named, skeletonsOf } from './look-alikes.ts';

const agent = (name: string, id = 'agt_known'): Named => ({ id, kind: 'agent', name });
const isLike = (name: string, other: string) => findAlikeAmong([agent(other)])(agent(name, 'agt_new')).length > 0;

for (const [name, why] of [
  ['refund-bοt', 'a Greek omicron'],
  ['rеfund-bоt', 'Cyrillic letters'],
  ['refund-b0t', 'a zero'],
  ['refund\u200b-bot', 'a space of no width'],
  ['refund\u2060-bot\u00ad', 'what joins and breaks words unseen'],
  ['\u202erefund-bot', 'a mark that turns text around'],
  ['ｒｅｆｕｎｄ－ｂｏｔ', 'letters of full width'],
  ['Refund Bot', 'capitals and a space'],
  ['refund_bot', 'another dash'],
  ['réfund-bot', 'an accent'],
  ['ᎡᎬFUND-BOT', 'Cherokee letters'],
] as const)
  test(`a name with ${why} looks like the one without`, () => assert.ok(isLike(name, 'refund-bot')));

test('a name of Cyrillic letters alone looks like the Latin one that it is drawn like', () => {
  assert.ok(isLike('РАУР', 'PAYP'));
  assert.ok(isLike('сосо', 'coco'));
});

test('letters that are drawn like others, or like two of them, are told', () => {
  assert.ok(isLike('paypaI', 'paypal'));
  assert.ok(isLike('Invoice', 'lnvoice'));
  assert.ok(isLike('Invoice', 'invoice'));
  assert.ok(isLike('modem-bot', 'modern-bot'));
  assert.ok(isLike('vvatcher', 'watcher'));
  assert.ok(isLike('bot1', 'botl'));
});

test('names that only have something in common are not alike', () => {
  for (const [one, other] of [
    ['refund-bot', 'refunds-bot'],
    ['mail-bot', 'mall-bot'],
    ['bot-1', 'bot-2'],
    ['Alice', 'Alicia'],
    ['Дана', 'Dana'],
  ] as const)
    assert.ok(!isLike(one, other), `${one} and ${other}`);
});

test('nobody looks like themselves, and who has the very same name is told', () => {
  const find = findAlikeAmong([agent('tag-bot', 'agt_1'), agent('tag-bot', 'agt_2'), agent('---', 'agt_3')]);
  assert.deepEqual(find(agent('tag-bot', 'agt_1')), [agent('tag-bot', 'agt_2')]);
  assert.deepEqual(find(agent('...', 'agt_4')), [], 'names of marks alone have nothing to be compared by');
});

test('looking alike holds both ways, whatever the names are', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'aеοI1l0-rnmvѡИ\u200b\u0301Ａ'), maxLength: 8 });
  const any = fc.oneof(letters, fc.string({ unit: 'grapheme', maxLength: 12 }));
  fc.assert(fc.property(any, any, (one, other) => assert.equal(isLike(one, other), isLike(other, one))));
});

test('what nobody sees changes no skeleton, wherever it stands', () => {
  const unseen = fc.constantFrom('\u200b', '\u200d', '\u2066', '\ufe0f', '\u{e0041}', '\u0000');
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.nat(12), unseen, (name, at, one) => {
      assert.deepEqual(skeletonsOf(name.slice(0, at) + one + name.slice(at)), skeletonsOf(name));
    }),
  );
});
