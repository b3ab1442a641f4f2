import { readFileSync } from 'node:fs';

/** The committed OpenAPI document, byte for byte what `/openapi.json` answers. */
export const descriptionText = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8');

export type Operation = {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As fastify writes it: `/orders/:orderId`. */
  readonly url: string;
  readonly schema: Readonly<Record<'params' | 'querystring' | 'headers' | 'body', Json | undefined>>;
  readonly integerQueryNames: readonly string[];
};

type Json = { readonly [name: string]: unknown };
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Json };

const methods = { get: 'GET', post: 'POST', delete: 'DELETE' } as const;

/** The operations with their validation, read from the description: it cannot say anything but what is enforced. */
export function operations(): Operation[] {
  const document = resolve(JSON.parse(descriptionText));
  return Object.entries(document.paths as Record<string, Json>).flatMap(([path, item]) =>
    Object.entries(methods)
      .filter(([method]) => method in item)
      .map(([method, upper]) => operation(path, upper, item, item[method] as Json)),
  );
}

function operation(path: string, method: Operation['method'], item: Json, own: Json): Operation {
  const parameters = [item.parameters, own.parameters].flatMap((list) => (list ?? []) as Parameter[]);
  const placed = (where: string) => parameters.filter((parameter) => parameter.in === where);
  return {
    id: own.operationId as string,
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    schema: {
      params: objectOf(placed('path')),
      querystring: objectOf(placed('query')),
      headers: objectOf(placed('header')),
      body: bodySchema(own),
    },
    integerQueryNames: placed('query')
      .filter(({ schema }) => schema.type === 'integer')
      .map(({ name }) => name),
  };
}

function objectOf(parameters: readonly Parameter[]): Json | undefined {
  if (parameters.length === 0) return undefined;
  // Node lower-cases header names, and only header names are written here with capitals at the front.
  const nameOf = (parameter: Parameter) => (parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name);
  return {
    type: 'object',
    required: parameters.filter(({ required }) => required).map(nameOf),
    properties: Object.fromEntries(parameters.map((parameter) => [nameOf(parameter), parameter.schema])),
  };
}

function bodySchema(own: Json): Json | undefined {
  const body = own.requestBody as { content: Record<string, { schema: Json }> } | undefined;
  return body?.content['application/json']?.schema;
}

/** Puts what each local `$ref` names in its place; members beside a `$ref` are kept, as JSON Schema 2020-12 has it. */
export function resolve(document: Json): Json {
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    const { $ref, ...rest } = node as Json;
    const own = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, walk(value)]));
    return typeof $ref === 'string' ? { ...(walk(at(document, $ref)) as Json), ...own } : own;
  };
  return walk(document) as Json;
}

function at(document: Json, pointer: string): unknown {
  const found = pointer
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((node, name) => (node as Json | undefined)?.[name], document);
  if (found === undefined) throw new Error(`openapi.json has no ${pointer}`);
  return found;
}
