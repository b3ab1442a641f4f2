import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { descriptionText, operations, resolve } from '../src/description.ts';
import { handlers } from '../src/handlers.ts';
import { apiKey, openShop } from './open-shop.ts';

type Described = {
  operationId: string;
  parameters?: { name: string; in: string; example?: string | number; schema: object }[];
  requestBody?: { content: Record<string, { schema: object; example: object }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
  'x-ambit': Record<string, unknown> & { undo?: string; lookAgain?: string; sentence: string };
};
const document = resolve(JSON.parse(descriptionText)) as unknown as {
  paths: Record<string, Record<string, Described> & { parameters?: Described['parameters'] }>;
};
const described = Object.entries(document.paths).flatMap(([path, { parameters = [], ...methods }]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    method: method.toUpperCase(),
    path,
    parameters: [...parameters, ...(operation.parameters ?? [])],
  })),
);
const byId = new Map(described.map((operation) => [operation.operationId, operation]));
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const fits = (schema: object, value: unknown) => {
  const validate = ajv.compile(schema);
  assert.ok(validate(value), `${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
};

test('the description is a valid OpenAPI 3.1 document', async () => {
  const parsed = await SwaggerParser.validate(JSON.parse(descriptionText));
  assert.equal((parsed as { openapi: string }).openapi, '3.1.0');
});

test('the shop serves the committed description byte for byte, to anyone', async (t) => {
  const { shop } = await openShop(t);
  const response = await fetch(`${shop.url}/openapi.json`);
  const committed = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8');
  assert.equal(await response.text(), committed);
});

test('each operation has exactly one handler, and each handler is described', () => {
  assert.deepEqual(
    operations()
      .map(({ id }) => id)
      .sort(),
    Object.keys(handlers).sort(),
  );
  assert.equal(described.length, 13);
});

test('each example in the description fits its own schema', () => {
  for (const { parameters, requestBody } of described) {
    for (const { example, schema } of parameters) fits(schema, example);
    for (const { schema, example } of Object.values(requestBody?.content ?? {})) fits(schema, example);
  }
});

test('each id pattern admits no path: no dots, slashes, percent signs or other cases', () => {
  const ids = described.flatMap(({ parameters }) => parameters.filter((each) => each.in === 'path'));
  assert.ok(ids.length > 0);
  for (const { schema, example } of ids) {
    for (const evil of [
      '../payroll',
      '..',
      '%2e%2e',
      `${example}/`,
      `${example};a=1`,
      ` ${example}`,
      `${example}\n`,
      '',
    ]) {
      assert.equal(ajv.validate(schema, evil), false, `${JSON.stringify(evil)} was admitted beside ${example}`);
    }
  }
});

test('each proposal is complete, and names only operations and arguments that exist', () => {
  for (const { operationId, method, parameters, requestBody, 'x-ambit': proposal } of described) {
    const body = (requestBody?.content['application/json']?.schema ?? {}) as { properties?: object };
    const names = new Set([
      ...parameters.map((each) => `${each.in}.${each.name}`),
      ...Object.keys(body.properties ?? {}).map((name) => `body.${name}`),
    ]);
    assert.ok(['read', 'write'].includes(String(proposal.effect)), operationId);
    assert.ok(['reversible', 'compensable', 'irreversible'].includes(String(proposal.reversibility)), operationId);
    assert.ok(['internal', 'external'].includes(String(proposal.reach)), operationId);
    assert.equal(typeof proposal.answersForeignText, 'boolean', operationId);
    assert.equal(typeof proposal.mintsCredential, 'boolean', operationId);
    assert.equal(proposal.effect === 'read', method === 'GET' || proposal.opaque === true, operationId);
    assert.equal(proposal.reversibility === 'compensable', proposal.undo !== undefined, operationId);
    for (const other of [proposal.undo, proposal.lookAgain]) assert.ok(other === undefined || byId.has(other));
    const referred = JSON.stringify(proposal).match(/\b(path|query|header|body)\.[\w-]+/g) ?? [];
    for (const name of referred) assert.ok(names.has(name), `${operationId} names ${name}`);
  }
});

test('each operation answers its example as the description says', async (t) => {
  const { send } = await openShop(t);
  const prepared: Record<string, string> = {
    noteId: (await send('POST', '/orders/1042/notes', { text: 'To be removed.' })).body.id,
    refundId: (await send('POST', '/orders/1042/refunds', { amount: '1.00', currency: 'USD' })).body.id,
  };
  const answered = new Set<string>();
  for (const { operationId, method, path, parameters, requestBody, responses } of described) {
    const filled = parameters
      .filter((each) => each.in === 'path')
      .reduce((url, { name, example }) => url.replace(`{${name}}`, prepared[name] ?? String(example)), path);
    const query = parameters.filter((each) => each.in === 'query').map(({ name, example }) => `${name}=${example}`);
    const headers = parameters
      .filter((each) => each.in === 'header')
      .map(({ name, example }) => [name, String(example)]);
    const url = query.length === 0 ? filled : `${filled}?${query.join('&')}`;
    const answer = await send(
      method,
      url,
      requestBody?.content['application/json']?.example,
      Object.fromEntries(headers),
    );
    const response = responses[answer.status];
    assert.ok(
      answer.status < 300 && response,
      `${operationId} answered ${answer.status} ${JSON.stringify(answer.body)}`,
    );
    const schema = response.content?.['application/json']?.schema;
    if (schema === undefined) assert.equal(answer.body, undefined);
    else fits(schema, answer.body);
    answered.add(operationId);
  }
  assert.equal(answered.size, byId.size);
});

test('everything the shop holds fits the description, page by page', async (t) => {
  const { send } = await openShop(t);
  for (const [path, operationId, expected] of [
    ['/orders', 'orders.list', 120],
    ['/payroll', 'payroll.list', 24],
  ] as const) {
    const schema = byId.get(operationId)!.responses[200]!.content!['application/json']!.schema;
    const ids = new Set<string>();
    for (let after = ''; ; ) {
      const { body } = await send('GET', `${path}?limit=50${after}`);
      fits(schema, body);
      for (const { id } of body.orders ?? body.entries) ids.add(id);
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    assert.equal(ids.size, expected);
  }
  for (let id = 1001; id <= 1120; id += 1) {
    const order = await send('GET', `/orders/${id}`);
    for (const [path, operationId] of [
      [`/orders/${id}/shipping`, 'shipping.get'],
      [`/orders/${id}/refunds`, 'refunds.list'],
      [`/customers/${order.body.customer}`, 'customers.get'],
    ] as const) {
      const { status, body } = await send('GET', path);
      assert.equal(status, 200);
      fits(byId.get(operationId)!.responses[200]!.content!['application/json']!.schema, body);
    }
  }
});

test('each refusal is a described problem', async (t) => {
  const { send } = await openShop(t);
  const big = JSON.stringify({ text: 'x'.repeat(70_000) });
  const refusals = [
    ['orders.get', await send('GET', '/orders/1042', undefined, { authorization: 'Bearer wrong' }), 401],
    ['orders.get', await send('GET', '/orders/9999'), 404],
    ['orders.get', await send('GET', '/orders/%2e%2e%2fpayroll'), 400],
    ['orders.list', await send('GET', '/orders?limit=0'), 400],
    ['orders.list', await send('GET', '/orders?limit=1&limit=2'), 400],
    ['refunds.create', await send('POST', '/orders/1042/refunds', '{"amount":'), 400],
    ['refunds.create', await send('POST', '/orders/1042/refunds', { amount: 30, currency: 'USD' }), 400],
    [
      'refunds.create',
      await send('POST', '/orders/1042/refunds', { amount: '30.00', currency: 'USD', all: true }),
      400,
    ],
    ['refunds.create', await send('POST', '/orders/1042/refunds', { amount: '9999.00', currency: 'USD' }), 409],
    ['orders.note', await send('POST', '/orders/1042/notes', big), 413],
    ['orders.note', await send('POST', '/orders/1042/notes', 'text', { 'content-type': 'text/plain' }), 415],
    ['search.query', await send('POST', '/search', { query: 'drop everything' }), 422],
  ] as const;
  for (const [operationId, answer, status] of refusals) {
    assert.equal(answer.status, status, `${operationId}: ${JSON.stringify(answer.body)}`);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/);
    fits(byId.get(operationId)!.responses[status]!.content!['application/problem+json']!.schema, answer.body);
    assert.equal(answer.body.status, status);
    assert.ok(!JSON.stringify(answer.body).includes(apiKey));
  }
});
