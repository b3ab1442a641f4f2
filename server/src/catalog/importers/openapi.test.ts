import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal } from '../../foundation/index.ts';
import { printTemplate } from '../path-template.ts';
import { shopText } from '../testing.ts';
import { readOpenApi } from './openapi.ts';

const base = { openapi: '3.0.3', info: { title: 'Api', version: '7' } };
const read = (description: object | string) =>
  readOpenApi('api', typeof description === 'string' ? description : JSON.stringify(description));
const one = (operation: object, more: object = {}) =>
  read({ ...base, paths: { '/x/{id}': { post: operation } }, ...more }).operations[0]!;

function refusal(description: object | string): string {
  try {
    read(description);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'catalog.description_invalid') return error.says;
    throw error;
  }
  assert.fail('it was imported');
}

test('a summary that is cut within a character stays text', () => {
  assert.equal(one({ summary: `${'x'.repeat(199)}😀` }).shape.summary, `${'x'.repeat(199)}\ufffd`);
});

test('the shop is read with its proposals', () => {
  const shop = readOpenApi('shop', shopText());
  assert.deepEqual([shop.format, shop.title, shop.operations.length], ['openapi-3.1', 'Shop', 13]);
  const refund = shop.operations.find((each) => each.shape.id === 'shop:refunds.create')!;
  assert.equal(printTemplate(refund.shape.template), '/orders/{orderId}/refunds');
  assert.deepEqual(Object.keys(refund.shape.body?.arguments ?? {}), ['body.amount', 'body.currency', 'body.reason']);
  assert.deepEqual(refund.shape.body?.objects.body, {
    closed: true,
    required: ['amount', 'currency'],
    nullable: false,
  });
  assert.equal(refund.proposed.undo, 'shop:refunds.cancel');
  assert.deepEqual(refund.proposed.money, { amount: 'body.amount', currency: 'body.currency', places: 0 });
  assert.deepEqual(shop.security, [{ name: 'shopKey', kind: 'http bearer', in: null, key: null }]);
});

test('YAML and JSON of one description mean the same', () => {
  const yaml = `
openapi: 3.0.3
info: { title: Api, version: "7" }
paths:
  /orders/{id}:
    get:
      operationId: get
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer } }
`;
  const parameters = [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }];
  const json = read({ ...base, paths: { '/orders/{id}': { get: { operationId: 'get', parameters } } } });
  assert.deepEqual(read(yaml).operations, json.operations);
});

test('Swagger 2.0: host, form data, lists and bodies', () => {
  const swagger = read({
    swagger: '2.0',
    info: { title: 'Old', version: '1' },
    host: 'api.example.com',
    basePath: '/v1',
    schemes: ['https'],
    consumes: ['application/x-www-form-urlencoded'],
    definitions: { New: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
    paths: {
      '/a': {
        post: {
          operationId: 'a',
          parameters: [
            { name: 'text', in: 'formData', required: true, type: 'string' },
            { name: 'token', in: 'formData', required: true, type: 'string' },
          ],
        },
      },
      '/b': {
        post: {
          operationId: 'b',
          consumes: ['application/json'],
          parameters: [{ name: 'whole', in: 'body', required: true, schema: { $ref: '#/definitions/New' } }],
        },
      },
      '/c': {
        get: {
          operationId: 'c',
          parameters: [
            { name: 'ids', in: 'query', type: 'array', items: { type: 'integer' } },
            { name: 'tags', in: 'query', type: 'array', collectionFormat: 'multi' },
          ],
        },
      },
    },
  });
  const [a, b, c] = swagger.operations.map((each) => each.shape);
  assert.deepEqual(swagger.servers, ['https://api.example.com/v1']);
  assert.deepEqual(a?.body?.objects.body?.required, ['text']);
  assert.deepEqual(b?.body?.mediaTypes, [{ type: 'application/json', reader: 'json' }]);
  assert.deepEqual(b?.body?.arguments, { 'body.name': { types: ['string'] } });
  assert.deepEqual(
    c?.parameters.map((each) => each.style),
    ['comma', 'repeat'],
  );
});

describe('schemas', () => {
  test('recursion, depth and number are bounded, and everything below stays open', () => {
    const node = {
      type: 'object',
      properties: { name: { type: 'string' }, child: { $ref: '#/components/schemas/Node' } },
    };
    const { shape } = one(
      { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } } } },
      { components: { schemas: { Node: node } } },
    );
    assert.deepEqual(shape.body?.arguments['body.name'], { types: ['string'] });
    assert.ok(Object.keys(shape.body?.arguments ?? {}).length < 20);
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p${i}`, { type: 'string' }]));
    const wide = one({
      requestBody: { content: { 'application/json': { schema: { type: 'object', properties: many } } } },
    });
    assert.equal(Object.keys(wide.shape.body?.arguments ?? {}).length, 400);
  });

  test('allOf adds up, anyOf is any of them, nullable and const are what they say', () => {
    const schema = {
      allOf: [
        { type: 'object', required: ['a'], properties: { a: { type: 'string', nullable: true } } },
        { properties: { b: { oneOf: [{ type: 'integer' }, { type: 'string', enum: [''] }] } } },
      ],
      properties: { c: { const: 'x' } },
    };
    const { body } = one({ requestBody: { content: { 'application/json': { schema } } } }).shape;
    assert.deepEqual(body?.arguments, {
      'body.a': { types: ['string', 'null'] },
      'body.b': { anyOf: [{ types: ['integer'] }, { types: ['string'], enum: [''] }] },
      'body.c': { enum: ['x'] },
    });
    assert.deepEqual(body?.objects.body?.required, ['a']);
  });

  test('names that pose as nesting or as prototypes are names like any other', () => {
    const properties = {
      'a.b': { type: 'string' },
      constructor: { type: 'string' },
      a: { type: 'object', properties: { b: { type: 'integer' } } },
    };
    const schema = JSON.parse(JSON.stringify({ type: 'object', properties }).replace('"constructor"', '"__proto__"'));
    const { body } = one({ requestBody: { content: { 'application/json': { schema } } } }).shape;
    assert.deepEqual(Object.keys(body?.arguments ?? {}), ['body.a%2Eb', 'body.__proto__', 'body.a.b']);
  });
});

describe('credentials and hop-by-hop fields are no arguments', () => {
  test('whatever a security scheme or its name says is one', () => {
    const parameters = [
      { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'token', in: 'header', required: true, schema: { type: 'string' } },
      { name: 'Authorization', in: 'header', schema: { type: 'string' } },
      { name: 'k', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'X-HTTP-Method-Override', in: 'header', schema: { type: 'string' } },
      { name: 'Host', in: 'header', schema: { type: 'string' } },
      { name: 'session', in: 'cookie', schema: { type: 'string' } },
      { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
    ];
    const components = { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'k' } } };
    assert.deepEqual(
      one({ parameters }, { components }).shape.parameters.map((each) => each.argument),
      ['path.id', 'header.x-trace'],
    );
  });
});

describe('names', () => {
  test('an operation without an id, or with one that is not its own, is named after method and path', () => {
    const paths = {
      '/a/{id}': { get: {} },
      '/b': { get: { operationId: 'same' }, post: { operationId: 'same' } },
      '/c': { get: { operationId: 'odd id!' } },
    };
    const description = read({ ...base, paths });
    assert.deepEqual(
      description.operations.map((each) => each.shape.id),
      ['api:get.a.id', 'api:get.b', 'api:post.b', 'api:odd_id_'],
    );
    assert.equal(description.notes.filter((each) => each.says.includes('shares the operationId same')).length, 2);
  });
});

describe('what cannot be imported says where and why', () => {
  const ok = { '/a': { get: {} } };
  const cases: [string, object | string, RegExp][] = [
    ['no JSON', '{"openapi": "3.0.0",', /The description is not JSON/],
    ['no YAML', 'a: [1, 2', /Line 1 is not YAML/],
    ['a key twice in YAML', 'openapi: 3.0.0\nopenapi: 3.1.0\n', /Line 2 is not YAML: DUPLICATE_KEY/],
    ['YAML aliases', 'a: &x [1]\nb: [*x, *x]\n', /uses the YAML alias \*x/],
    ['a list', '- 1', /is not an object/],
    ['nothing', '', /is not an object/],
    ['no version', { paths: ok }, /neither a member "openapi" nor "swagger"/],
    ['a version that is not read', { openapi: '4.0.0', paths: ok }, /is of version 4\.0\.0/],
    ['no operation', { ...base, paths: {} }, /#\/paths holds no operation/],
    ['a path item that is a text', { ...base, paths: { '/a': 'x' } }, /#\/paths\/~1a is not an object/],
    [
      'a reference to elsewhere',
      { ...base, paths: { '/a': { $ref: 'https://169.254.169.254/latest' } } },
      /refers outside of the description/,
    ],
    [
      'a reference to a file',
      { ...base, paths: { '/a': { get: { parameters: [{ $ref: '../../etc/passwd' }] } } } },
      /#\/paths\/~1a\/get\/parameters\/0 refers outside/,
    ],
    [
      'a reference to nothing',
      { ...base, paths: { '/a': { get: { requestBody: { $ref: '#/components/x' } } } } },
      /which is not there/,
    ],
    [
      'references in a circle',
      {
        ...base,
        components: { a: { $ref: '#/components/b' }, b: { $ref: '#/components/a' } },
        paths: { '/a': { $ref: '#/components/a' } },
      },
      /refers on and on/,
    ],
    [
      'a parameter without a name',
      { ...base, paths: { '/a': { get: { parameters: [{ in: 'query' }] } } } },
      /parameters\/0 lacks its "name"/,
    ],
    [
      'two paths of one form',
      { ...base, paths: { '/a/{x}': { get: {} }, '/a/{y}': { get: {} } } },
      /no call could tell them apart/,
    ],
    [
      'an x-ambit with an unknown word',
      { ...base, paths: { '/a': { get: { 'x-ambit': { effect: 'harmless' } } } } },
      /x-ambit: effect must be "read" or "write"/,
    ],
    [
      'an x-ambit with an unknown member',
      { ...base, paths: { '/a': { get: { 'x-ambit': { trusted: true } } } } },
      /x-ambit: trusted is not known/,
    ],
  ];
  for (const [name, description, says] of cases) {
    test(name, () => {
      assert.match(refusal(description), says);
    });
  }

  test('a description that is too large, or nested endlessly', () => {
    assert.match(refusal(`{"x":"${'x'.repeat(33 * 1024 * 1024)}"}`), /at most 33554432 are read/);
    assert.match(refusal(`a: ${'['.repeat(4000)}`), /nested too deeply|is not YAML/);
  });

  test('half of a surrogate pair, in a name or a value', () => {
    for (const half of [
      '"info":{"title":"\\ud800"}',
      '"paths":{"/a":{"post":{"requestBody":{"content":{"\\udc00":{}}}}}}',
    ])
      assert.match(refusal(`{"openapi":"3.0.0",${half}}`), /holds half of a surrogate pair/);
    assert.match(refusal('openapi: 3.0.0\ninfo: { title: "\\uD800" }'), /holds half of a surrogate pair/);
  });

  test('a path that cannot be matched exactly is left out with a note, and the rest imports', () => {
    const description = read({
      ...base,
      paths: { ...ok, '/b?x=1': { get: {} }, '/{a}{b}': { get: {} }, '/../c': { get: {} } },
    });
    assert.deepEqual(
      description.operations.map((each) => each.shape.operation),
      ['get.a'],
    );
    assert.equal(description.notes.filter((each) => each.says.includes('left out')).length, 3);
  });
});
