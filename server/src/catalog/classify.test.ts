import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decimalOf, type PersonId } from '@ambit/protocol';
import fc from 'fast-check';
import type { ActionRecord, ActionShape, Classification } from './action.ts';
import { confirmed, effective, fields, fresh, isStricter, pending, reimported, ruled, settle } from './classify.ts';
import { defaults, wordsOf } from './defaults.ts';
import { readOpenApi } from './importers/openapi.ts';

/** The shape of one operation of a small description. */
function shape(method: string, path: string, operation: object = {}): ActionShape {
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'api', version: '1' },
    paths: { [path]: { [method]: { operationId: 'op', ...operation } } },
  });
  return readOpenApi('api', text).operations[0]!.shape;
}

const body = (properties: object, type = 'application/json') => ({
  requestBody: { content: { [type]: { schema: { type: 'object', properties } } } },
});
const answer = (properties: object, headers: object = {}) => ({
  responses: {
    200: { description: '', headers, content: { 'application/json': { schema: { type: 'object', properties } } } },
  },
});
const carol = { person: 'psn_carol' as PersonId, at: 5 };

describe('without anybody’s word', () => {
  test('what is not known to be a read is a write, and a write is irreversible', () => {
    assert.equal(defaults(shape('get', '/orders')).effect, 'read');
    assert.equal(defaults(shape('get', '/orders')).reversibility, 'reversible');
    for (const method of ['post', 'put', 'patch', 'delete']) {
      const action = defaults(shape(method, '/orders/{id}'));
      assert.deepEqual(
        [action.effect, action.reversibility, action.reach, action.answersForeignText],
        ['write', 'irreversible', 'external', true],
      );
    }
  });

  test('a GET whose name says that it changes something is a write', () => {
    assert.equal(defaults(shape('get', '/sessions/logout')).effect, 'write');
    assert.equal(defaults(shape('get', '/x', { operationId: 'auth_revoke' })).effect, 'write');
    assert.equal(defaults(shape('get', '/x', { operationId: 'git/get-commit' })).effect, 'read');
    assert.deepEqual(wordsOf('admin_apps.clearResolution'), ['admin', 'apps', 'clear', 'resolution']);
  });

  test('a body that can hold operations is opaque', () => {
    const opaque = [
      shape('post', '/graphql', body({ query: { type: 'string' } })),
      shape('get', '/graphql'),
      shape('post', '/$batch', body({})),
      shape('post', '/v1/batch', body({})),
      shape('post', '/x', body({ requests: { type: 'array' } })),
      shape('post', '/x', body({ operations: { type: 'array' } })),
      shape('post', '/x', body({ sql: { type: 'string' } })),
      shape('post', '/x', body({ query: { type: 'string' }, variables: { type: 'object' } })),
      shape('post', '/search', body({ query: { type: 'string' } })),
      shape('post', '/x', body({}, 'application/graphql')),
      shape('post', '/x', body({}, 'multipart/mixed')),
      shape('post', '/rpc', body({ jsonrpc: { type: 'string' } })),
    ];
    for (const one of opaque) assert.equal(defaults(one).opaque, true, JSON.stringify(one.template));
    assert.equal(defaults(shape('post', '/orders', body({ amount: { type: 'string' } }))).opaque, false);
    assert.equal(defaults(shape('post', '/orders', body({ query: { type: 'string' } }))).opaque, false);
  });

  test('what seems to answer a credential mints one', () => {
    const minting = [
      shape('post', '/tokens'),
      shape('post', '/api-keys'),
      shape('post', '/login'),
      shape('get', '/files/{id}', answer({ presigned_url: { type: 'string' } })),
      shape('post', '/clients', answer({ client_secret: { type: 'string' } })),
      shape('get', '/x', answer({ credentials: { type: 'object' } })),
      shape('get', '/x', answer({}, { 'Set-Cookie': { schema: { type: 'string' } } })),
    ];
    for (const one of minting) assert.equal(defaults(one).mintsCredential, true, JSON.stringify(one.template));
    assert.equal(defaults(shape('get', '/orders', answer({ id: { type: 'string' } }))).mintsCredential, false);
  });
});

describe('what a description proposes', () => {
  const write = shape('post', '/refunds', body({ amount: { type: 'string' }, tip: { type: 'string' } }));
  const lowering: Partial<Classification> = {
    effect: 'read',
    reversibility: 'reversible',
    reach: 'internal',
    costUnits: decimalOf('0'),
    answersForeignText: false,
    sensitivity: 'public',
    bodyIsPowerless: true,
    money: { amount: 'body.tip', currency: 'USD', places: 0 },
    sentence: 'Look at something harmless',
  };

  test('is ignored where it lowers a gate, until a person confirms it', () => {
    const record = fresh(write, lowering, 'description');
    const before = effective(record);
    assert.deepEqual(fieldsOf(before), fieldsOf({ ...before, ...defaults(write) }));
    assert.equal(before.state, 'proposed');
    assert.deepEqual(new Set(pending(record).map((one) => one.field)), new Set(Object.keys(lowering)));
    const after = effective(confirmed(record, carol));
    assert.deepEqual(fieldsOf({ ...after, ...lowering }), fieldsOf(after));
    assert.equal(after.state, 'confirmed');
    assert.equal(after.sources.effect, 'person');
    assert.deepEqual(pending(confirmed(record, carol)), []);
  });

  test('counts at once where it raises one', () => {
    const read = shape('get', '/orders');
    const raised = effective(
      fresh(
        read,
        { effect: 'write', mintsCredential: true, opaque: true, sensitivity: 'sensitive', costUnits: decimalOf('5') },
        'description',
      ),
    );
    assert.deepEqual(
      [raised.effect, raised.mintsCredential, raised.opaque, raised.sensitivity, raised.costUnits],
      ['write', true, true, 'sensitive', '5'],
    );
    assert.equal(raised.sources.effect, 'description');
    assert.equal(raised.sources.reach, 'default');
  });

  test('raises over what a person said before, and never lowers on the way back', () => {
    const first = confirmed(fresh(write, { reversibility: 'reversible' }, 'description'), carol);
    assert.equal(effective(first).reversibility, 'reversible');
    // The default was irreversible all along: the person lowered it knowingly, and an equal description changes nothing.
    const same = reimported(first, write, { reversibility: 'irreversible' });
    assert.equal(effective(same).reversibility, 'reversible');
    const costly = ruled(
      fresh(write, { costUnits: decimalOf('2') }, 'description'),
      { costUnits: decimalOf('1') },
      { ...carol, source: 'person' },
    );
    const dearer = reimported(costly, write, { costUnits: decimalOf('9') });
    assert.equal(effective(dearer).costUnits, '9');
    const cheaper = reimported(dearer, write, { costUnits: decimalOf('0') });
    assert.equal(effective(cheaper).costUnits, '9');
    assert.equal(
      effective(ruled(cheaper, { costUnits: decimalOf('0') }, { ...carol, source: 'person' })).costUnits,
      '0',
    );
  });

  test('waits for a person when the same name comes to mean another request', () => {
    const first = confirmed(fresh(shape('get', '/orders/{id}'), {}, 'description'), carol);
    const moved = reimported(first, shape('get', '/payroll/{id}'), {});
    assert.match(
      effective(moved).held ?? '',
      /was GET \/orders\/\{id\} and its description now makes it GET \/payroll\/\{id\}/,
    );
    assert.match(effective(reimported(moved, shape('get', '/payroll/{id}'), {})).held ?? '', /payroll/);
    assert.equal(effective(confirmed(moved, carol)).held, null);
    const wider = { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }] };
    const narrow = {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9]+$' } }],
    };
    assert.notEqual(
      reimported(fresh(shape('get', '/x/{id}', narrow), {}, 'description'), shape('get', '/x/{id}', wider), {}).held,
      null,
    );
    assert.equal(reimported(first, shape('get', '/orders/{id}', { summary: 'Now with words' }), {}).held, null);
  });

  test('waits for a person when it admits more in its query or body, and not when it admits less', () => {
    const was = shape('post', '/refunds', body({ amount: { type: 'string', maxLength: 9 } }));
    const held = (now: ActionShape) => reimported(fresh(was, {}, 'description'), now, {}).held;
    const query = { parameters: [{ name: 'to', in: 'query', schema: { type: 'string' } }] };
    const amount = (schema: object, more: object = {}) => shape('post', '/refunds', body({ amount: schema, ...more }));
    assert.match(held(amount({ type: 'string', maxLength: 9 }, { payee: { type: 'string' } })) ?? '', /body\.payee/);
    assert.match(held(amount({ type: 'string', maxLength: 10 })) ?? '', /body\.amount/);
    assert.match(held(amount({ maxLength: 9 })) ?? '', /body\.amount/);
    assert.match(
      held({ ...was, parameters: shape('post', '/refunds', query).parameters }) ?? '',
      /admits more in query\.to/,
    );
    assert.equal(held(amount({ type: 'string', maxLength: 8 })), null);
    assert.equal(held(was), null);
    const unsaid = shape('post', '/refunds', { requestBody: { required: true, content: { 'application/json': {} } } });
    assert.match(held(unsaid) ?? '', /body\.amount/);
  });

  test('waits for a person when it names a server of its own', () => {
    const upload = shape('post', '/assets', { servers: [{ url: 'https://uploads.example.com' }] });
    assert.match(effective(fresh(upload, {}, 'description')).held ?? '', /uploads\.example\.com/);
  });

  test('a read that turns into a write under a person’s word of read is a write again', () => {
    const said = ruled(
      fresh(shape('get', '/x'), {}, 'description'),
      { effect: 'read' },
      { ...carol, source: 'overlay' },
    );
    assert.equal(effective(said).sources.effect, 'overlay');
    assert.equal(effective(reimported(said, shape('delete', '/x'), { effect: 'read' })).effect, 'write');
  });
});

test('an undo that does not exist makes nothing compensable, and only reads are run to look again', () => {
  const word = { ...carol, source: 'person' as const };
  const refund = ruled(
    fresh(shape('post', '/refunds'), {}, 'description'),
    { reversibility: 'compensable', undo: 'api:gone', lookAgain: 'api:op' },
    word,
  );
  const action = effective(refund);
  const settled = settle(new Map([[action.id, action]])).get(action.id);
  assert.deepEqual([settled?.reversibility, settled?.undo, settled?.lookAgain], ['irreversible', null, null]);
});

test('an undo that only reads takes nothing back', () => {
  const word = { ...carol, source: 'person' as const };
  const looks = effective(fresh(shape('get', '/looks'), {}, 'description'));
  const said = { reversibility: 'compensable', undo: looks.id } as const;
  const refund = effective(ruled(fresh(shape('post', '/refunds'), {}, 'description'), said, word));
  const settled = settle(
    new Map([
      ['refund', refund],
      [looks.id, looks],
    ]),
  ).get('refund');
  assert.deepEqual([settled?.reversibility, settled?.undo], ['irreversible', null]);
});

// ---- the law ----

const someWords = fc.record<Partial<Classification>>(
  {
    effect: fc.constantFrom('read', 'write'),
    reversibility: fc.constantFrom('reversible', 'compensable', 'irreversible'),
    reach: fc.constantFrom('internal', 'external'),
    sensitivity: fc.constantFrom('public', 'internal', 'sensitive'),
    costUnits: fc.constantFrom(decimalOf('0'), decimalOf('1'), decimalOf('2.5')),
    answersForeignText: fc.boolean(),
    mintsCredential: fc.boolean(),
    opaque: fc.boolean(),
    bodyIsPowerless: fc.boolean(),
  },
  { requiredKeys: [] },
);
const shapes = fc.constantFrom(
  shape('get', '/a'),
  shape('post', '/a'),
  shape('post', '/graphql', body({})),
  shape('delete', '/tokens/{id}'),
);

test('law: whatever a person said and however often a description is imported, no import lowers a gate', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ import: someWords, shape: shapes }),
      fc.record({ person: someWords }),
      fc.constant({ confirm: true as const }),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(shapes, someWords, steps, (first, proposed, all) => {
      let record: ActionRecord = fresh(first, proposed, 'description');
      assertNoLower(record, { ...record, proposed: {} });
      for (const step of all) {
        const before = record;
        if ('import' in step) {
          record = reimported(record, step.shape, step.import);
          assertNoLower(record, before);
        } else if ('person' in step) record = ruled(record, step.person, { ...carol, source: 'person' });
        else record = confirmed(record, carol);
      }
    }),
    { numRuns: 500 },
  );
});

function assertNoLower(after: ActionRecord, before: ActionRecord): void {
  const [now, then] = [effective(after), effective(before)];
  for (const field of fields)
    assert.equal(
      isStricter(field, then[field], now[field]),
      false,
      `${field} went from ${then[field]} to ${now[field]}`,
    );
}

const fieldsOf = (action: Classification) => fields.map((field) => action[field]);
