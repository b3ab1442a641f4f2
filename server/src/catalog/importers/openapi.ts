import { createHash } from 'node:crypto';
import { ShapeFault } from '@ambit/protocol';
import type { ActionShape, Classification } from '../action.ts';
import { formOf, type PathTemplate, parseTemplate } from '../path-template.ts';
import { readProposal } from '../proposal.ts';
import { answerHints, requestBody, swaggerBody } from './bodies.ts';
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
  readDocument,
  textOf,
} from './document.ts';
import { readParameters, statedParameters } from './parameters.ts';
import {
  type DescriptionFormat,
  type Found,
  type ImportNote,
  note,
  type Reading,
  type SecurityScheme,
} from './reading.ts';

export type { ImportNote, SecurityScheme } from './reading.ts';

export type ImportedOperation = { readonly shape: ActionShape; readonly proposed: Partial<Classification> };

/** A description as read: nothing in it counts until the catalog has judged it. */
export type Description = {
  readonly format: DescriptionFormat;
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
const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;

/** Reads an OpenAPI 3.0 or 3.1 or a Swagger 2.0 description, JSON or YAML. Throws the refusal that names the place. */
export function readOpenApi(api: string, text: string): Description {
  const root = readDocument(text);
  const format = formatOf(root);
  const servers = format === 'swagger-2.0' ? swaggerServers(root) : serverUrls(root.servers);
  const reading: Reading = { root, api, format, servers, security: securityOf(root, format), notes: [] };
  const operations = readOperations(reading);
  return {
    format,
    title: textOf(member(root.info, 'title'))?.slice(0, 200).toWellFormed() ?? api,
    version: String(member(root.info, 'version') ?? '')
      .slice(0, 100)
      .toWellFormed(),
    digest: `sha-256:${createHash('sha256').update(text).digest('base64url')}`,
    servers,
    security: reading.security,
    operations,
    notes: reading.notes,
  };
}

function formatOf(root: JsonMap): DescriptionFormat {
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

function securityOf(root: JsonMap, format: DescriptionFormat): SecurityScheme[] {
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
    summary: (textOf(operation.summary) ?? textOf(operation.description) ?? '')
      .replace(/\s+/g, ' ')
      .slice(0, 200)
      .toWellFormed(),
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
