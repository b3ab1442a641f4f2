import { createHash } from 'node:crypto';
import { ShapeFault } from '@ambit/protocol';
import {
  type ActionShape,
  argumentName,
  type BodyShape,
  type Classification,
  type ListStyle,
  type MediaReader,
  type Parameter,
} from '../action.ts';
import { formOf, type PathTemplate, parameterNames, parseTemplate } from '../path-template.ts';
import { readProposal } from '../proposal.ts';
import type { ValueSchema } from '../value-schema.ts';
import {
  below,
  entriesOf,
  follow,
  invalid,
  isMap,
  type Json,
  type JsonMap,
  listOf,
  member,
  type Place,
  type Placed,
  readDocument,
  textOf,
} from './document.ts';
import { exampleOf, flatten, valueSchema } from './schemas.ts';

export type SecurityScheme = {
  readonly name: string;
  readonly kind: string;
  readonly in: string | null;
  readonly key: string | null;
};

export type ImportedOperation = { readonly shape: ActionShape; readonly proposed: Partial<Classification> };

/** Something a person should look at. It never stops an import. */
export type ImportNote = { readonly place: Place; readonly says: string };

/** A description as read: nothing in it counts until the catalog has judged it. */
export type Description = {
  readonly format: 'openapi-3.1' | 'openapi-3.0' | 'swagger-2.0';
  readonly title: string;
  readonly version: string;
  /** `sha-256:` and base64url of the text. */
  readonly digest: string;
  /** Where the API says it lives: proposals. */
  readonly servers: readonly string[];
  readonly security: readonly SecurityScheme[];
  readonly operations: readonly ImportedOperation[];
  readonly notes: readonly ImportNote[];
};

const operationsMax = 5000;
const notesMax = 1000;
const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;

type Reading = {
  readonly root: JsonMap;
  readonly api: string;
  readonly format: Description['format'];
  readonly servers: readonly string[];
  readonly security: readonly SecurityScheme[];
  readonly notes: ImportNote[];
};

/** Reads an OpenAPI 3.0 or 3.1 or a Swagger 2.0 description, JSON or YAML. Throws the refusal that names the place. */
export function readOpenApi(api: string, text: string): Description {
  const root = readDocument(text);
  const format = formatOf(root);
  const servers = format === 'swagger-2.0' ? swaggerServers(root) : serverUrls(root.servers);
  const reading: Reading = { root, api, format, servers, security: securityOf(root, format), notes: [] };
  const operations = readOperations(reading);
  return {
    format,
    title: textOf(member(root.info, 'title'))?.slice(0, 200) ?? api,
    version: String(member(root.info, 'version') ?? '').slice(0, 100),
    digest: `sha-256:${createHash('sha256').update(text).digest('base64url')}`,
    servers,
    security: reading.security,
    operations,
    notes: reading.notes,
  };
}

function formatOf(root: JsonMap): Description['format'] {
  const version = textOf(root.openapi) ?? textOf(root.swagger) ?? '';
  if (/^3\.0(\.|$)/.test(version)) return 'openapi-3.0';
  if (/^3\.1(\.|$)/.test(version)) return 'openapi-3.1';
  if (version === '2.0') return 'swagger-2.0';
  if (version !== '') throw invalid('', `is of version ${version}; OpenAPI 3.0, 3.1 and Swagger 2.0 are read`);
  throw invalid('', 'has neither a member "openapi" nor "swagger" that says its version');
}

function serverUrls(servers: Json | undefined): string[] {
  return listOf(servers).flatMap((server) => {
    const url = textOf(member(server, 'url'));
    if (url === undefined || url.length > 2000) return [];
    const variables = new Map(
      entriesOf(member(server, 'variables')).map(([name, one]) => [name, textOf(member(one, 'default'))]),
    );
    return [url.replace(/\{([^}]*)\}/g, (whole, name) => variables.get(name) ?? whole)];
  });
}

function swaggerServers(root: JsonMap): string[] {
  const host = textOf(root.host);
  const path = textOf(root.basePath) ?? '/';
  if (host === undefined) return [path];
  const schemes = listOf(root.schemes).filter((one) => one === 'https' || one === 'http');
  return (schemes.length === 0 ? ['https'] : schemes).map((scheme) => `${scheme}://${host}${path}`);
}

function securityOf(root: JsonMap, format: Description['format']): SecurityScheme[] {
  const holder = format === 'swagger-2.0' ? root.securityDefinitions : member(root.components, 'securitySchemes');
  return entriesOf(holder)
    .slice(0, 50)
    .map(([name, value]) => {
      const scheme = follow(root, value, below('#', 'components', 'securitySchemes', name)).value;
      const kind = [textOf(member(scheme, 'type')), textOf(member(scheme, 'scheme'))]
        .filter((one) => one !== undefined)
        .join(' ');
      return { name, kind, in: textOf(member(scheme, 'in')) ?? null, key: textOf(member(scheme, 'name')) ?? null };
    });
}

function note(reading: Reading, place: Place, says: string): void {
  if (reading.notes.length < notesMax) reading.notes.push({ place, says });
}

type Found = {
  readonly method: string;
  readonly path: string;
  readonly place: Place;
  readonly item: JsonMap;
  readonly operation: JsonMap;
};

function readOperations(reading: Reading): ImportedOperation[] {
  const found = findOperations(reading);
  if (found.length === 0) throw invalid('#/paths', 'holds no operation');
  if (found.length > operationsMax)
    throw invalid('#/paths', `holds ${found.length} operations; at most ${operationsMax} are imported`);
  const names = namesOf(reading, found);
  const taken = new Map<string, Place>();
  return found.flatMap((one) => {
    const parsed = parseTemplate(one.path);
    if ('fault' in parsed) {
      note(reading, one.place, `is left out: its path ${parsed.fault}`);
      return [];
    }
    const form = `${one.method} ${parsed.template.map(formOf).join('/')}`;
    const other = taken.get(form);
    if (other !== undefined)
      throw invalid(one.place, `has the same method and path form as ${other}: no call could tell them apart`);
    taken.set(form, one.place);
    return [readOperation(reading, one, parsed.template, names.get(one) ?? '')];
  });
}

function findOperations(reading: Reading): Found[] {
  const found: Found[] = [];
  for (const [path, value] of entriesOf(reading.root.paths)) {
    if (path.startsWith('x-')) continue;
    const { value: item, place } = follow(reading.root, value, below('#', 'paths', path));
    if (!isMap(item)) throw invalid(below('#', 'paths', path), 'is not an object');
    for (const method of methods) {
      const operation = item[method];
      if (operation === undefined) continue;
      if (!isMap(operation)) throw invalid(below(place, method), 'is not an object');
      found.push({ method: method.toUpperCase(), path, place: below('#', 'paths', path, method), item, operation });
    }
    for (const other of ['trace', 'query'])
      if (item[other] !== undefined) note(reading, below(place, other), 'is left out: that method is not passed on');
  }
  return found;
}

/** Operation names: the operationId where it is given once, else method and path, which stay the same between imports. */
function namesOf(reading: Reading, found: readonly Found[]): Map<Found, string> {
  const idOf = (one: Found) =>
    textOf(one.operation.operationId)
      ?.replace(/[^A-Za-z0-9._/-]/g, '_')
      .slice(0, 200) ?? '';
  const counts = Map.groupBy(found, idOf);
  const names = new Map<Found, string>();
  for (const one of found) {
    const id = idOf(one);
    const unique = id !== '' && counts.get(id)?.length === 1;
    if (id !== '' && !unique)
      note(
        reading,
        one.place,
        `shares the operationId ${id} with another operation; it is named after its method and path`,
      );
    names.set(one, unique ? id : nameFromPath(one.method, one.path));
  }
  const clash = [...Map.groupBy(found, (one) => names.get(one) ?? '').values()].find((group) => group.length > 1);
  if (clash !== undefined)
    throw invalid(clash[1]?.place ?? '', `gets the same name as ${clash[0]?.place}; give both an operationId`);
  return names;
}

export function nameFromPath(method: string, path: string): string {
  const words = path
    .replace(/[{}]/g, '')
    .split('/')
    .filter((one) => one !== '');
  return [method.toLowerCase(), ...words]
    .join('.')
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 200);
}

function readOperation(reading: Reading, found: Found, template: PathTemplate, name: string): ImportedOperation {
  const { operation, place } = found;
  const stated = statedParameters(reading, found);
  const shape: ActionShape = {
    id: `${reading.api}:${name}`,
    api: reading.api,
    operation: name,
    method: found.method,
    template,
    parameters: readParameters(reading, found, template, stated),
    body: reading.format === 'swagger-2.0' ? swaggerBody(reading, found, stated) : requestBody(reading, found),
    summary: (textOf(operation.summary) ?? textOf(operation.description) ?? '').replace(/\s+/g, ' ').slice(0, 200),
    hints: { ...answerHints(reading, found), elsewhere: elsewhere(reading, found) },
  };
  return { shape, proposed: proposalOf(reading, operation['x-ambit'], below(place, 'x-ambit')) };
}

function proposalOf(reading: Reading, value: Json | undefined, place: Place): Partial<Classification> {
  if (value === undefined) return {};
  try {
    return readProposal(reading.api, value);
  } catch (error) {
    if (!(error instanceof ShapeFault)) throw error;
    throw invalid(error.path === '' ? place : `${place}: ${error.path}`, error.must);
  }
}

function elsewhere(reading: Reading, found: Found): string | null {
  const own = serverUrls(found.operation.servers ?? found.item.servers);
  return own.find((url) => !reading.servers.includes(url)) ?? null;
}

/** Parameters of the path item, overridden by those of the operation with the same place and name. */
function statedParameters(reading: Reading, found: Found): Placed[] {
  const stated = new Map<string, Placed>();
  const paths = below('#', 'paths', found.path, 'parameters');
  for (const [list, place] of [
    [found.item.parameters, paths],
    [found.operation.parameters, below(found.place, 'parameters')],
  ] as const) {
    for (const [i, value] of listOf(list).entries()) {
      const at = follow(reading.root, value, below(place, i));
      const [where, name] = [textOf(member(at.value, 'in')), textOf(member(at.value, 'name'))];
      if (where === undefined || name === undefined) throw invalid(at.place, 'lacks its "name" or its "in"');
      stated.set(`${where} ${name}`, at);
    }
  }
  return [...stated.values()];
}

const credentialNames = new Set([
  'authorization',
  'token',
  'access_token',
  'api_key',
  'apikey',
  'x-api-key',
  'cookie',
  'oauth_token',
]);
const hopHeaders =
  /^(accept|accept-.*|connection|content-.*|cookie|date|dpop|expect|forwarded|host|keep-alive|origin|prefer|proxy-.*|range|referer|te|trailer|transfer-encoding|upgrade|user-agent|via|x-forwarded-.*|x-http-method.*|x-method-override|x-original-.*|x-rewrite-.*)$/;

/** What carries a credential is the vault's to fill in: no agent's argument. */
function carriesCredential(reading: Reading, where: string, name: string): boolean {
  const small = name.toLowerCase();
  const keyed = reading.security.some((one) => one.in === where && one.key?.toLowerCase() === small);
  return keyed || ((where === 'header' || where === 'query') && credentialNames.has(small));
}

function readParameters(
  reading: Reading,
  found: Found,
  template: PathTemplate,
  stated: readonly Placed[],
): Parameter[] {
  const read = stated.flatMap((at) => readParameter(reading, at));
  const inPath = template.flatMap(parameterNames);
  for (const name of inPath.filter((one) => !read.some((other) => other.in === 'path' && other.name === one))) {
    note(reading, found.place, `does not describe its path parameter ${name}; it takes any plain segment`);
    read.push({ in: 'path', name, argument: argumentName('path', name), required: true, schema: {}, style: 'comma' });
  }
  return read.filter((one) => one.in !== 'path' || inPath.includes(one.name));
}

function readParameter(reading: Reading, at: Placed): Parameter[] {
  const where = textOf(member(at.value, 'in'));
  const name = textOf(member(at.value, 'name')) ?? '';
  if (where !== 'path' && where !== 'query' && where !== 'header') return [];
  if (carriesCredential(reading, where, name)) return [];
  const wireName = where === 'header' ? name.toLowerCase() : name;
  if (where === 'header' && (hopHeaders.test(wireName) || !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(wireName))) return [];
  const schema = schemaOfParameter(reading, at);
  return [
    {
      in: where,
      name: wireName,
      argument: argumentName(where, wireName),
      required: where === 'path' || member(at.value, 'required') === true,
      schema,
      style: styleOf(at.value, where),
    },
  ];
}

function schemaOfParameter(reading: Reading, at: Placed): ValueSchema {
  const example = isMap(at.value) ? exampleOf(at.value) : undefined;
  const inline = reading.format === 'swagger-2.0' ? at.value : member(at.value, 'schema');
  // A parameter with `content` holds text of another syntax: it is decided on as the text that it is.
  const read =
    inline === undefined
      ? { types: ['string' as const] }
      : valueSchema(reading.root, inline, below(at.place, 'schema'));
  return example === undefined ? read : { ...read, example };
}

function styleOf(parameter: Json | undefined, where: string): ListStyle {
  const collection = textOf(member(parameter, 'collectionFormat'));
  if (collection !== undefined) return swaggerStyles[collection] ?? 'comma';
  const style = textOf(member(parameter, 'style')) ?? (where === 'query' ? 'form' : 'simple');
  const explode = member(parameter, 'explode') ?? style === 'form';
  if (style === 'deepObject') return 'brackets';
  if (where !== 'query' || (style === 'form' && explode !== true)) return 'comma';
  if (style === 'spaceDelimited') return explode === true ? 'repeat' : 'space';
  if (style === 'pipeDelimited') return explode === true ? 'repeat' : 'pipe';
  // Swagger 2.0 knows no `style`: its lists are comma separated unless `collectionFormat` says otherwise.
  return member(parameter, 'type') === 'array' && member(parameter, 'schema') === undefined ? 'comma' : 'repeat';
}

const swaggerStyles: Readonly<Record<string, ListStyle>> = {
  csv: 'comma',
  ssv: 'space',
  tsv: 'tab',
  pipes: 'pipe',
  multi: 'repeat',
};

export function mediaReader(type: string): MediaReader {
  if (type === 'application/json' || /^application\/[a-z0-9.+_-]+\+json$/.test(type)) return 'json';
  return type === 'application/x-www-form-urlencoded' ? 'form' : null;
}

const plainType = (type: string) => type.split(';')[0]!.trim().toLowerCase();

function requestBody(reading: Reading, found: Found): BodyShape | null {
  const at = follow(reading.root, found.operation.requestBody, below(found.place, 'requestBody'));
  if (!isMap(at.value)) return null;
  const contents = entriesOf(at.value.content).map(([type, content]) => {
    // Any type, or any application type, may be JSON: it is then sent as JSON, which is what Ambit reads.
    const plain = /^(\*|application)\/\*$/.test(plainType(type)) ? 'application/json' : plainType(type);
    return { type: plain, reader: mediaReader(plain), content, place: below(at.place, 'content', type) };
  });
  const read = contents.filter((one) => one.reader !== null);
  const schemas = read.map((one) => ({ value: member(one.content, 'schema'), place: below(one.place, 'schema') }));
  const form = read.find((one) => one.reader === 'form');
  return {
    required: at.value.required === true,
    mediaTypes: contents.map(({ type, reader }) => ({ type, reader })),
    ...flattenAll(reading, schemas),
    styles: Object.fromEntries(
      entriesOf(member(form?.content, 'encoding')).map(([name, encoding]) => [
        argumentName('body', name),
        styleOf(encoding, 'query'),
      ]),
    ),
  };
}

function flattenAll(reading: Reading, schemas: readonly Placed[]): Pick<BodyShape, 'arguments' | 'objects'> {
  const distinct = schemas.filter(
    (one, i) => schemas.findIndex((other) => JSON.stringify(other.value) === JSON.stringify(one.value)) === i,
  );
  const [only, ...others] = distinct;
  if (only === undefined) return { arguments: {}, objects: {} };
  if (others.length === 0) return flatten(reading.root, only);
  return flatten(reading.root, { value: { anyOf: distinct.map((one) => one.value ?? {}) }, place: only.place });
}

function swaggerBody(reading: Reading, found: Found, stated: readonly Placed[]): BodyShape | null {
  const whole = stated.find((at) => member(at.value, 'in') === 'body');
  const formData = stated.filter((at) => member(at.value, 'in') === 'formData');
  if (whole === undefined && formData.length === 0) return null;
  const consumes = listOf(found.operation.consumes ?? reading.root.consumes)
    .flatMap((one) => textOf(one) ?? [])
    .map(plainType);
  const types =
    consumes.length > 0 ? consumes : [whole === undefined ? 'application/x-www-form-urlencoded' : 'application/json'];
  const mediaTypes = types.map((type) => ({ type, reader: mediaReader(type) }));
  if (whole !== undefined) {
    const flat = flatten(reading.root, { value: member(whole.value, 'schema'), place: below(whole.place, 'schema') });
    return { required: member(whole.value, 'required') === true, mediaTypes, ...flat, styles: {} };
  }
  return { ...formBody(reading, formData), mediaTypes };
}

function formBody(reading: Reading, stated: readonly Placed[]): Omit<BodyShape, 'mediaTypes'> {
  const members = stated.map((at) => ({ at, name: textOf(member(at.value, 'name')) ?? '' }));
  // A `token` in a form is where older APIs take the credential, which is the vault's to fill in.
  const required = members.filter(
    ({ at, name }) => member(at.value, 'required') === true && !credentialNames.has(name.toLowerCase()),
  );
  return {
    required: required.length > 0,
    arguments: Object.fromEntries(
      members.map(({ at, name }) => [argumentName('body', name), schemaOfParameter(reading, at)]),
    ),
    objects: { body: { closed: false, required: required.map((one) => one.name), nullable: false } },
    styles: Object.fromEntries(members.map(({ at, name }) => [argumentName('body', name), styleOf(at.value, 'query')])),
  };
}

function answerHints(reading: Reading, found: Found): { answerNames: string[]; setsCookie: boolean } {
  const names = new Set<string>();
  let setsCookie = false;
  for (const [status, value] of entriesOf(found.operation.responses)) {
    if (!/^(2..|default)$/i.test(status)) continue;
    const at = follow(reading.root, value, below(found.place, 'responses', status));
    setsCookie ||= entriesOf(member(at.value, 'headers')).some(([name]) => name.toLowerCase() === 'set-cookie');
    if (status === 'default') continue;
    const contents = entriesOf(member(at.value, 'content'));
    const json = contents.find(([type]) => mediaReader(plainType(type)) === 'json')?.[1];
    memberNames(reading, { value: member(json, 'schema') ?? member(at.value, 'schema'), place: at.place }, names, 2);
  }
  return { answerNames: [...names].slice(0, 64), setsCookie };
}

function memberNames(reading: Reading, schema: Placed, names: Set<string>, levels: number): void {
  const { value, place } = follow(reading.root, schema.value, schema.place);
  if (!isMap(value) || levels === 0 || names.size > 64) return;
  for (const [name, inner] of entriesOf(value.properties)) {
    names.add(name);
    memberNames(reading, { value: inner, place }, names, levels - 1);
  }
  memberNames(reading, { value: value.items, place }, names, levels);
  for (const part of listOf(value.allOf)) memberNames(reading, { value: part, place }, names, levels);
}
