import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addDecimal, decimalOf } from '../decimal.ts';
import { formatId } from '../ids.ts';
import type { QuestionShown, Shown, ShownValue } from './approval-card.ts';
import { togetherCard } from './together-card.ts';

const id = <K extends Parameters<typeof formatId>[0]>(kind: K, at: number) =>
  formatId(kind, new Uint8Array(13).fill(at));

function question(at: number, more: Partial<Shown>): QuestionShown {
  const shown: Shown = {
    ...{ sentence: 'Refund', action: 'shop:refunds.create', method: 'POST', url: 'https://shop.example/refunds' },
    ...{ values: [], reversibility: 'compensable', amount: null, left: [], requester: 'Alice', agent: 'refund-bot' },
    ...{ purpose: 'support: Order 1042', claim: null, lookedAgain: null },
    ...more,
  };
  return {
    ...{ id: id('approval', at), task: id('task', 1), agent: id('agent', 1), requester: id('person', 1) },
    ...{ callDigest: 'sha-256:call', digest: `sha-256:${at}`, asks: [], shown },
  };
}

const value = (name: string, said: unknown): ShownValue => ({ name, value: said, source: 'call' });
const names = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name);

test('what all of them say is said once, and what one says otherwise stands beside it', () => {
  const refund = (at: number, amount: string, order = '1042') =>
    question(at, { values: [value('path.orderId', order), value('body.amount', amount), value('body.note', 'x')] });
  const { shared, questions } = togetherCard([refund(1, '60.00'), refund(2, '61.00'), refund(3, '60.00', '9')]);
  assert.deepEqual(names(shared), ['body.note']);
  for (const { own } of questions) assert.deepEqual(names(own), ['path.orderId', 'body.amount']);
  assert.deepEqual(
    questions.map(({ question }) => question.digest),
    ['sha-256:1', 'sha-256:2', 'sha-256:3'],
  );
});

test('money is summed by currency, with how many move it; a sum that no amount can say is none', () => {
  const moving = (at: number, amount: string, currency: string) => question(at, { amount: { amount, currency } });
  const { sums } = togetherCard([
    ...[moving(1, '60.00', 'USD'), moving(2, '0.5', 'EUR'), moving(3, '1.00', 'USD'), question(4, {})],
  ]);
  assert.deepEqual(sums, [
    { currency: 'EUR', amount: '0.5', questions: 1 },
    { currency: 'USD', amount: '61.00', questions: 2 },
  ]);
  const most = '999999999999999';
  assert.deepEqual(togetherCard([moving(1, most, 'USD'), moving(2, '1', 'USD'), moving(3, '1', 'USD')]).sums, [
    { currency: 'USD', amount: null, questions: 3 },
  ]);
  assert.deepEqual(togetherCard([]), { sums: [], shared: [], questions: [] });
});

test('for any questions, nothing of one is left out or said of another', () => {
  const values = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2')), {
    selector: ([name]) => name,
  });
  const asked = fc.tuple(values, fc.integer({ min: 1, max: 99 }));
  fc.assert(
    fc.property(fc.array(asked, { minLength: 1, maxLength: 6 }), (all) => {
      const questions = all.map(([has, amount], at) =>
        question(at + 1, {
          values: has.map(([name, said]) => value(name, said)),
          amount: { amount: `${amount}.00`, currency: 'USD' },
        }),
      );
      const card = togetherCard(questions);
      for (const [i, { own }] of card.questions.entries()) {
        const whole = [...card.shared, ...own].map((one) => `${one.name}=${one.value.value}`);
        assert.deepEqual(whole.toSorted(), (all[i]?.[0] ?? []).map(([name, said]) => `${name}=${said}`).toSorted());
      }
      const sum = all.map(([, amount]) => decimalOf(`${amount}.00`)).reduce(addDecimal);
      assert.deepEqual(card.sums, [{ currency: 'USD', amount: sum, questions: all.length }]);
    }),
  );
});
