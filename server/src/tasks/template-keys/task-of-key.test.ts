import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { entry, planeItself, update } from '../../foundation/index.ts';
import { revokeStandingGrant, revokeTemplateKey, type TemplateKey } from '../../identity/index.ts';
import { defineTemplate } from '../define-template.ts';
import { templates } from '../store.ts';
import { openLimits, openTasks, reads, refunds, refusal, type TestTasks } from '../testing.ts';
import { issueTemplateKey, renewTemplateKey, type WantedTemplateKey } from './issue-template-key.ts';
import { taskOfKey } from './task-of-key.ts';

let t: TestTasks;
before(async () => {
  t = await openTasks();
});
after(() => t.close());

let named = 0;
const template = (more: Partial<Parameters<typeof defineTemplate>[2]> = {}) =>
  defineTemplate(t.ground, t.home.admin.caller, {
    name: `orders-${++named}`,
    purposeType: 'support',
    grants: reads,
    parameters: [],
    ttlSecondsMax: 300,
    ...more,
  });

async function made(more: Partial<WantedTemplateKey> = {}) {
  const bot = await t.bot();
  const { grant } = await t.standing(bot, { liveTasksMax: 1 });
  const { id } = await template();
  const wanted = {
    agent: bot.id,
    label: 'ticket tool',
    template: id,
    parameters: {},
    purpose: 'Looks orders up.',
    expiresAt: t.ground.clock() + 3_600_000,
    x5t: null,
    zone: ['10.0.0.0/8'],
    ...more,
  };
  const { key } = await issueTemplateKey(t.ground, t.alice.caller, wanted, openLimits);
  return { bot, grant, key };
}

const of = (key: TemplateKey) => taskOfKey(t.ground, t.home.tenant, key, openLimits);

/** As somebody would who may change a template, which no route lets anybody do yet. */
async function redefine(key: TemplateKey, set: Partial<Parameters<typeof defineTemplate>[2]> & { state?: 'retired' }) {
  const told = entry({ id: t.ground.newId('entry'), kind: 'task.template-defined', who: planeItself });
  const changes = [update(templates, { id: key.template }, set)];
  await t.ground.database.commit({ tenant: t.home.tenant, changes, entries: [told] });
}

test('the task of a key is active from the start, the key’s alone, and ends with what ends first', async () => {
  const { bot, grant, key } = await made();
  const task = await of(key);
  assert.deepEqual(
    [task.agent, task.requester, task.state, task.acceptedJkt, task.acceptedKey, task.delegates],
    [bot.id, null, 'active', key.id, key.id, []],
  );
  assert.deepEqual(task.origin, { by: 'standing-grant', grant: grant.id, templateKey: key.id });
  assert.equal(task.expiresAt, t.ground.clock() + 300_000, 'as the template says');
  const short = await made({ expiresAt: t.ground.clock() + 60_000 });
  assert.equal((await of(short.key)).expiresAt, short.key.expiresAt);
});

test('it is the same one until it ends, however many ask at once, and then another', async () => {
  const { key } = await made();
  const first = new Set((await Promise.all([of(key), of(key), of(key), of(key)])).map(({ id }) => id));
  assert.equal(first.size, 1);
  t.ground.clock.advance(299_999);
  assert.ok(first.has((await of(key)).id));
  t.ground.clock.advance(1);
  assert.ok(!first.has((await of(key)).id));
});

test('a template that became another, or is retired, opens nothing, and neither is the key made anew for it', async () => {
  for (const set of [{ grants: refunds }, { ttlSecondsMax: 301 }, { state: 'retired' as const }]) {
    const { bot, key } = await made();
    await of(key);
    await redefine(key, set);
    await assert.rejects(of(key), refusal('template_key.template_changed'));
    const when = { endsAt: t.ground.clock() + 1000, expiresAt: t.ground.clock() + 60_000 };
    const renewed = renewTemplateKey(t.ground, t.alice.caller, { agent: bot.id, key: key.id }, when, openLimits);
    await assert.rejects(renewed, refusal('template_key.template_changed'));
  }
});

test('another name of the template changes nothing', async () => {
  const { key } = await made();
  const { id } = await of(key);
  await redefine(key, { name: `renamed-${++named}` });
  assert.equal((await of(key)).id, id);
});

test('a task whose standing grant was taken back is left, and no other opened without a new one', async () => {
  const { bot, grant, key } = await made();
  const before = await of(key);
  await revokeStandingGrant(t.ground, t.alice.caller, grant.id);
  await assert.rejects(of(key), refusal('task.no_standing_grant'));
  await t.standing(bot);
  assert.notEqual((await of(key)).id, before.id);
});

test('a key that is revoked while a task is opened for it gets none', async () => {
  const { bot, key } = await made();
  await revokeTemplateKey(t.ground, t.alice.caller, { agent: bot.id, key: key.id });
  await assert.rejects(of(key), refusal('template_key.ended'));
});

test('the room that a grant leaves is full for it as for everybody', async () => {
  const { bot, key } = await made();
  const { grant: _ } = await made();
  await of(key);
  const { id } = await template();
  const wish = { label: 'x', template: id, parameters: {}, purpose: 'x', x5t: null, zone: ['10.0.0.0/8'] };
  const more = { ...wish, agent: bot.id, expiresAt: t.ground.clock() + 60_000 };
  const { key: second } = await issueTemplateKey(t.ground, t.alice.caller, more, openLimits);
  await assert.rejects(of(second), refusal('task.too_many_live'));
});

test('none is made for more than was signed, for no template, or where an action is final', async () => {
  const { bot } = await made();
  const wish = { agent: bot.id, label: 'x', parameters: {}, purpose: 'x', x5t: null, zone: ['10.0.0.0/8'] };
  const make = async (grants: typeof reads, limits = openLimits) => {
    const { id } = await template({ grants });
    const wanted = { ...wish, template: id, expiresAt: t.ground.clock() + 60_000 };
    return issueTemplateKey(t.ground, t.alice.caller, wanted, limits);
  };
  await assert.rejects(make(refunds), refusal('task.beyond_standing_grant'));
  const final = { ...openLimits, actions: async () => new Map([['shop:orders.get', finalAction]]) };
  await assert.rejects(make(reads, final), refusal('template_key.irreversible'));
  assert.ok(await make(reads));
});

const finalAction = { reversibility: 'irreversible', parameters: [], body: null } as never;
