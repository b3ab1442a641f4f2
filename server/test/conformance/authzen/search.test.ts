/** AuthZEN Authorization API 1.0, Search: who may, with what, and what may be done; of a domain, and of Ambit's own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { type House, openHouse, order } from '../../house.ts';
import { rawAgent } from '../../raw-agent.ts';
import { type Answer, type Asking, registerPoint } from './asking.ts';

type Found = {
  readonly results: readonly { readonly type?: string; readonly id?: string; readonly name?: string }[];
  readonly page: { readonly next_token: string; readonly count: number };
};

/** The records of the working group's search scenario: view, edit and delete by owner, department and manager. */
const schema = `
entity user = { department: String, manager?: user };
entity record = { owner: user, department: String };
@told entity draft = { @told title?: String };
action view, edit, delete appliesTo { principal: user, resource: record, context: { now?: datetime, place?: String } };
action publish appliesTo { principal: user, resource: draft };
`;
const rules = `
@id("view") permit (principal, action == Action::"view", resource) when {
  resource.owner == principal || resource.department == principal.department ||
  (resource.owner has manager && resource.owner.manager == principal) };
@id("edit") permit (principal, action == Action::"edit", resource) when {
  resource.owner == principal ||
  (resource.owner has manager && resource.owner.manager == principal && resource.department == principal.department) };
@id("delete") permit (principal, action == Action::"delete", resource) when { resource.owner == principal };
@id("publish") permit (principal, action == Action::"publish", resource) when {
  principal.department == "sales" && resource has title && resource.title == "ready" };
`;
const at = (id: string) => ({ type: 'user', id });
const users = { alice: ['sales'], bob: ['sales', 'alice'], carol: ['legal', 'alice'], dan: ['legal'] } as const;
const records = { '1': ['alice', 'sales'], '2': ['bob', 'sales'], '3': ['carol', 'legal'] } as const;
const entities = [
  ...Object.entries(users).map(([id, [department, manager]]) => ({
    uid: at(id),
    attrs: { department, ...(manager === undefined ? {} : { manager: at(manager) }) },
    parents: [],
  })),
  ...Object.entries(records).map(([id, [owner, department]]) => ({
    uid: { type: 'record', id: `record-${id}` },
    attrs: { owner: at(owner), department },
    parents: [],
  })),
];
const record = (n: number) => ({ type: 'record', id: `record-${n}` });

let house: House;
let app: Asking;
before(async () => {
  house = await openHouse();
  await house.ada.operator.persons.setRoles(house.alice.id, ['policy']);
  const draft = { schema, rules, entities: JSON.stringify(entities) };
  await house.alice.operator.domains.publish('records', draft);
  app = await registerPoint(house, { domain: 'records', maySearch: true });
});
after(() => house.close());

const ids = ({ results }: Found) => results.map(({ id, name }) => id ?? name);

/** Every page, one after the other, and what came together. */
async function pages(point: Asking, path: string, body: object, limit: number): Promise<Found[]> {
  const found: Found[] = [];
  let token = '';
  do {
    const page = token === '' ? { limit } : { limit, token };
    const one: Found = await point.ask<Found>(path, { ...body, page });
    found.push(one);
    token = one.page.next_token;
  } while (token !== '' && found.length < 50);
  return found;
}

test('subject search: who may do that with this', async () => {
  const rows = [
    ['view', 1, ['alice', 'bob']],
    ['view', 3, ['alice', 'carol', 'dan']],
    ['edit', 2, ['alice', 'bob']],
    ['edit', 3, ['carol']],
    ['delete', 2, ['bob']],
  ] as const;
  for (const [name, n, expected] of rows) {
    const asked = { subject: { type: 'user' }, action: { name }, resource: record(n) };
    const found = await app.ask<Found>('search/subject', asked);
    assert.deepEqual(ids(found), expected, `${name} ${n}`);
    assert.deepEqual(found.page, { next_token: '', count: expected.length });
    for (const one of found.results) assert.deepEqual(Object.keys(one).sort(), ['id', 'type']);
  }
});

test('resource search: with what somebody may do that', async () => {
  const asked = (name: string, id: string) => ({ subject: at(id), action: { name }, resource: { type: 'record' } });
  assert.deepEqual(ids(await app.ask<Found>('search/resource', asked('view', 'alice'))), [
    'record-1',
    'record-2',
    'record-3',
  ]);
  assert.deepEqual(ids(await app.ask<Found>('search/resource', asked('edit', 'alice'))), ['record-1', 'record-2']);
  assert.deepEqual(ids(await app.ask<Found>('search/resource', asked('delete', 'dan'))), []);
});

test('action search: what somebody may do with this', async () => {
  const asked = (id: string, n: number) => ({ subject: at(id), resource: record(n) });
  const found = await app.ask<Found>('search/action', asked('bob', 2));
  assert.deepEqual(found.results, [{ name: 'delete' }, { name: 'edit' }, { name: 'view' }]);
  assert.deepEqual(ids(await app.ask<Found>('search/action', asked('dan', 3))), ['view']);
});

test('a search and an evaluation never disagree', async () => {
  for (const name of ['view', 'edit', 'delete']) {
    for (const n of [1, 2, 3]) {
      const asked = { action: { name }, resource: record(n) };
      const found = ids(await app.ask<Found>('search/subject', { ...asked, subject: { type: 'user' } }));
      for (const id of Object.keys(users)) {
        const { decision } = await app.ask<Answer>('evaluation', { ...asked, subject: at(id) });
        assert.equal(found.includes(id), decision, `${id} ${name} ${n}`);
      }
    }
  }
});

test('what a point tells of a thing counts in a search as in an evaluation', async () => {
  const asked = (title: string) => ({
    subject: { type: 'user' },
    action: { name: 'publish' },
    resource: { type: 'draft', id: 'x', properties: { title } },
  });
  assert.deepEqual(ids(await app.ask<Found>('search/subject', asked('ready'))), ['alice', 'bob']);
  assert.deepEqual(ids(await app.ask<Found>('search/subject', asked('rough'))), []);
});

test('an unknown type, id or action finds nothing, with status 200; an id in the open place is ignored', async () => {
  const asked = { subject: { type: 'user' }, action: { name: 'view' }, resource: record(1) };
  const nothing = [
    { ...asked, subject: { type: 'robot' } },
    { ...asked, resource: record(99) },
    { ...asked, resource: { type: 'planet', id: 'x' } },
    { ...asked, action: { name: 'fly' } },
  ];
  for (const one of nothing) assert.deepEqual((await app.ask<Found>('search/subject', one)).results, []);
  const odd = { ...asked, subject: { type: 'user', id: 'dan' }, colour: 'green' };
  assert.deepEqual(ids(await app.ask<Found>('search/subject', odd)), ['alice', 'bob']);
});

test('pages hold everything once, in order, and end with an empty token', async () => {
  const asked = { subject: { type: 'user' }, action: { name: 'view' }, resource: record(3) };
  for (const limit of [1, 2, 3, 100, 5000]) {
    const found = await pages(app, 'search/subject', asked, limit);
    assert.deepEqual(found.flatMap(ids), ['alice', 'carol', 'dan'], String(limit));
    assert.ok(found.every(({ results, page }) => results.length <= limit && page.count === results.length));
  }
  const none = await app.ask<Found>('search/subject', { ...asked, page: { limit: 0 } });
  assert.deepEqual([none.results, none.page.count], [[], 0]);
  const { next_token: token } = none.page;
  assert.deepEqual(ids(await app.ask<Found>('search/subject', { ...asked, page: { token } })), [
    'alice',
    'carol',
    'dan',
  ]);
});

test('a page asks a bounded number of questions, and the next goes on where it ended', async () => {
  const many = Array.from({ length: 2500 }, (_, i) => ({
    uid: { type: 'user', id: `u${String(i).padStart(5, '0')}` },
    attrs: { department: i % 1000 === 7 ? 'sales' : 'other' },
    parents: [],
  }));
  const big = { schema, rules, entities: JSON.stringify([...entities, ...many]) };
  await house.alice.operator.domains.publish('big', big);
  const point = await registerPoint(house, { domain: 'big', maySearch: true });
  const asked = { subject: { type: 'user' }, action: { name: 'view' }, resource: record(1) };
  const found = await pages(point, 'search/subject', asked, 100);
  assert.ok(found.length >= 3, `${found.length} pages`);
  assert.deepEqual(found.flatMap(ids), ['alice', 'bob', 'u00007', 'u01007', 'u02007']);
});

const malformed: readonly (readonly [string, string, object])[] = [
  ['no subject', 'subject', { action: { name: 'view' }, resource: record(1) }],
  ['no type of subject', 'subject', { subject: {}, action: { name: 'view' }, resource: record(1) }],
  ['no action', 'subject', { subject: { type: 'user' }, resource: record(1) }],
  [
    'no id of a resource',
    'subject',
    { subject: { type: 'user' }, action: { name: 'view' }, resource: { type: 'record' } },
  ],
  [
    'no id of a subject',
    'resource',
    { subject: { type: 'user' }, action: { name: 'view' }, resource: { type: 'record' } },
  ],
  ['no resource', 'action', { subject: at('bob') }],
  ['a page that is a list', 'action', { subject: at('bob'), resource: record(1), page: [] }],
  ['a limit that is negative', 'action', { subject: at('bob'), resource: record(1), page: { limit: -1 } }],
  ['a limit that is a text', 'action', { subject: at('bob'), resource: record(1), page: { limit: '10' } }],
  ['a token that is a number', 'action', { subject: at('bob'), resource: record(1), page: { token: 7 } }],
  ['a context that is a text', 'action', { subject: at('bob'), resource: record(1), context: 'x' }],
];
for (const [what, find, body] of malformed) {
  test(`${what}: 400`, async () => {
    const response = await app.raw(`search/${find}`, body, { 'x-request-id': 'r-1' });
    assert.deepEqual([response.status, response.headers.get('x-request-id')], [400, 'r-1']);
  });
}

test('a point that may not search is told so, and may ask for single decisions', async () => {
  const plain = await registerPoint(house, { domain: 'records' });
  const asked = { subject: { type: 'user' }, action: { name: 'view' }, resource: record(1) };
  for (const find of ['subject', 'resource', 'action']) {
    const response = await plain.raw(`search/${find}`, { ...asked, subject: at('bob') });
    assert.equal(response.status, 403);
    assert.equal(((await response.json()) as { code: string }).code, 'search.not_allowed');
  }
  assert.equal((await plain.ask<Answer>('evaluation', { ...asked, subject: at('bob') })).decision, true);
});

test('every page is an entry that says what was asked and what was told', async () => {
  const asked = { subject: at('bob'), resource: record(2) };
  const response = await app.raw('search/action', asked);
  const { header, detail } = await house.carol.operator.log.entry(response.headers.get('ambit-entry') as EntryId);
  assert.deepEqual([header.kind, header.who.initiator, header.code], ['authzen.searched', app.id, 'action']);
  assert.equal(header.decision, null);
  assert.match(JSON.stringify(detail), /"results":\[\{"name":"delete"\},\{"name":"edit"\},\{"name":"view"\}\]/);
});

test('of Ambit’s own: which actions a task may take with these arguments, as the gateway would decide', async () => {
  const point = await registerPoint(house, { maySearch: true });
  const task = await house.openTask();
  await (await rawAgent(house, house.refundBot)).accept(task);
  const asked = (orderId: string) => ({
    subject: { type: 'agent', id: house.refundBot.id },
    resource: { type: 'order', id: orderId },
    context: { task, arguments: { 'path.orderId': orderId, 'body.amount': '10.00', 'body.currency': 'USD' } },
  });
  assert.deepEqual(ids(await point.ask<Found>('search/action', asked(order))), [
    'shop:orders.get',
    'shop:refunds.create',
    'shop:shipping.get',
  ]);
  assert.deepEqual(ids(await point.ask<Found>('search/action', asked('1043'))), []);
});

test('of Ambit’s own: which agents may do that for a task, and by the rules alone; resources are not known', async () => {
  const point = await registerPoint(house, { maySearch: true });
  const task = await house.openTask();
  await (await rawAgent(house, house.refundBot)).accept(task);
  const action = { name: 'shop:orders.get', properties: { arguments: { 'path.orderId': order } } };
  const asked = { subject: { type: 'agent' }, action, resource: { type: 'order', id: order } };
  assert.deepEqual(ids(await point.ask<Found>('search/subject', { ...asked, context: { task } })), [
    house.refundBot.id,
  ]);
  assert.deepEqual(ids(await point.ask<Found>('search/subject', asked)), []);
  const [newest] = await house.alice.operator.policies.list();
  const { text } = await house.alice.operator.policies.show(newest!.number);
  await house.alice.operator.policies.publish(
    `${text}\n@id("all-read-orders") permit (principal, action == Action::"shop:orders.get", resource);`,
  );
  await house.alice.operator.agents.suspend(house.lookupBot.id, 'Not now.');
  const agents = ids(await point.ask<Found>('search/subject', asked));
  assert.deepEqual(agents, [house.refundBot.id, house.malloryBot.id].toSorted());
  const persons = ids(await point.ask<Found>('search/subject', { ...asked, subject: { type: 'person' } }));
  assert.ok(persons.includes(house.bob.id) && persons.length === 4);
  const things = { subject: { type: 'agent', id: house.refundBot.id }, action, resource: { type: 'order' } };
  assert.deepEqual((await point.ask<Found>('search/resource', things)).results, []);
});
