// Five refunds of one task wait. Bob reads them together, at his terminal or on his phone, and one signature answers all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswersDocument, ApprovalId, Authority } from '@ambit/protocol';
import { type Approval, renderParts, resumeSession } from '@ambit/sdk/operator';
import { atWork, settled, type Working } from '../attacks/questions.ts';
import { stepsOf } from '../attacks/witness.ts';
import { type House, stores } from '../house.ts';
import { joinsWithPasskey, openNamedHouse } from '../passkeys.ts';
import { ambit } from './terminal.ts';

const refunds: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    asks: [{ over: { amount: '50.00', currency: 'USD' }, reason: 'Refunds above 50.00 USD need a person.' }],
    limits: [{ sum: { max: '400.00', currency: 'USD' } }],
  },
  { type: 'ambit_grant', actions: ['shop:orders.get'] },
];

for (const { name, skip, make } of stores) {
  test(`several questions are answered at once, on the ${name} store`, { skip }, async (t) => {
    const { env, drop } = await make();
    const house = await openNamedHouse({ env });
    t.after(async () => {
      await house.close();
      await drop();
    });
    const ledger = () => house.shop.ledger().length;

    await t.test('at a terminal, after a card that says each of them', async () => {
      const working = await atWork(house, { authority: refunds });
      const asked = await askAll(house, working, ['1002', '1003', '1004']);
      const before = ledger();
      const ids = asked.map(({ id }) => id);
      const read = await ambit(house, house.bob, 'no\n', 'approval', 'answer', ...ids, '--yes');
      assert.match(read.out, /3 questions, to be answered by one signature\nin all 180\.00 USD, by 3 questions/);
      for (const order of ['1002', '1003', '1004'])
        assert.match(read.out, new RegExp(`\\d\\. Refund 60\\.00 USD .*for order ${order}`));
      assert.match(read.err, /Nothing was signed/);
      const said = await ambit(house, house.bob, 'yes\n', 'approval', 'answer', ...ids, '--yes');
      assert.equal(said.code, 0, said.err);
      assert.equal(said.out.match(/You said yes\. It runs once/g)?.length, 3);
      for (const question of asked) assert.equal((await settled(house, { question })).state, 'done');
      assert.equal(ledger(), before + 3);

      const answers = (await stepsOf(house, working.task)).flatMap((step) => step.answers);
      assert.deepEqual(
        answers.map(({ answer }) => answer),
        ['yes', 'yes', 'yes'],
      );
      const { lines } = await house.carol.operator.runs.show(working.task);
      const told = lines.flatMap((one) => one.answers).map((one) => renderParts(one.sentence));
      assert.deepEqual(told, Array(3).fill('Bob said yes, to 3 questions at once'));
      for (const { entry } of answers) {
        const { detail } = await house.carol.operator.log.entry(entry);
        const { document } = (detail as { detail: { document: AnswersDocument } }).detail;
        assert.deepEqual(
          document.approvals,
          asked.map(({ id, digest }) => ({ approval: id, digest })),
        );
      }
    });

    await t.test('by a script that brings the digest of each, which hears what was left', async () => {
      const asked = await askAll(house, await atWork(house, { authority: refunds }), ['1005', '1007']);
      const ids = asked.map(({ id }) => id);
      const digests = asked.flatMap(({ digest }) => ['--digest', digest]);
      const swapped = asked.toReversed().flatMap(({ digest }) => ['--digest', digest]);
      const usage: readonly (readonly [readonly string[], number, RegExp])[] = [
        [[...ids, '--yes'], 2, /Nobody is at a terminal/],
        [[...ids, '--yes', '--digest', asked[0]!.digest], 2, /1 digest for 2 questions/],
        [[...ids, '--yes', ...swapped], 1, /not that of/],
        [[...ids, ids[0]!, '--yes', ...digests], 2, /twice/],
        [[...ids, '--yes', ...digests, '--remember', '2'], 2, /is not remembered/],
      ];
      for (const [argv, code, says] of usage) {
        const told = await ambit(house, house.bob, null, 'approval', 'answer', ...argv);
        assert.equal(told.code, code, told.err);
        assert.match(told.err, says);
      }
      await house.bob.operator.approvals.answer(asked[0]!, 'no');
      const told = await ambit(
        house,
        house.bob,
        null,
        'approval',
        'answer',
        ...ids,
        '--no',
        '--reason',
        'Not now.',
        ...digests,
      );
      assert.equal(told.code, 1, told.err);
      assert.match(told.out, new RegExp(`${ids[0]} was left: The question is over`));
      assert.match(told.out, /You said no\. It was never sent/);
      assert.equal((await settled(house, { question: asked[1]! })).answers[0]?.reason, 'Not now.');
    });

    await t.test('with a passkey that is asked for once', async () => {
      const { device, session, proofKey } = await joinsWithPasskey(house, 'Bea', ['approver']);
      const asked = await askAll(house, await atWork(house, { authority: refunds }), ['1009', '1010', '1011']);
      const { create, get } = device.browser(house.plane.people);
      let ceremonies = 0;
      const credentials = {
        create,
        get(options: Parameters<typeof get>[0]) {
          ceremonies++;
          return get(options);
        },
      };
      const url = house.plane.people;
      const bea = await resumeSession({ url, session, proofKey, credentials });
      const became = await bea.approvals.answerAll(asked, 'yes');
      assert.deepEqual(
        became.map((one) => 'approval' in one && one.approval.state),
        ['approved', 'approved', 'approved'],
      );
      assert.equal(ceremonies, 1);
      for (const question of asked) assert.equal((await settled(house, { question })).state, 'done');
      await assert.rejects(bea.approvals.answerAll(asked, 'yes'), { code: 'approval.over' });
    });

    await t.test(
      'and two of one order run one after the other: the second finds it changed and asks anew',
      async () => {
        const working = await atWork(house, { authority: refunds });
        const asked = [
          ...(await askAll(house, working, ['1015'], '60.00')),
          ...(await askAll(house, working, ['1015'], '61.00')),
        ];
        const before = ledger();
        await house.bob.operator.approvals.answerAll(asked, 'yes');
        const ended = await Promise.all(asked.map((question) => settled(house, { question })));
        assert.deepEqual(
          ended.map(({ state }) => state),
          ['done', 'moved'],
        );
        assert.equal(ledger(), before + 1);
        assert.equal((await house.bob.operator.approvals.show(ended[1]!.successor!)).state, 'parked');
      },
    );

    await t.test('and what the task has no budget left for is denied by itself, whatever was signed', async () => {
      const asked = await askAll(
        house,
        await atWork(house, { authority: refunds }),
        ['1012', '1013', '1014'],
        '150.00',
      );
      const before = ledger();
      await house.bob.operator.approvals.answerAll(asked, 'yes');
      const ended = [];
      for (const question of asked) ended.push((await settled(house, { question })).state);
      assert.deepEqual(ended.toSorted(), ['denied', 'done', 'done']);
      assert.equal(ledger(), before + 2);
    });
  });
}

async function askAll(house: House, { agent, token }: Working, orders: readonly string[], amount = '60.00') {
  const all: Approval[] = [];
  for (const order of orders) {
    const body = { amount, currency: 'USD' };
    const came = await agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body });
    assert.equal(came.status, 202, await came.clone().text());
    all.push(await house.bob.operator.approvals.show(came.headers.get('ambit-approval') as ApprovalId));
  }
  return all;
}

/** What is typed is typed at a terminal; null is a script. */
