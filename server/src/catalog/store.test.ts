import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { formatId, type TenantId } from '@ambit/protocol';
import { backends, type TestStore } from '../foundation/database/testing.ts';
import { type PersonCaller, planeItself } from '../foundation/index.ts';
import { changeOrigin } from './change-origin.ts';
import { confirmActions } from './confirm.ts';
import { importApi } from './import-api.ts';
import { promoteUnmatched } from './promote.ts';
import { catalogRoutes } from './routes.ts';
import { applyOverlay, setClassification } from './set-classification.ts';
import { type Catalog, createCatalog, isUnmatched } from './snapshot.ts';
import { listUnmatched } from './store.ts';
import { shopText } from './testing.ts';
import { createUnmatched, foldPath, proposeAction, unmatchedGroupsMax } from './unmatched.ts';

const shop = { name: 'shop', text: shopText(), server: 'http://127.0.0.1:4100' };

function personOf(seed: number, roles: readonly string[]): PersonCaller {
  const person = formatId('person', Buffer.alloc(13, seed));
  const tenant = formatId('tenant', Buffer.alloc(13, seed));
  return {
    kind: 'person',
    tenant,
    person,
    roles,
    who: { ...planeItself, requester: person, initiator: person, channel: 'operator', proof: 'person-key' },
  };
}

const carol = personOf(1, ['catalog']);
const mallory = { ...personOf(1, ['approver']), person: formatId('person', Buffer.alloc(13, 9)) };
const elsewhere = personOf(2, ['catalog']);

const small = (operation: object, path = '/things/{id}', method = 'get') =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    servers: [{ url: 'https://things.example.com/v1' }],
    paths: { [path]: { [method]: { operationId: 'get', ...operation } } },
  });

for (const backend of backends) {
  describe(`the catalog on ${backend.name}`, { skip: backend.skip }, () => {
    let store: TestStore;
    let catalog: Catalog;
    beforeEach(async () => {
      store = await backend.open();
      catalog = createCatalog(store.ground);
    });
    afterEach(() => store.close());

    const get = (path: string, tenant: TenantId = carol.tenant) =>
      catalog
        .current(tenant)
        .then((snapshot) => snapshot.match('shop', { method: 'GET', rawPath: path, rawQuery: '', headers: [] }));

    test('an import becomes the current catalog, and its entry says what it brought', async () => {
      const empty = await catalog.current(carol.tenant);
      const report = await importApi(store.ground, carol, shop);
      assert.equal(report.added.length, 13);
      assert.deepEqual(report.review.opaque, ['shop:search.query']);
      assert.deepEqual(report.review.mintsCredential, ['shop:apiKeys.create']);
      const snapshot = await catalog.current(carol.tenant);
      assert.notEqual(snapshot.version, empty.version);
      assert.equal(snapshot.apis.get('shop')?.origin, 'http://127.0.0.1:4100');
      assert.equal((await get('/orders/1042')).action.id, 'shop:orders.get');
      assert.equal(await catalog.current(carol.tenant), snapshot);
      const entry = await store.ground.database.log.entry(carol.tenant, report.entry);
      assert.equal(entry?.header.kind, 'catalog.imported');
      assert.equal(entry?.header.changes.length, 15);
    });

    test('another tenant sees none of it', async () => {
      await importApi(store.ground, carol, shop);
      assert.equal((await catalog.current(elsewhere.tenant)).apis.size, 0);
      await assert.rejects(get('/orders/1042', elsewhere.tenant), { code: 'catalog.api_unknown' });
    });

    test('a person without the catalog role changes nothing', async () => {
      await assert.rejects(importApi(store.ground, mallory, shop), { code: 'caller.not_allowed' });
      const { api } = await importApi(store.ground, carol, shop);
      await assert.rejects(confirmActions(store.ground, mallory, { api: 'shop', revision: api.revision }), {
        code: 'caller.not_allowed',
      });
      await assert.rejects(
        changeOrigin(store.ground, mallory, { api: 'shop', server: 'http://127.0.0.1:6666', revision: api.revision }),
        { code: 'caller.not_allowed' },
      );
      await assert.rejects(
        setClassification(store.ground, mallory, {
          api: 'shop',
          action: 'shop:orders.get',
          fields: { effect: 'read' },
        }),
        { code: 'caller.not_allowed' },
      );
    });

    test('self-classified: proposals that lower a gate count once confirmed, and the entry lists what was lowered', async () => {
      const { api } = await importApi(store.ground, carol, shop);
      const before = (await catalog.current(carol.tenant)).action('shop:refunds.create');
      assert.deepEqual(
        [before?.reversibility, before?.money, before?.undo, before?.state],
        ['irreversible', null, null, 'proposed'],
      );
      const done = await confirmActions(store.ground, carol, { api: 'shop', revision: api.revision });
      assert.ok(done.lowered.some((one) => one.action === 'shop:refunds.create' && one.field === 'reversibility'));
      const after = (await catalog.current(carol.tenant)).action('shop:refunds.create');
      assert.deepEqual(
        [after?.reversibility, after?.undo, after?.lookAgain, after?.state],
        ['compensable', 'shop:refunds.cancel', 'shop:orders.get', 'confirmed'],
      );
      assert.deepEqual(after?.money, { amount: 'body.amount', currency: 'body.currency', places: 0 });
      assert.deepEqual((await get('/orders/1042')).resources, ['shop:order/1042']);
    });

    test('self-classified: what was not shown is not confirmed', async () => {
      const { api } = await importApi(store.ground, carol, shop);
      await importApi(store.ground, carol, {
        name: 'shop',
        text: shop.text.replace('"effect": "read"', '"effect": "write"'),
      });
      await assert.rejects(confirmActions(store.ground, carol, { api: 'shop', revision: api.revision }), {
        code: 'catalog.confirmation_stale',
      });
    });

    test('self-classified: a re-import raises at once and never lowers', async () => {
      const first = await importApi(store.ground, carol, {
        name: 'things',
        text: small({}),
        server: 'https://things.example.com/v1',
      });
      await confirmActions(store.ground, carol, { api: 'things', revision: first.api.revision });
      const raised = await importApi(store.ground, carol, {
        name: 'things',
        text: small({ 'x-ambit': { effect: 'write', mintsCredential: true } }),
      });
      assert.deepEqual(raised.raised.map((one) => one.field).sort(), ['effect', 'mintsCredential']);
      const back = await importApi(store.ground, carol, {
        name: 'things',
        text: small({ 'x-ambit': { effect: 'read', mintsCredential: false } }),
      });
      assert.deepEqual(back.raised, []);
      const action = (await catalog.current(carol.tenant)).action('things:get');
      assert.deepEqual([action?.effect, action?.mintsCredential, action?.state], ['write', true, 'proposed']);
    });

    test('moved-origin: an import never moves an API; a person does, and no import undoes that', async () => {
      const things = { name: 'things', text: small({}), server: 'https://things.example.com/v1' };
      await importApi(store.ground, carol, things);
      const text = small({}).replace('things.example.com', 'mallory.example.com');
      const again = await importApi(store.ground, carol, { name: 'things', text });
      assert.deepEqual(again.moved, {
        from: ['https://things.example.com/v1'],
        to: ['https://mallory.example.com/v1'],
      });
      assert.equal((await catalog.current(carol.tenant)).apis.get('things')?.origin, 'https://things.example.com');
      await assert.rejects(
        importApi(store.ground, carol, { name: 'things', text, server: 'https://mallory.example.com/v1' }),
        { code: 'catalog.origin_invalid' },
      );
      await assert.rejects(importApi(store.ground, carol, { name: 'things', text, zone: 'other' }), {
        code: 'catalog.overlay_invalid',
      });
      const moved = await changeOrigin(store.ground, carol, {
        api: 'things',
        server: 'https://new.example.com/v2/',
        revision: again.api.revision,
      });
      assert.equal((await store.ground.database.log.entry(carol.tenant, moved.entry))?.header.kind, 'catalog.moved');
      const found = (await catalog.current(carol.tenant)).match('things', {
        method: 'GET',
        rawPath: '/things/7',
        rawQuery: '',
        headers: [],
      });
      assert.equal(found.path, '/v2/things/7');
    });

    test('an API needs a server that a person named', async () => {
      await assert.rejects(
        importApi(store.ground, carol, { name: 'things', text: small({}) }),
        (error: Error & { says?: string }) => {
          assert.match(
            error.says ?? '',
            /Name the server that things lives at\. The description proposes https:\/\/things\.example\.com\/v1/,
          );
          return true;
        },
      );
      for (const server of [
        'things.example.com',
        'ftp://x',
        'https://u:p@x',
        'https://x/?q',
        'https://x/#f',
        'https://x/a/../b',
        'https://x/%2e',
        'https://x./',
        'https://x//a',
        'file:///etc/passwd',
      ]) {
        await assert.rejects(
          importApi(store.ground, carol, { name: 'things', text: small({}), server }),
          { code: 'catalog.origin_invalid' },
          server,
        );
      }
    });

    test('an id that comes to mean another request is held until a person confirms it', async () => {
      await importApi(store.ground, carol, { name: 'things', text: small({}), server: 'https://things.example.com' });
      const swapped = await importApi(store.ground, carol, { name: 'things', text: small({}, '/payroll/{id}') });
      assert.equal(swapped.review.held.length, 1);
      const call = { method: 'GET', rawPath: '/payroll/7', rawQuery: '', headers: [] };
      const snapshot = await catalog.current(carol.tenant);
      assert.throws(() => snapshot.match('things', call), { code: 'catalog.held' });
      await confirmActions(store.ground, carol, { api: 'things', revision: swapped.api.revision });
      assert.equal((await catalog.current(carol.tenant)).match('things', call).action.id, 'things:get');
    });

    test('an overlay counts as its person’s word, both ways round', async () => {
      await importApi(store.ground, carol, shop);
      const overlay =
        'actions:\n  orders.list: { effect: read, reach: internal }\n  payroll.list: { sensitivity: sensitive }\n';
      const done = await applyOverlay(store.ground, carol, { api: 'shop', overlay });
      assert.deepEqual(done.lowered, [
        { action: 'shop:orders.list', field: 'reach', from: 'external', to: 'internal' },
      ]);
      const byTarget = JSON.stringify({
        overlay: '1.0.0',
        actions: [{ target: "$.paths['/orders/{orderId}'].get", update: { 'x-ambit': { reach: 'internal' } } }],
      });
      await applyOverlay(store.ground, carol, { api: 'shop', overlay: byTarget });
      const snapshot = await catalog.current(carol.tenant);
      assert.equal(snapshot.action('shop:orders.get')?.sources.reach, 'overlay');
      assert.equal(snapshot.action('shop:payroll.list')?.sensitivity, 'sensitive');
    });

    test('a person gives a parameter a pattern of its own, which admits what plain text may not hold', async () => {
      const { api } = await importApi(store.ground, carol, {
        name: 'things',
        text: small({}),
        server: 'https://things.example.com',
      });
      const call = { method: 'GET', rawPath: '/things/team%23holiday', rawQuery: '', headers: [] };
      const before = await catalog.current(carol.tenant);
      assert.throws(() => before.match('things', call), { code: 'catalog.argument_invalid' });
      const fields = { patterns: { 'path.id': '^[a-z]+#[a-z]+$' } };
      await setClassification(store.ground, carol, {
        api: 'things',
        action: 'things:get',
        fields,
        revision: api.revision,
      });
      const after = await catalog.current(carol.tenant);
      assert.equal(after.match('things', call).path, '/things/team%23holiday');
      assert.throws(() => after.match('things', { ...call, rawPath: '/things/plain' }), {
        code: 'catalog.argument_invalid',
      });
      assert.throws(() => after.match('things', { ...call, rawPath: '/things/a%23b%2Fc' }), {
        code: 'catalog.path_ambiguous',
      });
    });

    test('an overlay that means nothing is refused with the place', async () => {
      await importApi(store.ground, carol, shop);
      const cases: [string, RegExp][] = [
        ['actions: { orders.gone: { effect: read } }', /shop:orders\.gone is no action of this API/],
        ['actions: { orders.get: { effect: safe } }', /shop:orders\.get: effect must be "read" or "write"/],
        ['actions: { orders.get: { efect: read } }', /efect is not known/],
        [
          'actions: { refunds.create: { money: { amount: body.total, currency: USD } } }',
          /money\.amount names body\.total, which the action does not declare/,
        ],
        ['actions: { refunds.create: { reversibility: compensable } }', /compensable needs an undo/],
        ['actions: { refunds.create: { undo: nothing } }', /undo names shop:nothing/],
        ['actions: { refunds.create: { sentence: "Refund {body.x}" } }', /sentence names body\.x/],
        [
          'actions: { orders.get: { sentence: "Read[ {customer:/customer}’s] order {path.orderId}" } }',
          /names a place in what is read again, but nothing is/,
        ],
        ['actions: { orders.get: { sentence: "Read {customer:/customer}" } }', /sentence names customer:\/customer/],
        ['actions: [{ target: "$.paths.*", update: { x-ambit: {} } }]', /operationId, or a target/],
        ["actions: { orders.get: { patterns: { path.orderId: '^(a+)+$' } } }", /without repetitions/],
        ["actions: { orders.get: { patterns: { path.other: '^a$' } } }", /patterns names path\.other/],
        ['nothing: true', /is not known|actions is missing/],
      ];
      for (const [overlay, says] of cases) {
        await assert.rejects(
          applyOverlay(store.ground, carol, { api: 'shop', overlay }),
          (error: Error & { says?: string }) => {
            assert.match(error.says ?? error.message, says);
            return true;
          },
        );
      }
    });

    test('two persons who change the catalog at once do not overwrite each other', async () => {
      await importApi(store.ground, carol, shop);
      const both = await Promise.allSettled([
        setClassification(store.ground, carol, {
          api: 'shop',
          action: 'shop:orders.get',
          fields: { reach: 'internal' },
        }),
        setClassification(store.ground, carol, {
          api: 'shop',
          action: 'shop:orders.list',
          fields: { reach: 'internal' },
        }),
      ]);
      const failed = both.filter((one) => one.status === 'rejected');
      for (const one of failed) assert.equal(one.reason.code, 'state.changed');
      const snapshot = await catalog.current(carol.tenant);
      const lowered = ['shop:orders.get', 'shop:orders.list'].filter((id) => snapshot.action(id)?.reach === 'internal');
      assert.equal(lowered.length + failed.length, 2);
    });

    test('a re-import drops what is gone and tells what stayed', async () => {
      await importApi(store.ground, carol, { name: 'things', text: small({}), server: 'https://things.example.com' });
      const next = await importApi(store.ground, carol, { name: 'things', text: small({ operationId: 'other' }) });
      assert.deepEqual([next.added, next.removed, next.unchanged], [['things:other'], ['things:get'], 0]);
      assert.equal((await catalog.current(carol.tenant)).action('things:get'), undefined);
    });

    test('a name that went and comes back for another request is held', async () => {
      const things = { name: 'things', server: 'https://things.example.com' };
      await importApi(store.ground, carol, { ...things, text: small({}) });
      await importApi(store.ground, carol, { ...things, text: small({ operationId: 'other' }) });
      const back = await importApi(store.ground, carol, { ...things, text: small({}, '/payroll/{id}') });
      assert.deepEqual(
        back.review.held.map((one) => one.action),
        ['things:get'],
      );
      const same = await importApi(store.ground, carol, { ...things, text: small({ operationId: 'other' }) });
      assert.deepEqual([same.removed, same.review.held], [['things:get'], []]);
    });

    test('calls that matched nothing are kept by shape, bounded, and become actions', async () => {
      await importApi(store.ground, carol, shop);
      const unmatched = createUnmatched(store.ground);
      await assert.rejects(get('/orders/1042/invoice'), (error) => isUnmatched(error));
      for (const id of ['1042', '1043', '1044', '1045'])
        await unmatched.note(carol.tenant, 'shop', { method: 'GET', rawPath: `/orders/${id}/invoice` });
      await unmatched.note(carol.tenant, 'shop', { method: 'GET', rawPath: '/orders/../payroll' });
      await unmatched.note(carol.tenant, 'shop', { method: 'BREW', rawPath: '/pot' });
      const groups = await listUnmatched(store.ground, carol.tenant, 10);
      assert.deepEqual(
        groups.map((one) => [one.method, one.shape, one.count]),
        [['GET', '/orders/{id}/invoice', 4]],
      );
      const { action } = await promoteUnmatched(store.ground, carol, {
        group: groups[0]?.id ?? '',
        operation: 'orders.invoice',
      });
      assert.deepEqual([action.id, action.reach, action.state], ['shop:orders.invoice', 'external', 'proposed']);
      const snapshot = await catalog.current(carol.tenant);
      // A value beside a promoted literal keeps to the described paths: /orders/{orderId} has its own pattern still.
      assert.equal(
        snapshot.match('shop', { method: 'GET', rawPath: '/orders/1042/invoice', rawQuery: '', headers: [] }).action.id,
        'shop:orders.invoice',
      );
      assert.equal((await get('/orders/1042')).action.id, 'shop:orders.get');
      assert.equal((await listUnmatched(store.ground, carol.tenant, 10)).length, 0);
      const again = await importApi(store.ground, carol, { name: 'shop', text: shop.text });
      assert.deepEqual(again.removed, []);
      await assert.rejects(promoteUnmatched(store.ground, carol, { group: groups[0]?.id ?? '' }), {
        code: 'thing.not_found',
      });
    });

    test('a flood of shapes is kept up to a number, and later ones are let go', async () => {
      const unmatched = createUnmatched(store.ground);
      const letters = (n: number) =>
        [...n.toString(26)].map((c) => String.fromCharCode(97 + Number.parseInt(c, 26))).join('');
      for (let i = 0; i < unmatchedGroupsMax + 20; i++)
        await unmatched.note(carol.tenant, 'shop', { method: 'GET', rawPath: `/x/${letters(i)}` });
      assert.equal((await listUnmatched(store.ground, carol.tenant, 1000)).length, unmatchedGroupsMax);
    });
  });
}

test('paths fold to shapes', () => {
  const cases: [string, string | undefined][] = [
    ['/orders/1042/refunds', '/orders/{id}/refunds'],
    ['/users/psn_01h2xcejqtf2nbrexx3vqjhp41/keys/7', '/users/{id}/keys/{id2}'],
    ['/v1/charges', '/v1/charges'],
    ['/x/3f2504e0-4f89-11d3-9a0c-0305e82c3301', '/x/{id}'],
    ['/mail/alice@example.com', '/mail/{id}'],
    ['/a//b', undefined],
    ['/%2e%2e/b', undefined],
  ];
  for (const [path, shape] of cases) assert.equal(foldPath(path), shape, path);
  assert.equal(proposeAction({ api: 'shop', method: 'POST', shape: '/x/{id}' })?.id, 'shop:post.x.id');
});

test('every route names who may call it, and every change needs the catalog role', () => {
  const routes = catalogRoutes({
    ground: { database: undefined as never, clock: () => 0, newId: () => undefined as never },
    catalog: { current: () => Promise.reject(new Error('unused')) },
    fetchText: () => Promise.reject(new Error('unused')),
  });
  assert.ok(routes.length > 0);
  for (const row of routes) assert.equal(row.who, row.method === 'GET' ? 'person' : 'catalog', row.path);
});
