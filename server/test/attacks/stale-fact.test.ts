// A fact that a decision reads has changed, and whoever changed it has been answered: the very next call must be decided by it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalId, Authority, RefusalCode, TaskId } from '@ambit/protocol';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { type Bot, type House, openHouse, order, type Player, registerBot, shopDescription } from '../house.ts';
import { openSeveral, type Several } from '../nodes/several.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';
import { answer, type Heard, handmadeUpstream, refund, refused, type Upstream, until } from './witness.ts';

/**
 * Where changes are made, and where calls are decided. One node does both; with several on one store, each pair of
 * them is a row here, with the milliseconds after which it must have heard.
 */
type Site = {
  readonly name: string;
  readonly changes: House;
  readonly calls: House;
  readonly boundMilliseconds: number;
};

let house: House;
let upstream: Upstream;
let second: Upstream;
let sites: readonly Site[];
let several: Several | undefined;
const heardBy = async ({ line, socket }: Heard) => answer(socket, line.startsWith('GET ') ? 200 : 201, { id: order });

before(async () => {
  upstream = await handmadeUpstream((heard) => heardBy(heard));
  second = await handmadeUpstream((heard) => heardBy(heard));
  const env = { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8', AMBIT_AGENT_CALLS_PER_SECOND: '1000' };
  house = await openHouse({ upstream: upstream.url, env });
  // Nothing here asks for another reason.
  await house.ada.operator.policies.publish(allOf);
  sites = [{ name: 'one node', changes: house, calls: house, boundMilliseconds: 0 }];
  if (noPostgres) return;
  several = await openSeveral({ upstream: upstream.url, env });
  await several.house.ada.operator.policies.publish(allOf);
  // People change it at the first node, agents call at the second.
  several.fronts.agents.to((await several.join('second')).agents);
  const { house: both } = several;
  sites = [...sites, { name: 'another node', changes: both, calls: both, boundMilliseconds: 200 }];
});
after(async () => {
  await several?.close();
  await house.close();
  await upstream.close();
  await second.close();
});

/** An agent of an owner of its own, at work on a task that a requester of its own opened: each can be taken away alone. */
type Stage = Site & {
  readonly owner: Player;
  readonly requester: Player;
  readonly bot: Bot;
  readonly agent: RawAgent;
  readonly task: TaskId;
  readonly token: string;
  /** Requests that the upstream had heard when the change was made. */
  heardBefore: number;
};

const authority: Authority = [
  { type: 'ambit_grant', actions: ['shop:orders.get', 'shop:shipping.get', 'shop:orders.note', 'shop:refunds.create'] },
];
let number = 0;

async function joins(
  at: House,
  name: string,
  roles: readonly ('approver' | 'auditor' | 'owner')[] = [],
): Promise<Player> {
  const { enrolment } = await at.ada.operator.persons.register({ name, roles, delegable: authority });
  const key = await newKey();
  const url = at.plane.people;
  const { person } = await enrol({ url, code: enrolment.code, key });
  return { id: person, key, operator: await connectOperator({ url, person, key }) };
}

async function stage(site: Site): Promise<Stage> {
  const name = `${++number}`;
  const owner = await joins(site.changes, `Olga ${name}`, ['owner']);
  const requester = await joins(site.changes, `Rita ${name}`);
  const bot = await registerBot(owner, `bot-${name}`, authority);
  const agent = await rawAgent(site.calls, bot);
  const purpose = { type: 'support', text: 'Settle it.' };
  const { id: task } = await requester.operator.tasks.open({ agent: bot.id, purpose, ttlSeconds: 600, authority });
  return { ...site, owner, requester, bot, agent, task, token: await agent.accept(task), heardBefore: 0 };
}

type Call = (on: Stage) => Promise<Response>;
const read: Call = ({ agent, token }) => agent.call(token, 'GET', `/api/shop/orders/${order}/shipping`);
const orders: Call = ({ agent, token }) => agent.call(token, 'GET', `/api/shop/orders/${order}`);
const note: Call = ({ agent, token }) =>
  agent.call(token, 'POST', `/api/shop/orders/${order}/notes`, { body: { text: `Note ${++number}.` } });
const pay: Call = ({ agent, token }) => refund(agent, token, `${++number}.00`);

type Fact = {
  /** Works before the change, and is made again right after its answer. */
  readonly call?: Call;
  readonly change: (on: Stage) => Promise<unknown>;
  /** What the next call hears. */
  readonly hears: RefusalCode | ((response: Response, on: Stage) => Promise<void>);
  /** Puts back what others share. */
  readonly back?: (on: Stage) => Promise<unknown>;
};

const jtiOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti;
const admin = ({ changes }: Stage) => changes.ada.operator;
const status = (wanted: number) => async (response: Response) =>
  assert.equal(response.status, wanted, await response.text());
const isAsked = status(202);
const allOf = '@id("all")\npermit(principal, action, resource);\n';

const facts: Record<string, Fact> = {
  'an agent is suspended': {
    change: ({ owner, bot }) => owner.operator.agents.suspend(bot.id, 'It misbehaves.'),
    hears: 'task.ended',
  },
  'an agent is retired': {
    change: ({ owner, bot }) => owner.operator.agents.retire(bot.id, 'It is done.'),
    hears: 'task.ended',
  },
  'all tasks of an agent are ended': {
    change: ({ owner, bot }) => owner.operator.agents.endTasks(bot.id, 'Enough.'),
    hears: 'task.ended',
  },
  'the key that the token was issued to is revoked': {
    change: async ({ owner, bot }) => {
      const [key] = (await owner.operator.agents.show(bot.id)).keys;
      await owner.operator.agents.revokeKey(bot.id, key?.id ?? assert.fail());
    },
    hears: 'token.key_revoked',
  },
  'a token is revoked': {
    change: (on) => admin(on).tasks.revokeToken(jtiOf(on.token) as never, 'It leaked.'),
    hears: 'token.revoked',
  },
  'a task is revoked': {
    change: ({ requester, task }) => requester.operator.tasks.revoke(task, 'It is settled.'),
    hears: 'task.ended',
  },
  'the owner is disabled': {
    change: (on) => admin(on).persons.disable(on.owner.id, 'Left.'),
    hears: 'task.ended',
  },
  'the requester is disabled': {
    change: (on) => admin(on).persons.disable(on.requester.id, 'Left.'),
    hears: 'task.ended',
  },
  'the requester may delegate less': {
    change: (on) =>
      admin(on).persons.setDelegable(on.requester.id, [{ type: 'ambit_grant', actions: ['shop:orders.get'] }]),
    hears: 'authority.beyond_delegable',
  },
  'the requester may delegate the same, up to a sum': {
    call: pay,
    change: (on) =>
      admin(on).persons.setDelegable(on.requester.id, [
        { ...authority[0]!, limits: [{ sum: { max: '0.01', currency: 'USD' } }] },
      ]),
    hears: 'limits.sum_exceeded',
  },
  'a rule forbids it': {
    change: (on) =>
      admin(on).policies.publish(
        `${allOf}@id("no-shipping")\nforbid(principal, action == Action::"shop:shipping.get", resource);`,
      ),
    hears: 'policy.denied',
    back: (on) => admin(on).policies.publish(allOf),
  },
  'a rule asks a person about it': {
    call: note,
    change: (on) =>
      admin(on).policies.publish(
        `${allOf}@id("ask-notes")\n@ask("May it?")\nforbid(principal, action == Action::"shop:orders.note", resource);`,
      ),
    hears: isAsked,
    back: (on) => admin(on).policies.publish(allOf),
  },
  'no rule permits anything': {
    change: (on) => admin(on).policies.publish('@id("none")\npermit(principal, action, resource) when { false };'),
    hears: 'policy.denied',
    back: (on) => admin(on).policies.publish(allOf),
  },
  'a limit over time is set': {
    change: (on) =>
      admin(on).limits.set({
        name: `limit-${number}`,
        subject: 'agent',
        whom: on.bot.id,
        limit: { calls: 1, seconds: 3600 },
        reason: 'Slow down.',
      }),
    // One more fits in: what it is about is counted from now on.
    hears: async (first, on) => {
      assert.equal(first.status, 200);
      await refused(await read(on), 'limits.window_exceeded');
    },
  },
  'an API is moved to another address': {
    change: (on) => moved(on, second.url),
    hears: async (_response, on) => {
      assert.equal(upstream.heard.length, on.heardBefore, 'it went to the old address');
    },
    back: (on) => moved(on, upstream.url),
  },
  'an operation is gone from the description': {
    change: (on) =>
      imported(on, shopDescription().replaceAll('/orders/{orderId}/shipping', '/orders/{orderId}/parcels')),
    hears: 'catalog.no_match',
    back: (on) => imported(on, shopDescription()),
  },
  'a credential is given another secret': {
    change: async (on) => admin(on).credentials.rotate(await credentialOf(on), 'sk-the-second-secret-0123456789'),
    hears: async () => {
      assert.equal(upstream.heard.at(-1)?.headers.get('authorization'), 'Bearer sk-the-second-secret-0123456789');
    },
  },
  'the agent gets a user of its own, with a credential': {
    change: async (on) => {
      const named = { api: 'shop', externalId: `u-${number}`, label: 'The bot' };
      const { id: agentUser } = await on.owner.operator.agents.linkUser(on.bot.id, named);
      await admin(on).credentials.store({
        name: `user-${number}`,
        kind: 'bearer',
        origins: [upstream.url],
        api: 'shop',
        agentUser,
        secret: 'sk-of-the-user-0123456789',
      });
    },
    hears: async () => {
      assert.equal(upstream.heard.at(-1)?.headers.get('authorization'), 'Bearer sk-of-the-user-0123456789');
    },
  },
  'a credential is disabled': {
    change: async (on) => admin(on).credentials.disable(await credentialOf(on), 'It leaked.'),
    hears: async () => {
      assert.equal(upstream.heard.at(-1)?.headers.get('authorization'), undefined);
    },
    back: (on) =>
      admin(on).credentials.store({
        name: `shop-${number}`,
        kind: 'bearer',
        origins: [upstream.url],
        api: 'shop',
        secret: 'sk-the-third-secret-0123456789',
      }),
  },
  'an action is said to be opaque': {
    call: orders,
    change: async (on) => {
      await admin(on).policies.publish(
        `${allOf}@id("opaque")\nforbid(principal, action, resource) when { context.opaque };`,
      );
      await admin(on).catalog.set('shop:orders.get', { opaque: true });
    },
    hears: 'policy.denied',
    back: async (on) => {
      await admin(on).catalog.set('shop:orders.get', { opaque: false });
      await admin(on).policies.publish(allOf);
    },
  },
};

async function credentialOf(on: Stage) {
  const known = await admin(on).credentials.list();
  return known.find((one) => one.agentUser === null && one.state === 'active')?.id ?? assert.fail();
}

async function confirmed(on: Stage) {
  const { revision } = await admin(on).catalog.show('shop');
  await admin(on).catalog.confirm('shop', { revision });
}

async function moved(on: Stage, server: string) {
  const { revision } = await admin(on).catalog.show('shop');
  await admin(on).catalog.move('shop', { server, revision });
  await confirmed(on);
}

async function imported(on: Stage, text: string) {
  await admin(on).catalog.import({ name: 'shop', text, server: upstream.url, zone: 'default', environment: 'test' });
  await confirmed(on);
}

const heard = (on: Pick<Site, 'boundMilliseconds'>) =>
  new Promise<void>((resolve) => setTimeout(resolve, on.boundMilliseconds));

// By number, since the nodes are there only once the tests begin.
for (const place of noPostgres ? [0] : [0, 1]) {
  const where = place === 0 ? '' : ', at another node';
  const siteHere = () => sites[place] ?? assert.fail('there is no such node');

  for (const [what, { call = read, change, hears, back }] of Object.entries(facts)) {
    test(`${what}: the next call is decided by it${where}`, async () => {
      const on = await stage(siteHere());
      // Whatever keeps facts in memory keeps them now.
      for (let i = 0; i < 3; i++) {
        const response = await call(on);
        assert.ok([200, 201].includes(response.status), await response.text());
      }
      try {
        await change(on);
        await heard(on);
        on.heardBefore = upstream.heard.length;
        const response = await call(on);
        if (typeof hears === 'string') await refused(response, hears);
        else await hears(response, on);
      } finally {
        await back?.(on);
      }
    });
  }

  test(`a task above ends: the next call of the task below is refused${where}`, async () => {
    const on = await stage(siteHere());
    const helperBot = await registerBot(on.owner, `helper-${number}`, authority);
    const helper = await rawAgent(on.calls, helperBot);
    const form = exchangeForm(on.token, await helper.actorToken(), authority);
    const token = await tokenOf(await on.agent.tokenRequest(form));
    const below = { ...on, agent: helper, token };
    assert.equal((await read(below)).status, 200);
    await on.requester.operator.tasks.revoke(on.task, 'It is settled.');
    await heard(on);
    await refused(await read(below), 'task.ended');
  });

  test(`a standing grant is revoked: the next call of a task that was opened under it is refused${where}`, async () => {
    const on = await stage(siteHere());
    const grant = await on.owner.operator.standingGrants.sign({
      agent: on.bot.id,
      authority,
      liveTasksMax: 3,
      taskSecondsMax: 600,
      expiresAt: Date.now() + 600_000,
    });
    const body = { purpose: { type: 'support', text: 'On its own.' }, ttlSeconds: 60, authority };
    const opened = await on.agent.api(await on.agent.agentToken(), 'POST', '/v1/agent/tasks', body);
    const { id } = (await opened.json()) as { id: TaskId };
    const own = { ...on, token: await on.agent.accept(id) };
    assert.equal((await read(own)).status, 200);
    await on.owner.operator.standingGrants.revoke(grant.id);
    await heard(on);
    await refused(await read(own), 'authority.beyond_standing_grant');
    const again = await on.agent.api(await on.agent.agentToken(), 'POST', '/v1/agent/tasks', body);
    await refused(again, 'task.no_standing_grant');
  });

  test(`an approver loses the role after the first of two yeses: that yes counts no more, and the next is refused${where}`, async () => {
    const on = await stage(siteHere());
    const [first, other] = [
      await joins(on.changes, 'First', ['approver']),
      await joins(on.changes, 'Next', ['approver']),
    ];
    await admin(on).policies.publish(
      `${allOf}@id("ask-notes")\n@ask("May it?")\nforbid(principal, action == Action::"shop:orders.note", resource);`,
    );
    const rule = { action: 'shop:orders.note', role: 'approver', notRequester: true, notOwner: false, ttlSeconds: 600 };
    await admin(on).approvals.setRule({ ...rule, role: 'approver', answersNeeded: 2 });
    await heard(on);
    const sent = upstream.writes().length;
    const parked = await note(on);
    assert.equal(parked.status, 202);
    const id = parked.headers.get('ambit-approval') as ApprovalId;
    await first.operator.approvals.answer(await first.operator.approvals.show(id), 'yes');
    await admin(on).persons.setRoles(first.id, []);
    await heard(on);
    await other.operator.approvals.answer(await other.operator.approvals.show(id), 'yes');
    await until('the end of the question', async () =>
      (await on.changes.carol.operator.approvals.show(id)).state === 'approved' ? undefined : true,
    );
    assert.equal(upstream.writes().length, sent, 'a yes of somebody who is no approver let it out');
    await admin(on).policies.publish(allOf);
  });

  test(`a person’s key is revoked, a role taken, an enforcement point retired: their next request is refused${where}`, async () => {
    const on = await stage(siteHere());
    const auditor = await joins(on.changes, 'Audrey', ['auditor']);
    await auditor.operator.log.checkpoint();
    for await (const line of await auditor.operator.log.export()) assert.ok(line);
    await admin(on).persons.setRoles(auditor.id, []);
    await heard(on);
    await assert.rejects(auditor.operator.log.export(), { code: 'caller.not_allowed' });
    const { keys } = await admin(on).persons.show(auditor.id);
    await admin(on).persons.revokeKey(keys[0]?.id ?? assert.fail());
    await heard(on);
    await assert.rejects(auditor.operator.me(), { status: 401 });

    const point = await admin(on).points.register({ name: `edge-${number}`, kind: 'authzen' });
    const evaluated = () =>
      fetch(`${on.calls.plane.agents}/access/v1/evaluation`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${point.secret}` },
        body: JSON.stringify({
          subject: { type: 'agent', id: on.bot.id },
          action: { name: 'shop:shipping.get', properties: { arguments: { 'path.orderId': order } } },
          resource: { type: 'order', id: order },
        }),
      });
    assert.equal((await evaluated()).status, 200);
    await admin(on).points.retire(point.id);
    await heard(on);
    assert.equal((await evaluated()).status, 401);
  });

  test(`a purpose is defined: the next task may name it, and before it may not${where}`, async () => {
    const on = await stage(siteHere());
    const name = `purpose-${number}`;
    const opening = () =>
      on.requester.operator.tasks.open({
        agent: on.bot.id,
        purpose: { type: name, text: 'x' },
        ttlSeconds: 60,
        authority,
      });
    await assert.rejects(opening(), { code: 'task.purpose_unknown' });
    await admin(on).tasks.definePurpose({ name, says: 'Something new.' });
    await heard(on);
    await opening();
  });

  test(`while ten call without pause, none that begins after the answer to a suspension goes out${where}`, async () => {
    const on = await stage(siteHere());
    let suspended = Number.POSITIVE_INFINITY;
    const late: number[] = [];
    let over = false;
    const callers = Array.from({ length: 10 }, async () => {
      while (!over) {
        const began = performance.now();
        const { status: heardStatus } = await read(on);
        if (began > suspended && heardStatus === 200) late.push(began - suspended);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await on.owner.operator.agents.suspend(on.bot.id, 'It misbehaves.');
    suspended = performance.now() + on.boundMilliseconds;
    await new Promise((resolve) => setTimeout(resolve, 100 + on.boundMilliseconds));
    over = true;
    await Promise.all(callers);
    assert.deepEqual(late, []);
  });
}
