// A ticket tool that can send one header works with a static key: from its own network, on one order, until the key is put away.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Authority, TaskId, TemplateId } from '@ambit/protocol';
import type { MadeTemplateKey } from '@ambit/sdk/operator';
import { refused, until } from '../attacks/witness.ts';
import { type House, type MadeStore, openHouse, order, stores } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { callWith, keyFor, openNotes, signFor, signNotes } from '../template-key-house.ts';

const guide = readFileSync(new URL('../../../docs/guides/template-keys.md', import.meta.url), 'utf8');
const curl = /```sh\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
const path = `/api/shop/orders/${order}`;

for (const store of stores) {
  describe(`a key for one template on the ${store.name} store`, { skip: store.skip }, () => {
    let house: House;
    let made: MadeStore;
    let template: TemplateId;
    let key: MadeTemplateKey;
    before(async () => {
      made = await store.make();
      house = await openHouse({ env: made.env });
      template = await openNotes(house);
    });
    after(async () => {
      await house.close();
      await made.drop();
    });

    const get = (secret = key.secret) => callWith(house.plane.agents, secret, 'GET', path);
    const tasksOf = async (id = key.id) =>
      (await house.ada.operator.tasks.list()).filter(({ acceptedKey }) => acceptedKey === id);
    const keys = () => house.alice.operator.templateKeys;

    test('the owner makes it, it is shown once, and listed without itself', async () => {
      key = await keyFor(house, template);
      assert.match(key.secret, /^ambk_ten_[0-9a-z]{20,32}\.[A-Za-z0-9_-]{43}$/);
      const [listed, ...more] = await keys().list(house.refundBot.id);
      assert.equal(more.length, 0);
      assert.deepEqual([listed?.id, listed?.holds, listed?.lastUsedAt], [key.id, true, null]);
      assert.ok(!JSON.stringify(listed).includes(key.secret.slice(-43)));
    });

    test('the client of the guide writes a note with curl and that header alone', async () => {
      const env = { AMBIT: house.plane.agents, KEY: key.secret, PATH: process.env.PATH ?? '' };
      const { stdout } = await promisify(execFile)('bash', ['-euc', curl], { env });
      assert.match(stdout, /parcel came open/);
    });

    test('its calls are of one task, in the agent’s own name, and the log says by what it was proved', async () => {
      await Promise.all([get(), get(), get()].map(async (one) => assert.equal((await one).status, 200)));
      const [task, ...more] = await tasksOf();
      assert.ok(task && more.length === 0, 'however many come at once');
      assert.deepEqual([task.requester, task.state, task.template], [null, 'active', template]);
      assert.deepEqual(task.origin.by === 'standing-grant' && task.origin.templateKey, key.id);
      const run = await house.carol.operator.runs.show(task.id);
      assert.equal(run.tasks[0]?.steps.filter(({ decided }) => decided === 'permit').length, 4);
      const [listed] = await keys().list(house.refundBot.id);
      assert.ok((listed?.lastUsedAt ?? 0) > 0);
    });

    test('the calls that come first of all, at once, open one task between them', async () => {
      const fresh = await keyFor(house, template);
      const answers = await Promise.all(Array.from({ length: 6 }, () => get(fresh.secret)));
      assert.deepEqual(
        answers.map(({ status }) => status),
        Array(6).fill(200),
      );
      assert.equal((await tasksOf(fresh.id)).length, 1);
    });

    test('nobody else takes the task: not the agent with its own key, not another static key', async () => {
      const [task] = await tasksOf();
      const agent = await rawAgent(house, house.refundBot);
      await refused(
        await agent.api(await agent.agentToken(), 'POST', `/v1/agent/tasks/${task?.id}/accept`),
        'task.taken',
      );
      await assert.rejects(agent.taskToken(task?.id as TaskId), /task\.taken/);
    });

    test('a call of it that asks waits for Bob, and runs by his yes; the key fetches no answer later', async () => {
      const grants: Authority = [
        {
          type: 'ambit_grant',
          actions: ['shop:refunds.create'],
          where: {
            'path.orderId': { all: [{ equals: order }] },
            'body.amount': { all: [{ range: { min: '0.01', max: '20.00' } }] },
            'body.currency': { all: [{ equals: 'USD' }] },
          },
          asks: [{ always: true, reason: 'A form asks, and nobody stands behind it.' }],
        },
      ];
      const refunds = await house.ada.operator.tasks.defineTemplate({
        name: 'small-refunds',
        purposeType: 'support',
        grants,
        parameters: [],
        ttlSecondsMax: 600,
      });
      await signFor(house, house.refundBot.id, grants);
      const form = await keyFor(house, refunds.id, { parameters: {} });
      const refund = (amount: string, headers = {}) =>
        callWith(house.plane.agents, form.secret, 'POST', `${path}/refunds`, {
          body: { amount, currency: 'USD' },
          headers,
        });
      const question = async (amount: string) => {
        const open = await house.bob.operator.approvals.list();
        return open.find(({ shown }) => shown.sentence.includes(amount));
      };
      const waiting = refund('7.00', { prefer: 'wait=10' });
      await house.bob.operator.approvals.answer(await until('a question', () => question('7.00')), 'yes');
      assert.equal((await waiting).status, 201, 'who waits is answered');
      const before = house.shop.ledger().length;
      const later = await refund('8.00');
      assert.equal(later.status, 202);
      await house.bob.operator.approvals.answer(await until('a question', () => question('8.00')), 'yes');
      await until('the refund', () => (house.shop.ledger().length > before ? true : undefined));
      const place = later.headers.get('location') ?? assert.fail('no place to come back to');
      assert.equal((await callWith(house.plane.agents, form.secret, 'GET', place)).status, 401);
    });

    test('a rule can say that it may not even read', async () => {
      const { policies } = house.ada.operator;
      await house.ada.operator.persons.setRoles(house.alice.id, ['owner', 'policy']);
      const [{ number } = { number: 1 }] = await policies.list();
      const { text } = await policies.show(number);
      const rule =
        '@id("no-static-keys") @reason("Keys that are texts read nothing.")\nforbid (principal, action, resource) when { context.proof == "template-key" };';
      await house.alice.operator.policies.publish(`${text}\n${rule}`);
      await refused(await get(), 'policy.denied');
      await house.alice.operator.policies.publish(text);
      assert.equal((await get()).status, 200);
    });

    test('it is replaced with an overlap, and the old one is put away by itself', async () => {
      const endsAt = Date.now() + 400;
      const { key: next, old } = await keys().rotate(house.refundBot.id, key.id, {
        endsAt,
        expiresAt: Date.now() + 900_000,
      });
      assert.deepEqual([next.replaces, old.expiresAt], [key.id, endsAt]);
      for (const secret of [key.secret, next.secret]) assert.equal((await get(secret)).status, 200);
      while (Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 20));
      await refused(await get(), 'template_key.ended');
      key = next;
      assert.equal((await get()).status, 200);
    });

    test('when the owner takes the standing grant back, it opens nothing; a new one gives it a new task', async () => {
      const before = await tasksOf();
      const { standingGrants } = await house.alice.operator.agents.show(house.refundBot.id);
      for (const { id, state } of standingGrants)
        if (state === 'active') await house.alice.operator.standingGrants.revoke(id);
      await refused(await get(), 'task.no_standing_grant');
      await signNotes(house);
      assert.equal((await get()).status, 200);
      assert.equal((await tasksOf()).length, before.length + 1);
    });

    test('revoked, it and its task end at once, and the answer lists what died', async () => {
      const live = (await tasksOf()).filter(({ state }) => state === 'active').map(({ id }) => id);
      const { ending, state } = await keys().revoke(house.refundBot.id, key.id, 'It stood in a ticket.');
      assert.equal(state, 'revoked');
      assert.deepEqual(ending.ended.map(({ id }) => id).sort(), live.sort());
      await refused(await get(), 'template_key.ended');
      await assert.rejects(keys().revoke(house.refundBot.id, key.id, 'Again.'), { code: 'template_key.ended' });
    });

    test('when the agent is retired, no key of it opens anything', async () => {
      const last = await keyFor(house, template);
      assert.equal((await get(last.secret)).status, 200);
      await house.alice.operator.agents.retire(house.refundBot.id, 'Replaced.');
      await refused(await get(last.secret), 'agent.not_active');
      assert.ok((await tasksOf(last.id)).every((one) => one.state === 'revoked'));
    });
  });
}
