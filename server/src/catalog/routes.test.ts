import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId } from '@ambit/protocol';
import { openTestStore } from '../foundation/database/testing.ts';
import { createApi, type PersonCaller, planeItself } from '../foundation/index.ts';
import { catalogRoutes } from './routes.ts';
import { createCatalog } from './snapshot.ts';

const tenant = formatId('tenant', Buffer.alloc(13, 1));
const person = formatId('person', Buffer.alloc(13, 1));
const carol: PersonCaller = { kind: 'person', tenant, person, roles: ['catalog'], who: planeItself };

const description = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Things', version: '1' },
  paths: { '/things/{id}': { get: { operationId: 'things/get', 'x-ambit': { reach: 'internal' } } } },
});

test('over HTTP: import by address, look, confirm what was shown, classify, and read it back', async () => {
  const store = await openTestStore();
  const asked: string[] = [];
  const routes = catalogRoutes({
    ground: store.ground,
    catalog: createCatalog(store.ground),
    fetchText: async (url) => {
      asked.push(url);
      return { text: description };
    },
  });
  const api = createApi({ routes, authenticate: async () => carol, record: async () => undefined });
  const call = async (method: 'GET' | 'POST' | 'PATCH', url: string, body?: object) => {
    const answer = await api.inject({ method, url, ...(body && { payload: body }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  try {
    const url = 'https://things.example.com/openapi.json';
    const nowhere = await call('POST', '/v1/apis', { name: 'things', url });
    assert.deepEqual([nowhere.status, nowhere.body.code], [422, 'catalog.origin_missing']);
    const imported = await call('POST', '/v1/apis', { name: 'things', url, server: 'https://things.example.com' });
    assert.deepEqual([imported.status, imported.body.added, asked], [200, ['things:things/get'], [url, url]]);
    assert.equal((await call('POST', '/v1/apis', { name: 'things', url, text: description })).status, 400);
    assert.equal((await call('POST', '/v1/apis', { name: 'Things!', text: description })).status, 400);
    const shown = await call('GET', '/v1/apis/things');
    assert.deepEqual(shown.body.review.pending[0], {
      action: 'things:things/get',
      field: 'reach',
      now: 'external',
      proposed: 'internal',
      lowers: true,
    });
    const stale = await call('POST', '/v1/apis/things/confirmations', { revision: shown.body.revision + 1 });
    assert.deepEqual([stale.status, stale.body.code], [409, 'catalog.confirmation_stale']);
    assert.equal(
      (await call('POST', '/v1/apis/things/confirmations', { revision: shown.body.revision })).body.lowered.length,
      1,
    );
    const id = encodeURIComponent('things:things/get');
    assert.equal(
      (await call('PATCH', `/v1/actions/${id}`, { classification: { sensitivity: 'sensitive' } })).status,
      200,
    );
    const action = await call('GET', `/v1/actions/${id}`);
    assert.deepEqual(
      [action.body.reach, action.body.sensitivity, action.body.sources.reach, action.body.path],
      ['internal', 'sensitive', 'person', '/things/{id}'],
    );
    const file = { overlay: 'actions: { things/get: { reach: external, sensitivity: sensitive, effect: write } }' };
    const looked = await call('POST', '/v1/apis/things/overlays/check', file);
    assert.deepEqual(
      looked.body.changes.map((one: { field: string; lowers: boolean }) => [one.field, one.lowers]).toSorted(),
      [
        ['effect', false],
        ['reach', false],
      ],
    );
    const again = { overlay: 'actions: { things/get: { sensitivity: public, reach: internal } }' };
    const lower = await call('POST', '/v1/apis/things/overlays/check', again);
    assert.deepEqual(lower.body.changes, [
      { action: 'things:things/get', field: 'sensitivity', from: 'sensitive', to: 'public', lowers: true },
    ]);
    const same = { overlay: 'actions: { things/get: { reach: internal } }' };
    const nothing = await call('POST', '/v1/apis/things/overlays/check', same);
    assert.deepEqual([nothing.body.changes, nothing.body.unchanged], [[], ['things:things/get']]);
    assert.equal((await call('GET', `/v1/actions/${id}`)).body.reach, 'internal', 'looking changes nothing');
    const before = { ...same, revision: lower.body.revision - 1 };
    assert.equal(
      (await call('POST', '/v1/apis/things/overlays/check', before)).body.code,
      'catalog.confirmation_stale',
    );
    const odd = await call('POST', '/v1/apis/things/overlays/check', { overlay: 'actions: { none: {} }' });
    assert.equal(odd.body.code, 'catalog.overlay_invalid');
    const bad = await call('PATCH', `/v1/actions/${id}`, { classification: { effect: 'harmless' } });
    assert.deepEqual([bad.status, bad.body.detail], [400, 'effect must be "read" or "write".']);
    assert.equal((await call('GET', '/v1/actions?api=things')).body.actions.length, 1);
    assert.equal((await call('GET', '/v1/apis/none')).status, 404);
    assert.deepEqual((await call('GET', '/v1/unmatched')).body, { groups: [] });
  } finally {
    await api.close();
    await store.close();
  }
});
