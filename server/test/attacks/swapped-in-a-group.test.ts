// Bob answers several refunds by one signature: Mallory puts another one into the list, or uses the signature for another list.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type AnswersDocument,
  type ApprovalId,
  type Authority,
  type Bounds,
  canonicalJson,
  toBase64Url,
  utf8,
} from '@ambit/protocol';
import { type Approval, openKey } from '@ambit/sdk/operator';
import { type House, openHouse, type Player, stores } from '../house.ts';
import { type RawSession, rawSession } from '../raw-person.ts';
import { openUmbra } from './neighbours.ts';
import { atWork, joins, settled, twoMustAgree, type Working } from './questions.ts';
import { refused, until } from './witness.ts';

const refunds: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    asks: [{ over: { amount: '50.00', currency: 'USD' }, reason: 'Refunds above 50.00 USD need a person.' }],
  },
  { type: 'ambit_grant', actions: ['shop:orders.get'] },
];

/** Each about an order of its own: a refund changes what all questions about its order were shown. */
const orders = ['1002', '1003', '1004', '1005'];

for (const { name, skip, make } of stores) {
  describe(`a signature over several questions on the ${name} store`, { skip }, () => {
    let house: House;
    let drop: () => Promise<void>;
    before(async () => {
      const made = await make();
      drop = made.drop;
      house = await openHouse({ env: { ...made.env, AMBIT_APPROVALS_PENDING_MAX: '200' } });
    });
    after(async () => {
      await house.close();
      await drop();
    });

    /** What hangs on no store is played on one of them. */
    const onOne = (title: string, play: () => Promise<void>) => {
      if (name === 'embedded') test(title, play);
    };
    const ledger = () => house.shop.ledger().length;
    const work = () => atWork(house, { authority: refunds });

    async function ask(working: Working, order: string, amount = '60.00'): Promise<Approval> {
      const body = { amount, currency: 'USD' };
      const came = await working.agent.call(working.token, 'POST', `/api/shop/orders/${order}/refunds`, { body });
      assert.equal(came.status, 202, await came.clone().text());
      return house.bob.operator.approvals.show(came.headers.get('ambit-approval') as ApprovalId);
    }

    async function askAll(working?: Working, of: readonly string[] = orders): Promise<Approval[]> {
      const at = working ?? (await work());
      const all: Approval[] = [];
      for (const order of of) all.push(await ask(at, order));
      return all;
    }

    type Sent = { readonly approvals: readonly string[] } & Record<string, unknown>;

    /** A signature as Bob's tool makes it over that document, and what is sent with it. */
    async function signed(who: Player, asked: readonly Approval[], more: Partial<AnswersDocument> = {}): Promise<Sent> {
      const signer = await openKey(who.key);
      const { tenant } = await who.operator.me();
      const document: AnswersDocument = {
        ...{ type: 'ambit_approval_answers', tenant, task: asked[0]!.task, action: asked[0]!.action },
        approvals: asked.map(({ id, digest }) => ({ approval: id, digest })),
        ...{ answer: 'yes', reason: null, person: who.id, at: Date.now() },
        ...more,
      };
      const value = toBase64Url(await signer.sign(utf8(canonicalJson(document))));
      const signature = { kid: signer.thumbprint, alg: signer.alg, value };
      const { answer, reason, at } = document;
      return { approvals: asked.map(({ id }) => id), answer, reason, at, signature };
    }

    const send = ({ token, key }: RawSession, body: object, path = '/v1/approvals/answers') =>
      key.send('POST', `${house.plane.people}${path}`, { token, body });

    async function stillOpen(asked: readonly Approval[]): Promise<void> {
      for (const { id } of asked) {
        const { state, answers } = await house.carol.operator.approvals.show(id);
        assert.deepEqual([state, answers.length], ['parked', 0]);
      }
    }

    test('runs each of them once, and sent once more it answers nothing', async () => {
      const asked = await askAll();
      const before = ledger();
      const bob = await rawSession(house.plane.people, house.bob);
      const body = await signed(house.bob, asked);
      const came = await send(bob, body);
      assert.equal(came.status, 200, await came.clone().text());
      for (const question of asked) assert.equal((await settled(house, { question })).state, 'done');
      assert.equal(ledger(), before + orders.length);
      await refused(await send(bob, body), 'approval.over');
      await refused(await send(await rawSession(house.plane.people, house.bob), body), 'approval.over');
      assert.equal(ledger(), before + orders.length);
    });

    test('counts for no other list: longer, shorter, in another order, with one swapped or one twice', async () => {
      const working = await work();
      const asked = await askAll(working);
      const dear = await ask(working, '1007', '900.00');
      const bob = await rawSession(house.plane.people, house.bob);
      const body = await signed(house.bob, asked);
      const { approvals } = body;
      const [first, ...rest] = approvals;
      const before = ledger();
      const longer = [...approvals, dear.id];
      for (const list of [longer, rest, [first], approvals.toReversed(), [dear.id, ...rest]])
        await refused(await send(bob, { ...body, approvals: list }), 'signature.invalid');
      await refused(await send(bob, { ...body, approvals: [first, ...approvals] }), 'approval.not_together');
      // The other way round: what is sent is what waits, and what was signed is something else.
      const list = asked.map(({ id, digest }) => ({ approval: id, digest }));
      const swapped = list.map((one, i) => (i === 0 ? { ...one, digest: dear.digest } : one));
      for (const wrong of [swapped, [...list, list[0]!], list.slice(1), [...list.slice(1), list[0]!]]) {
        const other = await signed(house.bob, asked, { approvals: wrong });
        await refused(await send(bob, other), 'signature.invalid');
      }
      await stillOpen([...asked, dear]);
      assert.equal(ledger(), before);
    });

    test('answers no question alone, and one over a question alone answers no list', async () => {
      const asked = await askAll();
      const [first] = asked as [Approval, ...Approval[]];
      const bob = await rawSession(house.plane.people, house.bob);
      const { approvals: _, ...alone } = await signed(house.bob, asked);
      const path = `/v1/approvals/${first.id}/answer`;
      await refused(await send(bob, alone, path), 'signature.invalid');
      const ofOne = await signed(house.bob, [first]);
      const { approvals: __, ...justOne } = ofOne;
      await refused(await send(bob, justOne, path), 'signature.invalid');
      const single = { type: 'ambit_approval_answer', approval: first.id, digest: first.digest } as unknown;
      const forged = await signed(house.bob, [first], single as Partial<AnswersDocument>);
      await refused(await send(bob, forged), 'signature.invalid');
      await stillOpen(asked);
    });

    test('leaves what another person said no to, and tells of it, without holding up the others', async () => {
      const asked = await askAll();
      const [first, ...others] = asked as [Approval, ...Approval[]];
      const dora = await joins(house, 'Dora', ['approver']);
      const late = await askAll(undefined, ['1009']);
      await assert.rejects(dora.operator.approvals.answerAll([first, others[0]!], 'no'), {
        code: 'approval.not_yours',
      });
      await house.bob.operator.approvals.answer(first, 'no', 'Not this one.');
      const before = ledger();
      const became = await house.bob.operator.approvals.answerAll(asked, 'yes');
      assert.deepEqual(
        became.map((one) => ('refused' in one ? one.refused.code : one.approval.state)),
        ['approval.over', 'approved', 'approved', 'approved'],
      );
      for (const question of others) assert.equal((await settled(house, { question })).state, 'done');
      const still = await house.bob.operator.approvals.show(first.id);
      assert.deepEqual([still.state, still.answers.length, still.answers[0]?.reason], ['refused', 1, 'Not this one.']);
      assert.equal(ledger(), before + others.length);
      await stillOpen(late);
    });

    onOne('is of one task and one action: those of another are refused, whoever asked', async () => {
      const [mine, other] = [await askAll(), await askAll(undefined, ['1010'])];
      const bob = await rawSession(house.plane.people, house.bob);
      for (const list of [
        [...mine, ...other],
        [...other, ...mine],
      ]) {
        await refused(await send(bob, await signed(house.bob, list)), 'approval.not_together');
        await assert.rejects(house.bob.operator.approvals.answerAll(list, 'yes'), RangeError);
      }
      await stillOpen([...mine, ...other]);
    });

    onOne('is of at least one question that is there, and of fifty at most', async () => {
      const asked = await askAll(undefined, ['1011']);
      const bob = await rawSession(house.plane.people, house.bob);
      const body = await signed(house.bob, asked);
      const unknown = 'apr_0123456789abcdefghjk';
      await refused(await send(bob, { ...body, approvals: [] }), 'request.malformed');
      const many = Array.from({ length: 51 }, () => asked[0]!.id);
      await refused(await send(bob, { ...body, approvals: many }), 'request.malformed');
      await refused(await send(bob, { ...body, approvals: ['nothing'] }), 'request.malformed');
      await refused(await send(bob, { ...body, approvals: [asked[0]!.id, unknown] }), 'thing.not_found');
      await assert.rejects(house.bob.operator.approvals.answerAll([], 'yes'), RangeError);
      await stillOpen(asked);
    });

    onOne('is not of who asked, of who has no such role, or of somebody else who sends it', async () => {
      const asked = await askAll();
      await house.ada.operator.persons.setRoles(house.alice.id, ['owner', 'approver']);
      const fresh = await askAll(undefined, ['1012', '1013']);
      await assert.rejects(house.alice.operator.approvals.answerAll(fresh, 'yes'), { code: 'approval.not_yours' });
      await assert.rejects(house.carol.operator.approvals.answerAll(asked, 'yes'), { code: 'approval.not_yours' });
      const eve = await joins(house, 'Eve', ['approver']);
      const later = await askAll(undefined, ['1014', '1015']);
      const session = await rawSession(house.plane.people, eve);
      await refused(await send(session, await signed(house.bob, later)), 'signature.invalid');
      await stillOpen([...asked, ...fresh, ...later]);
      await house.ada.operator.persons.setRoles(house.alice.id, ['owner']);
    });

    onOne('is never remembered, whatever is sent or signed with it', async () => {
      const asked = await askAll(undefined, ['1016', '1017']);
      const bob = await rawSession(house.plane.people, house.bob);
      const remember: Bounds = {
        grant: { type: 'ambit_grant', actions: ['shop:refunds.create'] },
        until: Date.now() + 60_000,
      };
      const body = await signed(house.bob, asked);
      await refused(await send(bob, { ...body, remember }), 'request.malformed');
      const more = { remember } as Partial<AnswersDocument>;
      await refused(await send(bob, await signed(house.bob, asked, more)), 'signature.invalid');
      await stillOpen(asked);
    });

    onOne('is of now: what was signed a while ago, or is of one that expired, answers nothing', async () => {
      const rule = { action: 'shop:refunds.create', role: 'approver', answersNeeded: 1, notRequester: true } as const;
      await house.ada.operator.approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 5 });
      const short = await askAll(undefined, ['1020']);
      await house.ada.operator.approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 600 });
      const bob = await rawSession(house.plane.people, house.bob);
      await refused(
        await send(bob, await signed(house.bob, short, { at: Date.now() - 61_000 })),
        'approval.stale_answer',
      );
      await until('the end of the question', () => (Date.now() >= short[0]!.expiresAt ? true : undefined));
      await refused(await send(bob, await signed(house.bob, short)), 'approval.over');
    });

    onOne('what moved since it was shown is asked anew, and only that', async () => {
      await twoMustAgree(house);
      const dora = await joins(house, 'Dorothea', ['approver']);
      const asked = await askAll(undefined, ['1024', '1025']);
      const first = await house.bob.operator.approvals.answerAll(asked, 'yes');
      assert.deepEqual(
        first.map((one) => 'approval' in one && one.approval.state),
        ['parked', 'parked'],
      );
      const elsewhere = await work();
      const body = { amount: '30.00', currency: 'USD' };
      const path = '/api/shop/orders/1025/refunds';
      assert.equal((await elsewhere.agent.call(elsewhere.token, 'POST', path, { body })).status, 201);
      const before = ledger();
      await dora.operator.approvals.answerAll(asked, 'yes');
      const ended = [];
      for (const question of asked) ended.push((await settled(house, { question })).state);
      assert.deepEqual(ended, ['done', 'moved']);
      assert.equal(ledger(), before + 1);
      const { successor } = await house.bob.operator.approvals.show(asked[1]!.id);
      assert.ok(successor !== null);
      assert.deepEqual((await house.bob.operator.approvals.show(successor)).answers, []);
    });

    onOne('lets no sum grow by more than the list itself shows: what was spent besides asks anew', async () => {
      const rule = { action: 'shop:refunds.create', role: 'approver', answersNeeded: 1, notRequester: true } as const;
      await house.ada.operator.approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 600 });
      const working = await work();
      const asked = await askAll(working, ['1030', '1031', '1032']);
      const besides = await ask(working, '1033', '61.00');
      await house.bob.operator.approvals.answer(besides, 'yes');
      assert.equal((await settled(house, { question: besides })).state, 'done');
      const before = ledger();
      // All three were shown to come to 180.00: after the 61.00 one of them stays within that, a second does not.
      await house.bob.operator.approvals.answerAll(asked, 'yes');
      const ended = [];
      for (const question of asked) ended.push((await settled(house, { question })).state);
      assert.deepEqual(ended.toSorted(), ['done', 'moved', 'moved']);
      assert.equal(ledger(), before + 1);
    });

    onOne('of another organisation’s approver, or over a question of theirs, answers nothing here', async () => {
      const { mel } = await openUmbra(house, house.shop.url);
      const asked = await askAll(undefined, ['1026', '1027']);
      const session = await rawSession(house.plane.people, mel);
      await refused(await send(session, await signed(mel, asked)), 'thing.not_found');
      await refused(await send(session, await signed(house.bob, asked)), 'thing.not_found');
      await stillOpen(asked);
    });
  });
}
