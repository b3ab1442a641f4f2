// Bob said yes to 60.00 on one order, and had it remembered: Mallory stretches it, to more, to others, past its end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type ApprovalId,
  type Authority,
  type Bounds,
  boundsWithin,
  canonicalJson,
  decimalOf,
  type Grant,
  rememberableOf,
  toBase64Url,
  utf8,
} from '@ambit/protocol';
import { openKey } from '@ambit/sdk/operator';
import { type House, openHouse, type Player, registerBot, stores } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
import { rawSession } from '../raw-person.ts';
import { asked, atWork, joins, poll, settled, twoMustAgree, type Waiting, type Working } from './questions.ts';
import { callsOf, oneOfMany, refund, refused, until } from './witness.ts';

/** Any order, so that nothing but what was signed stands in the way of another one. */
const refunds: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    asks: [{ over: { amount: '50.00', currency: 'USD' }, reason: 'Refunds above 50.00 USD need a person.' }],
  },
  { type: 'ambit_grant', actions: ['shop:orders.get', 'shop:orders.note'] },
];

for (const { name, skip, make } of stores) {
  describe(`a remembered yes on the ${name} store`, { skip }, () => {
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
    const work = (more: Parameters<typeof atWork>[1] = {}) => atWork(house, { authority: refunds, ...more });
    const narrowed = ({ question }: Waiting, by: Parameters<typeof boundsWithin>[1] = { calls: 3 }): Bounds => {
      const rememberable = rememberableOf(question);
      assert.ok('widest' in rememberable, JSON.stringify(rememberable));
      return boundsWithin(rememberable.widest, by);
    };

    /** A refund of 60.00 that Bob said yes to, and had remembered for up to three more. */
    async function remembered(by?: Parameters<typeof boundsWithin>[1], working?: Working, who: Player = house.bob) {
      const waiting = await asked(house, working ?? (await work()), '60.00');
      await who.operator.approvals.answer(waiting.question, 'yes', null, narrowed(waiting, by));
      assert.equal((await poll(waiting)).status, 201);
      assert.equal((await settled(house, waiting)).state, 'done');
      const { remembered: all } = await who.operator.approvals.remembered();
      const row = all.find(({ task }) => task === waiting.task);
      assert.ok(row !== undefined);
      return { ...waiting, row };
    }

    const goes = async (response: Promise<Response>) => {
      const came = await response;
      assert.equal(came.status, 201, await came.clone().text());
    };
    const asks = async (response: Promise<Response>) => {
      const [before, came] = [ledger(), await response];
      assert.equal(came.status, 202, await came.clone().text());
      assert.equal(ledger(), before);
      return house.carol.operator.approvals.show(came.headers.get('ambit-approval') as ApprovalId);
    };

    test('equal and smaller calls go on, and each names whose yes it was; one more than was said asks', async () => {
      const { agent, token, task, row } = await remembered();
      await goes(refund(agent, token, '60.00'));
      await goes(refund(agent, token, '10.50'));
      await goes(refund(agent, token, '59.99'));
      await asks(refund(agent, token, '1.00'));
      const steps = (await callsOf(house, task)).slice(1, 4);
      for (const step of steps) {
        assert.equal(step.decided, 'permit');
        const [why] = step.reasons.filter(({ name: one }) => one === `remembered:${row.id}`);
        assert.match(why?.reason ?? '', new RegExp(`^Remembered: Bob’s yes of .* UTC \\(${row.answered}\\)\\.$`));
        const { detail } = await house.carol.operator.log.entry(step.entry);
        assert.deepEqual((detail as { detail: { remembered?: unknown } }).detail.remembered, {
          id: row.id,
          answered: row.answered,
          by: house.bob.id,
        });
      }
    });

    onOne('a higher amount, another order, another currency, a value more and another header ask', async () => {
      const { agent, token } = await remembered();
      await asks(refund(agent, token, '60.01'));
      await asks(
        agent.call(token, 'POST', '/api/shop/orders/1043/refunds', { body: { amount: '60.00', currency: 'USD' } }),
      );
      await asks(oneOfMany(agent, token, '60.00', 'vase'));
      await asks(refund(agent, token, '60.00', { headers: { 'accept-language': 'de' } }));
      // A currency in which nothing is counted is covered by no grant at all.
      const other = await refund(agent, token, '60.00', { currency: 'EUR' });
      assert.equal(other.status, 403, await other.text());
      await goes(refund(agent, token, '60.00'));
      await goes(refund(agent, token, '60.00', { headers: { 'idempotency-key': crypto.randomUUID() } }));
    });

    test('the sum of all binds, though each is small', async () => {
      const { agent, token } = await remembered({ calls: 10, each: decimalOf('20.00'), inAll: decimalOf('45.00') });
      await goes(refund(agent, token, '20.00'));
      await asks(refund(agent, token, '20.01'));
      await goes(refund(agent, token, '19.99'));
      await asks(refund(agent, token, '5.02'));
      await goes(refund(agent, token, '5.01'));
      await asks(refund(agent, token, '0.01'));
    });

    test('many at once pass no more than was said, whatever order they come in', async () => {
      const { agent, token, row } = await remembered({ calls: 20, inAll: decimalOf('60.00') });
      const before = house.shop.ledger().length;
      // Each another amount: equal writes of one run wait for each other.
      const all = await Promise.all(
        Array.from({ length: 16 }, (_, i) => refund(agent, token, `10.${String(i).padStart(2, '0')}`)),
      );
      const gone = all.filter(({ status }) => status === 201).length;
      assert.deepEqual([...new Set(all.map(({ status }) => status))].toSorted(), [201, 202]);
      const sum = house.shop
        .ledger()
        .slice(before)
        .reduce((cents, one) => cents + Math.round(Number(one.amount) * 100), 0);
      assert.ok(sum <= 6000, `${sum} cents were refunded`);
      assert.equal(house.shop.ledger().length - before, gone);
      assert.equal(gone, 5);
      const { remembered: now } = await house.bob.operator.approvals.remembered();
      const shown = now.find(({ id }) => id === row.id);
      assert.equal(shown?.left.find(({ unit }) => unit === 'calls')?.spent, String(gone));
    });

    onOne('another task of the same agent and person, a sub-task, and another agent ask', async () => {
      const { agent, token } = await remembered();
      const second = await work();
      await asks(refund(second.agent, second.token, '60.00'));
      const lookup = await rawAgent(house, house.lookupBot);
      const child = await tokenOf(
        await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), [refunds[0] as Grant])),
      );
      await asks(refund(lookup, child, '60.00'));
    });

    onOne('the owner of an agent that was handed a part reads nothing of what is remembered for the rest', async () => {
      const { agent, token, task, row } = await remembered();
      const dora = await joins(house, 'Dora', ['owner']);
      const bot = await registerBot(dora, 'doras-bot', [refunds[1] as Grant]);
      const helper = await rawAgent(house, bot);
      await tokenOf(await agent.tokenRequest(exchangeForm(token, await helper.actorToken(), [refunds[1] as Grant])));
      const { run } = await house.alice.operator.tasks.show(task);
      const child = run.find(({ parent }) => parent === task);
      assert.ok(child !== undefined && child.agent === bot.id);
      const of = async (who: Player, one: typeof task) =>
        (await who.operator.approvals.remembered({ task: one })).remembered.map(({ id }) => id);
      assert.deepEqual(await of(house.alice, child.id), [row.id]);
      assert.deepEqual(await of(dora, child.id), []);
      await assert.rejects(of(dora, task), { code: 'thing.not_found' });
    });

    onOne('what was taken back, by whoever may, counts for nothing; nobody else takes it back', async () => {
      for (const who of [house.bob, house.alice, house.ada]) {
        const { agent, token, row, task } = await remembered();
        await goes(refund(agent, token, '60.00'));
        await assert.rejects(house.carol.operator.approvals.endRemembered(row.id, 'Because.'), {
          code: 'thing.not_found',
        });
        await who.operator.approvals.endRemembered(row.id, 'It is settled.');
        await asks(refund(agent, token, '60.00'));
        await assert.rejects(who.operator.approvals.endRemembered(row.id, 'Again.'), { code: 'ending.over' });
        const { remembered: rows } = await house.alice.operator.approvals.remembered({ task });
        assert.deepEqual(
          rows.map(({ state }) => state),
          ['ended'],
        );
      }
    });

    test('past its time it asks, before anybody has written that down and after', async () => {
      const working = await work();
      const waiting = await asked(house, working, '60.00');
      const bounds = narrowed(waiting, { calls: 3, until: Date.now() + 2500 });
      await house.bob.operator.approvals.answer(waiting.question, 'yes', null, bounds);
      assert.equal((await poll(waiting)).status, 201);
      await settled(house, waiting);
      await goes(refund(working.agent, working.token, '60.00'));
      await until('its end', () => (Date.now() > bounds.until ? true : undefined));
      await asks(refund(working.agent, working.token, '60.00'));
      await until('the entry of its end', async () => {
        const { remembered: rows } = await house.alice.operator.approvals.remembered({ task: waiting.task });
        return rows[0]?.state === 'expired' ? true : undefined;
      });
      await asks(refund(working.agent, working.token, '59.00'));
    });

    test('it ends with its task, in the list of what died', async () => {
      const { task, row } = await remembered();
      const { ended } = await house.alice.operator.tasks.revoke(task, 'Never mind.');
      assert.deepEqual(
        ended.filter(({ kind }) => kind === 'remembered'),
        [{ kind: 'remembered', id: row.id, of: task }],
      );
      assert.equal(
        (await house.bob.operator.approvals.remembered()).remembered.some(({ id }) => id === row.id),
        false,
      );
    });

    onOne('it counts from when the call that was shown has run, and not where that was stopped', async () => {
      const waiting = await asked(house, await work(), '60.00');
      // The order changes after Bob looked: the approved call is asked about anew, and so is every other one.
      const other = await work();
      await goes(refund(other.agent, other.token, '5.00'));
      await house.bob.operator.approvals.answer(waiting.question, 'yes', null, narrowed(waiting));
      await refused(await poll(waiting), 'approval.moved');
      await asks(refund(waiting.agent, waiting.token, '59.00'));
    });

    onOne('an approver who lost the role, a rule that wants two, a rule for others: each asks again', async () => {
      const eve = await joins(house, 'Eve', ['approver']);
      const one = await remembered({ calls: 5 }, undefined, eve);
      await goes(refund(one.agent, one.token, '60.00'));
      const rule = { action: 'shop:refunds.create', role: 'approver', answersNeeded: 1, notRequester: true } as const;
      const set = (more: object) =>
        house.ada.operator.approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 600, ...more });
      await twoMustAgree(house);
      await asks(refund(one.agent, one.token, '60.00'));
      await set({ keys: ['passkey'] });
      await asks(refund(one.agent, one.token, '59.00'));
      await set({ role: 'reviewer' });
      await asks(refund(one.agent, one.token, '58.00'));
      await set({});
      await goes(refund(one.agent, one.token, '57.00'));
      await house.ada.operator.persons.setRoles(eve.id, []);
      await asks(refund(one.agent, one.token, '56.00'));
    });

    onOne('an approver who is disabled, or whose key is revoked, is asked no more and answers no more', async () => {
      const eve = await joins(house, 'Eva', ['approver']);
      const one = await remembered(undefined, undefined, eve);
      await goes(refund(one.agent, one.token, '60.00'));
      await house.ada.operator.persons.disable(eve.id, 'She left.');
      await asks(refund(one.agent, one.token, '59.00'));
      const iva = await joins(house, 'Iva', ['approver']);
      const other = await remembered(undefined, undefined, iva);
      await goes(refund(other.agent, other.token, '60.00'));
      const [key] = (await iva.operator.me()).keys;
      await house.ada.operator.persons.revokeKey(key!.id);
      await asks(refund(other.agent, other.token, '59.00'));
    });

    onOne('rules that were published since ask anew, and a forbid beats it', async () => {
      const [policy] = await house.ada.operator.policies.list();
      const { text } = await house.ada.operator.policies.show(policy!.number);
      const { agent, token } = await remembered();
      const forbid =
        '@id("frozen") @reason("The books are closed.") forbid(principal, action == Action::"shop:refunds.create", resource);';
      await house.ada.operator.policies.publish(`${text}\n${forbid}`);
      await refused(await refund(agent, token, '60.00'), 'policy.denied');
      const more =
        '@id("audit-week") @reason("It is audit week.") @ask("Is it in the file?") forbid(principal, action == Action::"shop:refunds.create", resource);';
      await house.ada.operator.policies.publish(`${text}\n${more}`);
      await asks(refund(agent, token, '60.00'));
      await house.ada.operator.policies.publish(text);
    });

    onOne('what the catalog forbids to remember is not remembered, and asks again where it was', async () => {
      const { catalog } = house.ada.operator;
      const { agent, token } = await remembered({ calls: 10 });
      await goes(refund(agent, token, '60.00'));
      await catalog.set('shop:refunds.create', { asksEachTime: true });
      const question = await asks(refund(agent, token, '60.00'));
      assert.deepEqual(rememberableOf(question), { never: 'each-time' });
      const forged = {
        grant: { type: 'ambit_grant', actions: ['shop:refunds.create'] } as Grant,
        until: Date.now() + 60_000,
      };
      await assert.rejects(house.bob.operator.approvals.answer(question, 'yes', null, forged), {
        code: 'approval.not_rememberable',
      });
      await catalog.set('shop:refunds.create', { reversibility: 'irreversible', asksEachTime: false });
      assert.deepEqual(rememberableOf(await asks(refund(agent, token, '59.00'))), { never: 'irreversible' });
      await catalog.set('shop:refunds.create', { reversibility: 'compensable' });
    });

    onOne('actions that were published since, and another credential, ask anew', async () => {
      const { catalog, credentials } = house.ada.operator;
      const move = async (server: string) =>
        catalog.move('shop', { server, revision: (await catalog.show('shop')).revision });
      const since: Readonly<Record<string, () => Promise<unknown>>> = {
        'an action': () => catalog.set('shop:orders.note', { sentence: 'Note it' }),
        'another place at the same origin': () => move(`${house.shop.url}/of-somebody-else`),
        'another account': async () => {
          const [given] = await credentials.list();
          await credentials.disable(given!.id, 'It is of another account.');
          const kept = { name: 'other', kind: 'bearer', origins: [house.shop.url], api: 'shop' } as const;
          await credentials.store({ ...kept, secret: house.shopKey });
        },
      };
      for (const [what, change] of Object.entries(since)) {
        const { agent, token } = await remembered({ calls: 5 });
        await goes(refund(agent, token, '60.00'));
        await change();
        assert.equal((await refund(agent, token, '59.00')).status, 202, what);
        if (what.includes('place')) await move(house.shop.url);
      }
    });

    onOne('two who have to agree, and a task that asks each time, are asked each time', async () => {
      const always: Authority = [
        {
          type: 'ambit_grant',
          actions: ['shop:refunds.create'],
          asks: [{ always: true, reason: 'Ask me each time.' }],
        },
      ];
      const working = await work({ authority: always });
      const question = await asks(refund(working.agent, working.token, '20.00'));
      assert.deepEqual(rememberableOf(question), { never: 'always' });
      await twoMustAgree(house);
      const two = await asked(house, await work(), '60.00');
      assert.deepEqual(rememberableOf(two.question), { never: 'several-persons' });
      assert.ok(two.question.shown.remember !== undefined && 'widest' in two.question.shown.remember);
      const bounds = boundsWithin(two.question.shown.remember.widest, { calls: 2 });
      await assert.rejects(house.bob.operator.approvals.answer(two.question, 'yes', null, bounds), {
        code: 'approval.not_rememberable',
      });
      const rule = { action: 'shop:refunds.create', role: 'approver', answersNeeded: 1, notRequester: true } as const;
      await house.ada.operator.approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 600 });
    });

    onOne('bounds that are wider than the question in anything answer nothing at all', async () => {
      const waiting = await asked(house, await work(), '60.00');
      const { grant, until: end } = narrowed(waiting);
      const wide: readonly (readonly [string, Bounds])[] = [
        ['longer', { grant, until: end + 1 }],
        ['over already', { grant, until: Date.now() - 1 }],
        ['without limits', { grant: without(grant, 'limits'), until: end }],
        ['without a sum', { grant: { ...grant, limits: [{ calls: 3 }] }, until: end }],
        ['a limit of another kind', { grant: { ...grant, limits: [{ calls: 3 }, { cost: '1' }] }, until: end }],
        [
          'in a window',
          { grant: { ...grant, limits: (grant.limits ?? []).map((one) => ({ ...one, seconds: 60 })) }, until: end },
        ],
        ['more calls', { grant: { ...grant, limits: [{ calls: 21 }, grant.limits![1]!] }, until: end }],
        [
          'more in all',
          { grant: { ...grant, limits: [{ calls: 3 }, { sum: { max: '1200.01', currency: 'USD' } }] }, until: end },
        ],
        ['any arguments', { grant: without(grant, 'where'), until: end }],
        [
          'a higher amount',
          {
            grant: { ...grant, where: { ...grant.where, 'body.amount': { all: [{ range: { max: '60.01' } }] } } },
            until: end,
          },
        ],
        [
          'another order',
          { grant: { ...grant, where: { ...grant.where, 'path.orderId': { all: [{ equals: '1043' }] } } }, until: end },
        ],
        [
          'any order',
          { grant: { ...grant, where: { ...grant.where, 'path.orderId': { all: [{ any: true }] } } }, until: end },
        ],
        [
          'one value more',
          {
            grant: { ...grant, where: { ...grant.where, 'body.reason': { all: [{ any: true }], optional: true } } },
            until: end,
          },
        ],
        ['another action', { grant: { ...grant, actions: ['shop:refunds.cancel'] }, until: end }],
        [
          'one action more',
          { grant: { ...grant, actions: ['shop:refunds.create', 'shop:refunds.cancel'] }, until: end },
        ],
      ];
      for (const [what, bounds] of wide) {
        const told = house.bob.operator.approvals.answer(waiting.question, 'yes', null, bounds);
        await assert.rejects(told, { code: 'approval.bounds_too_wide' }, what);
      }
      await assert.rejects(house.bob.operator.approvals.answer(waiting.question, 'no', null, { grant, until: end }), {
        code: 'approval.not_rememberable',
      });
      const still = await house.bob.operator.approvals.show(waiting.question.id);
      assert.deepEqual([still.state, still.answers.length], ['parked', 0]);
      assert.deepEqual((await house.alice.operator.approvals.remembered({ task: waiting.task })).remembered, []);
    });

    test('bounds that were added, swapped or left out on the way are not what was signed', async () => {
      const waiting = await asked(house, await work(), '60.00');
      const bounds = narrowed(waiting, { calls: 1 });
      const wider = narrowed(waiting, { calls: 9 });
      const { token, key } = await rawSession(house.plane.people, house.bob);
      const signer = await openKey(house.bob.key);
      const { tenant } = await house.bob.operator.me();
      const url = `${house.plane.people}/v1/approvals/${waiting.question.id}/answer`;
      const send = (body: object) => key.send('POST', url, { token, body });
      const signed = async (remember?: Bounds) => {
        const document = {
          ...{ type: 'ambit_approval_answer', tenant, approval: waiting.question.id },
          ...{ digest: waiting.question.digest, answer: 'yes', reason: null, person: house.bob.id, at: Date.now() },
          ...(remember === undefined ? {} : { remember }),
        };
        const value = toBase64Url(await signer.sign(utf8(canonicalJson(document))));
        const signature = { kid: signer.thumbprint, alg: signer.alg, value };
        return { answer: 'yes', reason: null, at: document.at, signature };
      };
      for (const body of [
        { ...(await signed()), remember: bounds },
        { ...(await signed(bounds)), remember: wider },
        await signed(bounds),
      ]) {
        await refused(await send(body), 'signature.invalid');
      }
      const good = { ...(await signed(bounds)), remember: bounds };
      assert.equal((await send(good)).status, 200);
      await refused(await send(good), 'approval.over');
      assert.equal((await poll(waiting)).status, 201);
      await settled(house, waiting);
      await goes(refund(waiting.agent, waiting.token, '60.00'));
      await asks(refund(waiting.agent, waiting.token, '60.00'));
    });
  });
}

function without(grant: Grant, member: 'limits' | 'where'): Grant {
  const { [member]: _, ...rest } = grant;
  return rest;
}
