import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JsonNumber, type JsonValue } from '@ambit/protocol';
import fc from 'fast-check';
import { Refusal } from '../foundation/index.ts';
import type { Action } from './action.ts';
import { readOpenApi } from './importers/openapi.ts';
import { compileMatcher, type MatchedCall, match, type RawCall } from './match-call.ts';
import { actionsOf, shopActions } from './testing.ts';

const shop = compileMatcher(shopActions());

/** `METHOD /path?query` with header fields and a body. */
function call(line: string, headers: Record<string, string> = {}, body?: string | Uint8Array): RawCall {
  const at = line.indexOf(' ');
  const target = line.slice(at + 1);
  const mark = target.indexOf('?');
  return {
    method: line.slice(0, at),
    rawPath: mark < 0 ? target : target.slice(0, mark),
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
    headers: Object.entries(headers),
    ...(body !== undefined && { body: Buffer.from(body) }),
  };
}

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const refund = (body: string | Uint8Array, headers: Record<string, string> = json) =>
  call('POST /orders/1042/refunds', headers, body);

function refusedWith(code: string, wanted: RawCall, matcher = shop): string {
  let says = '';
  assert.throws(
    () => match(matcher, wanted),
    (error) => {
      assert.ok(error instanceof Refusal, String(error));
      assert.equal(error.code, code, error.message);
      says = error.says;
      return true;
    },
    `${wanted.method} ${wanted.rawPath}?${wanted.rawQuery} was let through`,
  );
  return says;
}

const plain = (found: MatchedCall) =>
  Object.fromEntries(
    [...found.arguments].map(([name, value]) => [name, value instanceof JsonNumber ? `#${value.text}` : value]),
  );

/** A matcher over one small description in which every path is written out. */
function api(paths: object) {
  return compileMatcher(
    actionsOf(readOpenApi('api', JSON.stringify({ openapi: '3.1.0', info: { title: 'a', version: '1' }, paths }))),
  );
}

const idParameter = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const wide = api({
  '/orders/export': { get: { operationId: 'export' } },
  '/orders/{id}': {
    get: { operationId: 'get', parameters: [idParameter] },
    delete: { operationId: 'delete', parameters: [idParameter] },
  },
  '/orders/{id}/notes/': { get: { operationId: 'notes', parameters: [idParameter] } },
  '/users/me': { get: { operationId: 'me' } },
  '/users/{id}': { patch: { operationId: 'patch', parameters: [idParameter] } },
  '/files/{id}:cancel': { post: { operationId: 'cancel', parameters: [idParameter] } },
  '/files/{id}': { get: { operationId: 'file', parameters: [idParameter] } },
  '/compare/{base}...{head}': { get: { operationId: 'compare' } },
});

describe('a call with one meaning', () => {
  test('is told with its arguments, its resource and the request that will be sent', () => {
    const found = match(shop, refund('{ "currency": "USD",\n "amount": "30.00" }'));
    assert.equal(found.action.id, 'shop:refunds.create');
    assert.deepEqual(plain(found), { 'path.orderId': '1042', 'body.currency': 'USD', 'body.amount': '30.00' });
    assert.equal(found.path, '/orders/1042/refunds');
    assert.deepEqual(found.resources, ['shop:orders/1042']);
    assert.equal(
      found.body.kind === 'read' && Buffer.from(found.body.bytes).toString(),
      '{"currency":"USD","amount":"30.00"}',
    );
  });

  test('is printed anew: needless encoding goes, spaces in a query become %20', () => {
    const found = match(shop, call('GET /%6frders?status=%64elivered&limit=20'));
    assert.equal(`${found.path}?${found.query}`, '/orders?status=delivered&limit=20');
    assert.deepEqual(plain(found), { 'query.status': 'delivered', 'query.limit': '#20' });
    const search = api({
      '/find': { get: { operationId: 'find', parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }] } },
    });
    const spaced = match(search, call('GET /find?q=a+b%2Bc%26d'));
    assert.equal(spaced.arguments.get('query.q'), 'a b+c&d');
    assert.equal(spaced.query, 'q=a%20b%2Bc%26d');
  });

  test('keeps declared header parameters and leaves every other field behind', () => {
    const found = match(
      shop,
      refund('{"amount":"1.00","currency":"USD"}', { ...json, 'Idempotency-Key': 'k-1', 'X-Debug': '1' }),
    );
    assert.deepEqual(found.headers, [['idempotency-key', 'k-1']]);
    // A key for repeating safely widens nothing, so no grant has to name it.
    assert.equal(found.arguments.has('header.idempotency-key'), false);
  });

  test('flattens nested members, and a dot in a name cannot pose as nesting', () => {
    const matcher = api({
      '/pay': { post: { operationId: 'pay', requestBody: { content: { 'application/json': {} } } } },
    });
    const found = match(
      matcher,
      call('POST /pay', json, '{"price":{"amount":5,"list":[1,{"a":2}]},"price.amount":7,"empty":{}}'),
    );
    const { 'body.price.list': list, 'body.empty': empty, ...rest } = plain(found);
    assert.deepEqual(rest, { 'body.price.amount': '#5', 'body.price%2Eamount': '#7' });
    assert.ok(Array.isArray(list) && Object.keys(empty ?? { x: 1 }).length === 0);
  });

  test('takes a form apart by its brackets and prints it back', () => {
    const schema = {
      type: 'object',
      properties: { amount: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
    };
    const content = {
      'application/x-www-form-urlencoded': { schema, encoding: { tags: { style: 'deepObject', explode: true } } },
    };
    const matcher = api({ '/charges': { post: { operationId: 'charge', requestBody: { content } } } });
    const found = match(matcher, call('POST /charges', form, 'amount=500&tags[]=a&tags[]=b+c&metadata[order]=1042'));
    assert.deepEqual(plain(found), { 'body.amount': '#500', 'body.tags': ['a', 'b c'], 'body.metadata.order': '1042' });
    const sent = found.body.kind === 'read' ? Buffer.from(found.body.bytes).toString() : '';
    assert.equal(sent, 'amount=500&tags%5B%5D=a&tags%5B%5D=b%20c&metadata%5Border%5D=1042');
  });

  test('divides a segment with two parameters in one way only', () => {
    assert.deepEqual(plain(match(wide, call('GET /compare/main...topic'))), {
      'path.base': 'main',
      'path.head': 'topic',
    });
    for (const path of ['a...b...c', 'a....b'])
      refusedWith('catalog.path_ambiguous', call(`GET /compare/${path}`), wide);
  });
});

describe('Mallory writes the path another way', () => {
  const paths = [
    '/orders/../payroll',
    '/orders/%2e%2e/payroll',
    '/orders/.%2E/payroll',
    '/orders/..%2fpayroll',
    '/orders/%2e%2e%2fpayroll',
    '/orders/..%5cpayroll',
    '/orders/..\\payroll',
    '/orders/%252e%252e%252fpayroll',
    '/orders/%25%32%65',
    '/orders/1042%2frefunds',
    '/orders/1042;x=1',
    '/orders/1042%3bx=1',
    '/orders//1042',
    '//orders/1042',
    '/orders/./1042',
    '/orders/1042/.',
    '/orders/%00',
    '/orders/1042%00',
    '/orders/1042%0d%0a',
    '/orders/%c0%ae%c0%ae',
    '/orders/%ff',
    '/orders/%ed%a0%80',
    '/orders/1042%',
    '/orders/1042%zz',
    '/orders/1042 ',
    '/orders/1042%20',
    '/orders/１０４２',
    '/orders/%EF%BC%8E%EF%BC%8E%EF%BC%8Fpayroll',
    '/Orders/1042',
    '/ORDERS',
    '/orders#/1042',
    '/orders/1042"',
    'orders/1042',
    'http://shop/orders/1042',
    '*',
    '',
    `/orders/${'9'.repeat(9000)}`,
    '/a'.repeat(60),
  ];
  for (const path of paths) {
    test(`${JSON.stringify(path.slice(0, 60))} has more than one meaning`, () => {
      refusedWith('catalog.path_ambiguous', call(`GET ${path}`));
    });
  }

  test('and hears in words what is wrong', () => {
    assert.match(refusedWith('catalog.path_ambiguous', call('GET /orders/..%2fpayroll')), /encoded slash/);
    assert.match(refusedWith('catalog.path_ambiguous', call('GET /Orders/1042')), /could be taken for orders/);
    for (const path of ['/files/7:CANCEL', '/files/7:cAncel', '/files/7:c%EF%BD%81ncel'])
      assert.match(refusedWith('catalog.path_ambiguous', call(`GET ${path}`), wide), /could be taken for …:cancel/);
    assert.deepEqual(plain(match(wide, call('GET /files/7:stop'))), { 'path.id': '7:stop' });
    assert.match(refusedWith('catalog.no_match', call('PUT /orders/1042')), /takes GET, not PUT/);
  });

  test('a slash at the end is another path, unless the description has it', () => {
    refusedWith('catalog.no_match', call('GET /orders/1042/'));
    assert.equal(match(wide, call('GET /orders/a/notes/')).path, '/orders/a/notes/');
    refusedWith('catalog.no_match', call('GET /orders/a/notes'), wide);
  });

  test('values that are not what the parameter declares', () => {
    for (const id of [
      'export',
      'me',
      '1,2,3',
      '1042,1043',
      '*',
      '0',
      '10',
      '1e4',
      '-1042',
      '%2B1042',
      '1042%3Fx',
      '99999999999',
    ]) {
      refusedWith('catalog.argument_invalid', call(`GET /orders/${id}`));
    }
  });

  test('a value that is a literal beside the parameter never reaches the parameter, for any method', () => {
    assert.equal(match(wide, call('GET /orders/export')).action.id, 'api:export');
    refusedWith('catalog.no_match', call('DELETE /orders/export'), wide);
    refusedWith('catalog.no_match', call('PATCH /users/me'), wide);
    refusedWith('catalog.path_ambiguous', call('PATCH /users/ME'), wide);
    refusedWith('catalog.path_ambiguous', call('PATCH /users/%EF%BD%8De'), wide);
    refusedWith('catalog.no_match', call('GET /files/7:cancel'), wide);
    const cancel = match(wide, call('POST /files/7%3Acancel'));
    assert.deepEqual([plain(cancel), cancel.path], [{ 'path.id': '7' }, '/files/7:cancel']);
  });

  test('lists, queries and fragments inside a value whose schema admits any text', () => {
    for (const id of ['1,2,3', '1%2C2', '1%3Fadmin=1', '1%23x', '1%26x', '*', 'a%7Cb'])
      refusedWith('catalog.argument_invalid', call(`GET /orders/${id}`), wide);
    assert.deepEqual(plain(match(wide, call('GET /orders/caf%C3%A9+1'))), { 'path.id': 'café+1' });
  });
});

describe('Mallory writes the query another way', () => {
  const ambiguous = [
    'limit=1&limit=2',
    'limit=1&%6cimit=2',
    'Limit=1',
    'admin=1',
    'limit[]=1',
    'limit[a]=1',
    'limit',
    'limit=1&',
    '&limit=1',
    'limit=1&&after=1040',
    'limit=1;after=1040',
    'status=del%ff',
    'limit=1%',
    'status="delivered"',
    '_method=DELETE',
    'limit=1#x',
    '[a]=1',
    'a]=1',
    `status=${'x'.repeat(9000)}`,
  ];
  for (const query of ambiguous) {
    test(`${query.slice(0, 40)} is refused`, () => {
      refusedWith('catalog.query_ambiguous', call(`GET /orders?${query}`));
    });
  }

  test('values of another type, out of range or spelt oddly', () => {
    for (const query of [
      'limit=abc',
      'limit=1e1',
      'limit=0',
      'limit=101',
      'limit=007',
      'limit=-0',
      'limit=%2B5',
      'limit=5.0',
      'limit=',
      'status=gone',
    ]) {
      refusedWith('catalog.argument_invalid', call(`GET /orders?${query}`));
    }
  });

  test('a declared list repeats in its own style only', () => {
    const parameters = [
      { name: 'ids', in: 'query', schema: { type: 'array', items: { type: 'integer' } } },
      { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } }, explode: false },
      { name: 'created', in: 'query', style: 'deepObject', explode: true, schema: { type: 'object' } },
    ];
    const lists = api({ '/x': { get: { operationId: 'x', parameters } } });
    const found = match(lists, call('GET /x?ids=1&ids=2&tags=a,b&created[gte]=5'));
    assert.equal(found.query, 'ids=1&ids=2&tags=a,b&created%5Bgte%5D=5');
    assert.equal(found.arguments.get('query.created.gte'), '5');
    for (const query of [
      'ids[]=1',
      'ids=1&ids[]=2',
      'tags=a&tags=b',
      'created[a]=1&created[a]=2',
      'created[a]=1&created[a][b]=2',
      'created[a]=1&created[A]=2',
    ]) {
      refusedWith('catalog.query_ambiguous', call(`GET /x?${query}`), lists);
    }
    refusedWith('catalog.argument_invalid', call('GET /x?created=5'), lists);
  });
});

describe('Mallory sends a body that two readers would read differently', () => {
  const good = '{"amount":"30.00","currency":"USD"}';
  const ambiguous: [string, string | Uint8Array][] = [
    ['a key twice', '{"amount":"30.00","amount":"300.00","currency":"USD"}'],
    ['a key twice by an escape', '{"amount":"30.00","\\u0061mount":"300.00","currency":"USD"}'],
    ['something after it', `${good}{}`],
    ['a comment', `/* */${good}`],
    ['a byte order mark', `\ufeff${good}`],
    ['UTF-16', Buffer.from(good, 'utf16le')],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['half a surrogate pair', '{"amount":"30.00","currency":"USD","reason":"\\ud800"}'],
  ];
  for (const [name, body] of ambiguous) {
    test(name, () => {
      refusedWith('catalog.body_ambiguous', refund(body));
    });
  }

  test('numbers that do not survive parse and print', () => {
    const matcher = api({
      '/pay': { post: { operationId: 'pay', requestBody: { content: { 'application/json': {} } } } },
    });
    for (const amount of ['1e2', '-0', '9007199254740993', '0.1234567890123456', '01', '+1', '.5', 'NaN']) {
      refusedWith('catalog.body_ambiguous', call('POST /pay', json, `{"amount":${amount}}`), matcher);
    }
  });

  test('a name that differs from another in case only', () => {
    const open = { type: 'object', properties: { amount: { type: 'integer' } } };
    const matcher = api({
      '/pay': { post: { operationId: 'pay', requestBody: { content: { 'application/json': { schema: open } } } } },
    });
    for (const body of [
      '{"amount":1,"Amount":2}',
      '{"AMOUNT":2}',
      '{"list":[{"a":1,"A":2}]}',
      '{"_method":"DELETE"}',
      '{"x":{"k":1,"K":2}}',
    ]) {
      refusedWith('catalog.body_ambiguous', call('POST /pay', json, body), matcher);
    }
  });

  test('arguments retyped, omitted or not declared', () => {
    for (const amount of ['30', '["30.00"]', '{"v":"30.00"}', 'null', 'true', '"1e2"', '"0.00"', '{}']) {
      refusedWith('catalog.argument_invalid', refund(`{"amount":${amount},"currency":"USD"}`));
    }
    refusedWith('catalog.argument_missing', refund('{"currency":"USD"}'));
    refusedWith('catalog.argument_missing', refund('{}'));
    refusedWith('catalog.argument_missing', refund(''));
    refusedWith('catalog.argument_invalid', refund('{"amount":"30.00","currency":"USD","to":"mallory"}'));
    for (const whole of ['[]', '"x"', 'null', '1']) refusedWith('catalog.argument_invalid', refund(whole));
  });

  test('another media type, another charset, compressed, or two of them', () => {
    refusedWith(
      'request.unsupported_media_type',
      refund(good, { 'content-type': 'application/x-www-form-urlencoded' }),
    );
    refusedWith('request.unsupported_media_type', refund(good, { 'content-type': 'application/json; charset=utf-16' }));
    refusedWith('request.unsupported_media_type', refund(good, {}));
    refusedWith('request.unsupported_media_type', refund(good, { ...json, 'Content-Type': 'text/plain' }));
    refusedWith('catalog.header_refused', refund(good, { ...json, 'content-encoding': 'gzip' }));
    assert.equal(match(shop, refund(good, { 'content-type': 'Application/JSON; charset="UTF-8"' })).body.kind, 'read');
  });

  test('a body where none belongs', () => {
    refusedWith('catalog.body_unexpected', call('GET /orders/1042', json, '{}'));
    refusedWith('catalog.body_unexpected', call('DELETE /refunds/rfd_000001', json, '{}'));
  });

  test('header fields that override the request line', () => {
    for (const name of [
      'X-HTTP-Method-Override',
      'x-http-method',
      'X-Method-Override',
      'x-original-url',
      'X-Rewrite-URL',
    ]) {
      refusedWith('catalog.header_refused', call('GET /orders/1042', { [name]: 'DELETE' }));
    }
    assert.throws(
      () =>
        match(shop, {
          ...refund(good),
          headers: [
            ['content-type', 'application/json'],
            ['Idempotency-Key', 'a'],
            ['idempotency-key', 'b'],
          ],
        }),
      {
        code: 'catalog.argument_invalid',
      },
    );
  });

  test('forms in which a name has two values', () => {
    const schema = { type: 'object', properties: { amount: { type: 'integer' }, to: { type: 'string' } } };
    const content = { 'application/x-www-form-urlencoded': { schema } };
    const forms = api({ '/pay': { post: { operationId: 'pay', requestBody: { content } } } });
    const pay = (body: string) => call('POST /pay', form, body);
    for (const body of [
      'amount=1&amount=2',
      'amount=1&AMOUNT=2',
      'amount=1&amount[x]=2',
      'a[b]=1&a[b][c]=2',
      'a[][b]=1',
      'amount=1;to=x',
      'amount=1&%61mount=2',
      'a b=1',
      'amount',
    ]) {
      refusedWith('catalog.body_ambiguous', pay(body), forms);
    }
    for (const body of ['amount=1e2', 'amount=', 'amount[x]=2', 'amount[]=2'])
      refusedWith('catalog.argument_invalid', pay(body), forms);
  });
});

test('an action that is held refuses every call until a person confirms it', () => {
  const held = compileMatcher(shopActions().map((one) => ({ ...one, held: 'its path changed' })));
  assert.match(refusedWith('catalog.held', call('GET /orders/1042'), held), /its path changed/);
});

test('two actions of one method and path form are a fault of the catalog', () => {
  const [first] = shopActions();
  assert.throws(() => compileMatcher([first!, { ...first!, id: 'shop:twin' }]), /match the same calls/);
});

// ---- the laws ----

const lawQuery = [
  { name: 'q', in: 'query', schema: { type: 'string' } },
  { name: 'n', in: 'query', schema: { type: 'number' } },
  { name: 'ids', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
  { name: 'where', in: 'query', style: 'deepObject', schema: { type: 'object' } },
];
const lawBody = { content: { 'application/json': {}, 'application/x-www-form-urlencoded': {} } };
const lawOperation = (operationId: string) => ({ put: { operationId, parameters: lawQuery, requestBody: lawBody } });
const lawPaths = {
  '/things/{id}': lawOperation('put'),
  '/things/all': lawOperation('all'),
  '/things/{id}:stop': lawOperation('stop'),
  '/things/{id}/{part}': lawOperation('part'),
};
const lawText = JSON.stringify({ openapi: '3.1.0', info: { title: 'law', version: '1' }, paths: lawPaths });
const lawActions: readonly Action[] = actionsOf(readOpenApi('law', lawText));
const law = compileMatcher(lawActions);

const word = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z0-9@+=:!é€-]{1,8}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
);
const key = fc.string({ unit: fc.constantFrom(...'abcdefgh.-_%'.split('')), minLength: 1, maxLength: 4 });
const decimal = fc.stringMatching(/^-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?$/).filter((text) => !/^-0(\.0*)?$/.test(text));
const percent = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

const request = fc
  .record({
    id: fc.oneof({ weight: 6, arbitrary: word }, fc.constantFrom('all', 'ALL', '7:stop', '..', 'a', '1,2')),
    part: fc.option(word, { nil: undefined }),
    q: fc.option(word, { nil: undefined }),
    n: fc.option(decimal, { nil: undefined }),
    ids: fc.array(word, { maxLength: 3 }),
    where: fc.dictionary(fc.stringMatching(/^[a-h]{1,4}$/), word, { maxKeys: 3 }),
    body: fc.option(
      fc.oneof(
        fc.record({ json: fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }) }),
        fc.record({ form: fc.dictionary(fc.stringMatching(/^[a-h]{1,4}$/), word, { maxKeys: 4 }) }),
      ),
      { nil: undefined },
    ),
  })
  .map(({ id, part, q, n, ids, where, body }): RawCall => {
    const pairs = [
      ...(q === undefined ? [] : [`q=${percent(q)}`]),
      ...(n === undefined ? [] : [`n=${n}`]),
      ...ids.map((one) => `ids=${percent(one)}`),
      ...Object.entries(where).map(([name, value]) => `where[${name}]=${percent(value)}`),
    ];
    const isJson = body !== undefined && 'json' in body;
    const text =
      body === undefined
        ? ''
        : 'json' in body
          ? JSON.stringify(body.json)
          : Object.entries(body.form)
              .map(([k, v]) => `${k}=${percent(v)}`)
              .join('&');
    return {
      method: 'PUT',
      rawPath: `/things/${percent(id)}${part === undefined ? '' : `/${percent(part)}`}`,
      rawQuery: pairs.join('&'),
      headers:
        body === undefined ? [] : [['content-type', isJson ? 'application/json' : 'application/x-www-form-urlencoded']],
      body: Buffer.from(text),
    };
  });

function attempt(wanted: RawCall, matcher = law): MatchedCall | undefined {
  try {
    return match(matcher, wanted);
  } catch (error) {
    if (error instanceof Refusal) {
      return undefined;
    }
    throw error;
  }
}

function asSent(found: MatchedCall): RawCall {
  const { body } = found;
  return {
    method: found.action.method,
    rawPath: found.path,
    rawQuery: found.query,
    headers: body.kind === 'none' ? found.headers : [...found.headers, ['content-type', body.mediaType]],
    ...(body.kind === 'read' && { body: body.bytes }),
  };
}

const comparable = (found: ReadonlyMap<string, JsonValue>) => JSON.stringify([...found]);

test('law: what is sent is read again as the same action with the same arguments, and printed the same', () => {
  let matched = 0;
  fc.assert(
    fc.property(request, (wanted) => {
      const found = attempt(wanted);
      if (found === undefined) return;
      matched++;
      const again = match(law, asSent(found));
      assert.equal(again.action.id, found.action.id);
      assert.equal(comparable(again.arguments), comparable(found.arguments));
      assert.deepEqual(asSent(again), asSent(found));
    }),
    { numRuns: 1500 },
  );
  assert.ok(matched > 150, `only ${matched} calls matched`);
});

test('law: no request matches two actions: whichever others are taken away, it matches the same one or none', () => {
  const alone = new Map(lawActions.map((one) => [one.id, compileMatcher([one])]));
  fc.assert(
    fc.property(request, (wanted) => {
      const found = attempt(wanted);
      const could = [...alone].filter(([, matcher]) => attempt(wanted, matcher) !== undefined).map(([id]) => id);
      assert.ok(found === undefined || could.includes(found.action.id));
    }),
    { numRuns: 500 },
  );
});

test('law: no text is let through as a path value that any decoding turns into a second segment', () => {
  const nasty = fc.array(
    fc.constantFrom('.', '/', '\\', '%', '2', 'e', 'f', '5', 'c', ';', 'a', '％', '／', '．', '\u0000'),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(nasty, fc.nat(2), (chars, times) => {
      let text = chars.join('');
      for (let i = 0; i < times; i++) text = percent(text);
      const found = attempt({ method: 'PUT', rawPath: `/things/${text}/a`, rawQuery: '', headers: [] });
      if (found === undefined) return;
      let value = String(found.arguments.get('path.id'));
      for (let i = 0; i < 3; i++) value = tryDecode(value).normalize('NFKC');
      assert.doesNotMatch(value, /[/\\;]|^\.+$/);
    }),
    { numRuns: 2000 },
  );
});

function tryDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
