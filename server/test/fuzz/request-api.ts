/** An API whose paths, queries, headers and bodies lie close to one another, so that a wrong reading meets something. */

const text = { type: 'string' };
const word = { type: 'string', pattern: '^[a-z0-9-]{1,20}$' };
const parameter = (name: string, where: string, schema: object = text, more: object = {}) => ({
  name,
  in: where,
  required: where === 'path',
  schema,
  ...more,
});
const inPath = (...names: string[]) => names.map((name) => parameter(name, 'path'));
const list = { type: 'array', items: text };
const body = (type: string, schema: object, more: object = {}) => ({
  requestBody: { required: true, content: { [type]: { schema, ...more } } },
});
const json = (schema: object) => body('application/json', schema);

const money = {
  type: 'object',
  required: ['amount'],
  properties: {
    amount: { type: 'integer', minimum: 1 },
    currency: { type: 'string', enum: ['USD', 'EUR'] },
    note: text,
  },
};

const paths = {
  '/orders': {
    get: {
      operationId: 'orders.list',
      parameters: [
        parameter('limit', 'query', { type: 'integer', maximum: 100 }),
        parameter('status', 'query', { type: 'string', enum: ['open', 'closed'] }),
        parameter('ids', 'query', list, { style: 'form', explode: false }),
        parameter('tag', 'query', list),
        parameter('x-trace', 'header', word),
      ],
    },
    post: { operationId: 'orders.create', ...json({ type: 'object', additionalProperties: true }) },
  },
  '/orders/export': { get: { operationId: 'orders.export' } },
  '/orders/{id}': {
    get: { operationId: 'orders.get', parameters: inPath('id') },
    delete: { operationId: 'orders.delete', parameters: inPath('id') },
  },
  '/orders/{id}/refunds': { post: { operationId: 'refunds.create', parameters: inPath('id'), ...json(money) } },
  '/orders/{id}/notes/': { get: { operationId: 'notes.list', parameters: inPath('id') } },
  '/orders/{id}/{part}': { get: { operationId: 'orders.part', parameters: inPath('id', 'part') } },
  '/users/me': { get: { operationId: 'users.me' } },
  '/users/{id}': {
    patch: { operationId: 'users.patch', parameters: inPath('id'), ...json({ ...money, additionalProperties: false }) },
  },
  '/files/{name}': { get: { operationId: 'files.get', parameters: inPath('name') } },
  '/files/{name}:cancel': { post: { operationId: 'files.cancel', parameters: inPath('name') } },
  '/files/{name}.min.json': { get: { operationId: 'files.small', parameters: inPath('name') } },
  '/files/{name}.json': { get: { operationId: 'files.json', parameters: inPath('name') } },
  '/compare/{base}...{head}': { get: { operationId: 'compare', parameters: inPath('base', 'head') } },
  '/numbers/{n}': { get: { operationId: 'numbers.get', parameters: [parameter('n', 'path', { type: 'integer' })] } },
  '/words/{w}': { get: { operationId: 'words.get', parameters: [parameter('w', 'path', word)] } },
  '/charges': {
    post: {
      operationId: 'charges.create',
      parameters: [parameter('idempotency-key', 'header', text)],
      ...body(
        'application/x-www-form-urlencoded',
        { ...money, properties: { ...money.properties, tags: list } },
        {
          encoding: { tags: { style: 'deepObject', explode: true } },
        },
      ),
    },
  },
  '/pay': { post: { operationId: 'pay', requestBody: { content: { 'application/json': {} } } } },
  '/upload': {
    put: { operationId: 'upload', ...body('application/octet-stream', { type: 'string', format: 'binary' }) },
  },
};

export const requestApi = JSON.stringify({ openapi: '3.1.0', info: { title: 'odd', version: '1' }, paths });
