import { argumentName, type ListStyle, type Parameter } from '../action.ts';
import { type PathTemplate, parameterNames } from '../path-template.ts';
import type { ValueSchema } from '../value-schema.ts';
import { below, follow, invalid, isMap, type Json, listOf, member, type Placed, textOf } from './document.ts';
import { type Found, note, type Reading } from './reading.ts';
import { exampleOf, valueSchema } from './schemas.ts';

/** Parameters of the path item, overridden by those of the operation with the same place and name. */
export function statedParameters(reading: Reading, found: Found): Placed[] {
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

export const credentialNames = new Set([
  'authorization',
  'token',
  'access_token',
  'api_key',
  'apikey',
  'x-api-key',
  'cookie',
  'oauth_token',
]);
/** Fields that speak of the connection, the body or the caller: the gateway writes them, or nobody does. */
const reservedFields = new Set(
  `accept connection cookie date dpop expect forwarded host keep-alive origin prefer range referer te trailer
  transfer-encoding upgrade user-agent via x-method-override`.split(/\s+/),
);
const reservedPrefixes = /^(accept|content|proxy|x-forwarded|x-http-method|x-original|x-rewrite)(-|$)/;

/** What carries a credential is the vault's to fill in: no agent's argument. */
function carriesCredential(reading: Reading, where: string, name: string): boolean {
  const small = name.toLowerCase();
  const keyed = reading.security.some((one) => one.in === where && one.key?.toLowerCase() === small);
  return keyed || ((where === 'header' || where === 'query') && credentialNames.has(small));
}

export function readParameters(
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
  if (
    where === 'header' &&
    (reservedFields.has(wireName) || reservedPrefixes.test(wireName) || !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(wireName))
  )
    return [];
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

export function schemaOfParameter(reading: Reading, at: Placed): ValueSchema {
  const example = isMap(at.value) ? exampleOf(at.value) : undefined;
  const inline = reading.format === 'swagger-2.0' ? at.value : member(at.value, 'schema');
  // A parameter with `content` holds text of another syntax: it is decided on as the text that it is.
  const read =
    inline === undefined
      ? { types: ['string' as const] }
      : valueSchema(reading.root, inline, below(at.place, 'schema'));
  return example === undefined ? read : { ...read, example };
}

export function styleOf(parameter: Json | undefined, where: string): ListStyle {
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
