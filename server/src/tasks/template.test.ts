import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Authority, TemplateId } from '@ambit/protocol';
import fc from 'fast-check';
import { parseAuthority } from '../authority/index.ts';
import { entry, update } from '../foundation/index.ts';
import { defineTemplate } from './define-template.ts';
import { templates } from './store.ts';
import { fillTemplate, type Template } from './template.ts';
import { openTasks, plain, refusal, type TestTasks } from './testing.ts';

const holed = (...all: object[]): Authority =>
  parseAuthority([{ type: 'ambit_grant', actions: ['shop:orders.get'], where: { 'path.orderId': { all } } }]);
const order = { name: 'order', says: 'The order', lengthMax: 20 };
const ofOrder: Omit<Template, 'id' | 'state'> = {
  name: 'settle',
  purposeType: 'support',
  grants: holed({ equals: '{order}' }),
  parameters: [order],
  ttlSecondsMax: 600,
};
const template = (more: Partial<Template> = {}): Template => ({
  id: 'tpl_000000000000000000000' as TemplateId,
  state: 'active',
  ...ofOrder,
  ...more,
});

describe('filling a template', () => {
  test('puts each value where its hole is, whole or within a text, and nowhere else', () => {
    const grants = holed({ prefix: 'eu-{order}-{item}' }, { oneOf: ['{order}', 7, true] });
    const parameters = [order, { name: 'item', says: 'The item', lengthMax: 5 }];
    const filled = fillTemplate(template({ grants, parameters }), { order: '1042', item: 'b' });
    assert.deepEqual(plain(filled), plain(holed({ prefix: 'eu-1042-b' }, { oneOf: ['1042', 7, true] })));
    assert.deepEqual(plain(grants), plain(holed({ prefix: 'eu-{order}-{item}' }, { oneOf: ['{order}', 7, true] })));
  });

  test('names the parameter that is missing, unknown or does not fit', () => {
    const bad: readonly [Record<string, string>, RegExp][] = [
      [{}, /order: it is missing/],
      [{ order: '1', other: '2' }, /other: the template has no such parameter/],
      [{ order: '1', constructor: 'x' }, /constructor: the template has no such/],
      [JSON.parse('{"__proto__":"1","order":"1"}'), /__proto__: the template has no such/],
      [{ order: 'x'.repeat(21) }, /order: it must be plain text of at most 20/],
    ];
    for (const [values, says] of bad) {
      assert.throws(
        () => fillTemplate(template(), values),
        (error: { code: string; says: string }) => {
          assert.match(error.says, says);
          return refusal('task.template_parameter')(error);
        },
      );
    }
  });

  test('takes no value that something could read as more than one', () => {
    const hostile = [
      '',
      ' ',
      ' 1',
      '*',
      '1,2',
      '1|2',
      '{order}',
      '1{order}',
      '"',
      '../1',
      '/etc',
      '1/2',
      '1\n2',
      '1\u00002',
    ]
      .concat([
        '-1',
        '.',
        '..',
        '%2e',
        '1%2F2',
        '1?x',
        '1#x',
        '$(x)',
        '\\',
        "1' or '1",
        '1;2',
        '1&2',
        '\u202e1',
        '\ud800',
      ])
      .concat(['[object Object]', '<b>', '1=1', '_x']);
    for (const value of hostile) {
      assert.throws(() => fillTemplate(template(), { order: value }), refusal('task.template_parameter'), value);
    }
  });

  test('law: a filled grant differs from its template only in the text that was given', () => {
    const value = fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{N} ._@:-]{0,18}$/u).filter((text) => text.length <= 20);
    fc.assert(
      fc.property(value, (given) => {
        const filled = fillTemplate(template({ grants: holed({ equals: '{order}' }, { suffix: '.{order}' }) }), {
          order: given,
        });
        assert.deepEqual(plain(filled), plain(holed({ equals: given }, { suffix: `.${given}` })));
      }),
    );
  });
});

describe('a template', () => {
  let t: TestTasks;
  before(async () => {
    t = await openTasks();
  });
  after(() => t.close());
  const define = (more: Partial<Template> = {}, by: TestTasks = t) =>
    defineTemplate(t.ground, by.home.admin.caller, { ...ofOrder, ...more });
  const from = ({ id }: Template, parameters: Record<string, string>) => ({ template: { id, parameters } });

  test('opens a task with its holes filled, for its purpose, and is named in the task', async () => {
    const made = await define({ name: 'a' });
    const task = await t.open(await t.bot(), from(made, { order: '1042' }));
    assert.deepEqual(plain(task.authority), plain(holed({ equals: '1042' })));
    assert.equal(task.template, made.id);
    const [written] = await t.ground.database.log.entries(t.home.tenant, { kind: 'task.template-defined', limit: 1 });
    assert.equal(t.ground.database.log.open(written!)?.detail.id, made.id);
  });

  test('bounds the life of its tasks', async () => {
    const bot = await t.bot();
    const made = await define({ name: 'b', ttlSecondsMax: 600 });
    const now = t.ground.clock();
    assert.equal((await t.open(bot, from(made, { order: '1' }))).expiresAt, now + 600_000);
    assert.equal((await t.open(bot, { ...from(made, { order: '1' }), ttlSeconds: 60 })).expiresAt, now + 60_000);
  });

  test('gives nobody more than they have: its authority is bounded like any other', async () => {
    const made = await define({ name: 'c' });
    const eve = await t.home.join('Eve');
    await assert.rejects(t.open(await t.bot(), from(made, { order: '1' }), eve), refusal('task.beyond_delegable'));
    await assert.rejects(
      t.open(await t.bot({ ceiling: [] }), from(made, { order: '1' })),
      refusal('task.beyond_ceiling'),
    );
  });

  test('is not opened beside an authority, for another purpose, when retired, or from next door', async () => {
    const bot = await t.bot();
    const made = await define({ name: 'd' });
    const good = from(made, { order: '1' });
    await assert.rejects(t.open(bot, { ...good, authority: ofOrder.grants }), refusal('request.malformed'));
    await assert.rejects(
      t.open(bot, { ...good, purpose: { type: 'other', text: 'x' } }),
      refusal('task.purpose_unknown'),
    );
    const next = await t.nextDoor();
    await assert.rejects(next.open(await next.bot(), good), refusal('thing.not_found'));
    await t.ground.database.commit({
      tenant: t.home.tenant,
      changes: [update(templates, { id: made.id }, { state: 'retired' })],
      entries: [entry({ id: t.ground.newId('entry'), kind: 'test.retired', who: t.alice.caller.who })],
    });
    await assert.rejects(t.open(bot, good), refusal('thing.not_found'));
  });

  test('is refused for a purpose that is not kept, or a name that is', async () => {
    await define({ name: 'e' });
    await assert.rejects(define({ name: 'e' }), refusal('thing.exists'));
    await assert.rejects(define({ name: 'f', purposeType: 'sales' }), refusal('task.purpose_unknown'));
    assert.equal((await define({ name: 'e' }, await t.nextDoor())).name, 'e', 'names are of one tenant');
  });

  test('is refused where a hole would stay open or a parameter fills none', async () => {
    const bad: Partial<Template>[] = [
      { grants: holed({ notOneOf: ['{oder}'] }) },
      { grants: holed({ equals: '{order}' }, { prefix: '{other}' }) },
      { grants: holed({ equals: '{order}' }, { prefix: '{Order}' }) },
      { grants: holed({ equals: '{order}' }, { prefix: '{ order }' }) },
      { grants: holed({ equals: '{order' }) },
      { parameters: [] },
      { parameters: [order, order] },
      { parameters: [order, { ...order, name: 'item' }] },
      { parameters: [{ ...order, name: 'order-id' }], grants: holed({ equals: '{order-id}' }) },
    ];
    for (const one of bad) {
      await assert.rejects(define({ name: 'g', ...one }), refusal('task.template_parameter'), JSON.stringify(one));
    }
    assert.equal((await define({ name: 'g', grants: holed({ equals: '1' }), parameters: [] })).name, 'g');
  });
});
