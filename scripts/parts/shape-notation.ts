import type { JsonSchema } from '@ambit/protocol';

/** A schema by the name that the reference explains elsewhere. */
export type Named = ReadonlyMap<string, string>;

const columns = 100;

/** A shape as people write it down: `{ name: text 1–80, owner?: id of one person }`. Broken over lines where it is long. */
export function notation(schema: JsonSchema, named: Named, indent = ''): string {
  const name = named.get(JSON.stringify(schema));
  if (name !== undefined) return name;
  if (schema.enum !== undefined) return alternatives((schema.enum as unknown[]).map((word) => JSON.stringify(word)));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) {
    return alternatives((schema.anyOf as JsonSchema[]).map((one) => notation(one, named, indent)));
  }
  return ofType(schema, named, indent);
}

const alternatives = (words: readonly string[]) => words.join(' | ');

function ofType(schema: JsonSchema, named: Named, indent: string): string {
  const { type } = schema;
  if (Array.isArray(type)) return alternatives(type);
  if (type === 'string') return textNotation(schema);
  if (type === 'integer') return `${schema.minimum}–${schema.maximum}`;
  if (type === 'boolean') return 'true | false';
  if (type === 'null') return 'null';
  if (type === 'array') {
    return `[${notation(schema.items as JsonSchema, named, indent)}, …] (${schema.minItems}–${schema.maxItems})`;
  }
  return type === 'object' ? members(schema, named, indent) : 'any JSON';
}

function textNotation({ description, minLength, maxLength, pattern }: JsonSchema): string {
  if (typeof description === 'string') return description;
  if (maxLength !== undefined) return `text ${minLength}–${maxLength}`;
  if (pattern === '^[A-Z]{3}$') return 'currency';
  return pattern === undefined ? 'text' : 'decimal';
}

function members(schema: JsonSchema, named: Named, indent: string): string {
  const { properties, required, additionalProperties } = schema;
  if (properties === undefined) {
    const value = typeof additionalProperties === 'object' ? (additionalProperties as JsonSchema) : {};
    return `{ [name]: ${notation(value, named, indent)} }`;
  }
  const must = (required ?? []) as readonly string[];
  const inner = `${indent}  `;
  const rows = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(
    ([name, member]) => `${name}${must.includes(name) ? '' : '?'}: ${notation(member, named, inner)}`,
  );
  const oneLine = `{ ${rows.join(', ')} }`;
  if (rows.length === 0) return '{}';
  return oneLine.length + indent.length <= columns && !oneLine.includes('\n')
    ? oneLine
    : `{\n${rows.map((row) => `${inner}${row}\n`).join('')}${indent}}`;
}
