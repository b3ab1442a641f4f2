import { JsonNumber, type JsonValue, type Scalar } from '@ambit/protocol';
import { readPattern } from './pattern.ts';

export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

/** The part of a JSON schema that says which values an argument may take. An empty one takes any value. */
export type ValueSchema = {
  readonly types?: readonly JsonType[];
  readonly enum?: readonly Scalar[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ValueSchema;
  readonly maxItems?: number;
  readonly anyOf?: readonly ValueSchema[];
  /** From the description, for help texts and generated calls; plain JSON. */
  readonly example?: unknown;
};

/** What is wrong with the value, as the end of a sentence (`must be …`), or undefined when it fits. */
export function misfit(schema: ValueSchema, value: JsonValue): string | undefined {
  if (schema.anyOf?.every((one) => misfit(one, value) !== undefined)) {
    const first = schema.anyOf[0];
    return (first && misfit(first, value)) ?? 'fits none of the declared alternatives';
  }
  if (schema.types !== undefined && !schema.types.some((type) => isOfType(value, type))) {
    return `must be ${schema.types.join(' or ')}`;
  }
  if (schema.enum !== undefined && !schema.enum.some((one) => equalsScalar(value, one))) {
    return `must be one of ${schema.enum.slice(0, 20).map(shown).join(', ')}`;
  }
  if (typeof value === 'string') return misfitOfText(schema, value);
  if (value instanceof JsonNumber) return misfitOfNumber(schema, value.toNumber());
  return Array.isArray(value) ? misfitOfList(schema, value) : undefined;
}

const shown = (one: Scalar) => JSON.stringify(one);

function isOfType(value: JsonValue, type: JsonType): boolean {
  if (value === null) return type === 'null';
  if (value instanceof JsonNumber) return type === 'number' || (type === 'integer' && !value.text.includes('.'));
  if (Array.isArray(value)) return type === 'array';
  return typeof value === type;
}

function equalsScalar(value: JsonValue, scalar: Scalar): boolean {
  return value instanceof JsonNumber ? value.toNumber() === scalar : value === scalar;
}

function misfitOfText(schema: ValueSchema, value: string): string | undefined {
  const points = schema.minLength === undefined && schema.maxLength === undefined ? 0 : [...value].length;
  if (schema.maxLength !== undefined && points > schema.maxLength)
    return `is longer than ${schema.maxLength} characters`;
  if (schema.minLength !== undefined && points < schema.minLength)
    return `is shorter than ${schema.minLength} characters`;
  if (schema.pattern === undefined) return undefined;
  const pattern = readPattern(schema.pattern);
  // Closed by default: a pattern that cannot be tried in bounded time lets nothing through.
  if (pattern === undefined)
    return `has a declared pattern that cannot be tried in bounded time; simplify ${schema.pattern}`;
  if (value.length > pattern.lengthMax)
    return `is longer than the ${pattern.lengthMax} characters its pattern is tried on`;
  return pattern.expression.test(value) ? undefined : `must match ${schema.pattern}`;
}

function misfitOfNumber(schema: ValueSchema, value: number): string | undefined {
  if (schema.minimum !== undefined && value < schema.minimum) return `must be at least ${schema.minimum}`;
  if (schema.maximum !== undefined && value > schema.maximum) return `must be at most ${schema.maximum}`;
  return undefined;
}

function misfitOfList(schema: ValueSchema, value: readonly JsonValue[]): string | undefined {
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    return `has more than ${schema.maxItems} elements`;
  if (schema.items === undefined) return undefined;
  for (const item of value) {
    const fault = misfit(schema.items, item);
    if (fault !== undefined) return `has an element that ${fault}`;
  }
  return undefined;
}

export function allows(schema: ValueSchema, type: JsonType): boolean {
  if (schema.types !== undefined && !schema.types.includes(type)) return false;
  return schema.anyOf === undefined || schema.anyOf.some((one) => allows(one, type));
}

/** Whether the schema itself says what the text looks like, rather than taking any. */
export function isNarrow(schema: ValueSchema): boolean {
  if (schema.enum !== undefined || schema.pattern !== undefined) return true;
  if (schema.anyOf !== undefined) return schema.anyOf.every(isNarrow);
  return schema.types !== undefined && !schema.types.includes('string');
}

const integerText = /^-?(?:0|[1-9][0-9]*)$/;
const numberText = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

/**
 * The value that a text in a path, query, header or form stands for: text where the schema allows text, else a number
 * or a boolean. Its printed form is the same text, so that what is decided is what is sent.
 */
export function typedText(
  schema: ValueSchema,
  text: string,
): { readonly value: JsonValue } | { readonly must: string } {
  let must = misfit(schema, text);
  if (must === undefined) return { value: text };
  for (const candidate of candidates(schema, text)) {
    const fault = misfit(schema, candidate);
    if (fault === undefined) return { value: candidate };
    must = fault;
  }
  return { must };
}

function candidates(schema: ValueSchema, text: string): JsonValue[] {
  const numeric = allows(schema, 'number') ? numberText : integerText;
  if (numeric.test(text)) {
    const digits = text.replace(/[-.]/g, '').replace(/^0+/, '');
    if (digits.length > 0 || !text.startsWith('-')) return digits.length <= 15 ? [new JsonNumber(text)] : [];
  }
  return text === 'true' ? [true] : text === 'false' ? [false] : [];
}
