import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '@ambit/protocol';
import fc from 'fast-check';
import type { Action, BodyShape, Parameter } from './action.ts';
import { effective, fresh, settle } from './classify.ts';
import { type Description, readOpenApi } from './importers/openapi.ts';
import type { RawCall } from './match-call.ts';
import { literalOf } from './path-template.ts';
import { misfit, type ValueSchema } from './value-schema.ts';
import { encodeText } from './wire-text.ts';

/** For tests: real descriptions, and calls made from what they declare. */

const project = resolve(import.meta.dirname, '../../..');

export const corporaFolder = process.env.AMBIT_CORPORA ?? resolve(project, '../shared/corpora');

/** The text of a description of the corpora, or undefined where they are absent. */
export function corpusText(file: string): string | undefined {
  const path = join(corporaFolder, 'apispecs', file);
  return existsSync(path) ? gunzipSync(readFileSync(path)).toString('utf8') : undefined;
}

export const shopText = () => readFileSync(join(project, 'examples/shop/openapi.json'), 'utf8');

/** The actions of a description as they count when nobody has confirmed anything; none is held. */
export function actionsOf(description: Description): Action[] {
  const records = description.operations.map(({ shape, proposed }) => ({
    ...fresh(shape, proposed, 'description'),
    held: null,
  }));
  return [...settle(new Map(records.map((record) => [record.shape.id, effective(record)]))).values()];
}

export const shopActions = () => actionsOf(readOpenApi('shop', shopText()));

/** A call that the description says is right: examples first, then the plainest value that the schema admits. */
export function exampleCall(action: Action): RawCall {
  const path = action.template
    .map((segment) => {
      const literal = literalOf(segment);
      return `/${literal ?? segment.map((part) => ('text' in part ? part.text : exampleText(action, part.parameter))).join('')}`;
    })
    .join('');
  const query = action.parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(
      (one) =>
        `${encodeText(one.name)}${one.style === 'brackets' ? '[]' : ''}=${encodeText(String(exampleValue(one.schema, one.name)))}`,
    )
    .join('&');
  const headers: [string, string][] = action.parameters
    .filter((one) => one.in === 'header' && one.required)
    .map((one) => [one.name, String(exampleValue(one.schema, one.name))]);
  return {
    method: action.method,
    rawPath: path,
    rawQuery: query,
    headers: [...headers, ...bodyHeaders(action)],
    ...exampleBody(action),
  };
}

function exampleText(action: Action, name: string): string {
  const parameter = action.parameters.find((one): one is Parameter => one.in === 'path' && one.name === name);
  // What an example of a real API is not always: one plain segment.
  const text = String(exampleValue(parameter?.schema ?? {}, name));
  return encodeText(/[/\\,?#&|*;]/.test(text) ? `x-${name}` : text);
}

const readable = (action: Action) =>
  action.method === 'GET' || action.method === 'HEAD'
    ? undefined
    : action.body?.mediaTypes.find((one) => one.reader !== null);

function bodyHeaders(action: Action): [string, string][] {
  const media = readable(action);
  return media === undefined ? [] : [['content-type', media.type]];
}

function exampleBody(action: Action): { body?: Uint8Array } {
  const media = readable(action);
  if (media === undefined || action.body === null) return {};
  if (media.reader === 'form') return { body: Buffer.from(formPairs(action.body, 'body').join('&')) };
  const whole = action.body.arguments.body;
  const value =
    action.body.objects.body === undefined && whole !== undefined
      ? exampleValue(whole, 'body')
      : bodyObject(action.body, 'body');
  return { body: Buffer.from(JSON.stringify(value)) };
}

function bodyObject(shape: BodyShape, argument: string): unknown {
  const object: Record<string, unknown> = {};
  for (const name of shape.objects[argument]?.required ?? []) {
    const child = `${argument}.${name.replaceAll('.', '%2E')}`;
    const leaf = shape.arguments[child];
    object[name] = shape.objects[child] !== undefined ? bodyObject(shape, child) : exampleValue(leaf ?? {}, name);
  }
  return object;
}

function formPairs(shape: BodyShape, argument: string, prefix = ''): string[] {
  return (shape.objects[argument]?.required ?? []).flatMap((name) => {
    const child = `${argument}.${name}`;
    const path = prefix === '' ? name : `${prefix}[${name}]`;
    if (shape.objects[child] !== undefined) return orFirstLeaf(shape, child, path, formPairs(shape, child, path));
    const value = exampleValue(shape.arguments[child] ?? {}, name);
    const first = Array.isArray(value) ? value[0] : undefined;
    if (typeof first === 'object' && first !== null) return [`${path}[0][x]=x`];
    const brackets = Array.isArray(value) && shape.styles[child] === 'brackets' ? '[]' : '';
    return [`${path}${brackets}=${encodeText(String(Array.isArray(value) ? value[0] : value))}`];
  });
}

/** A form cannot write an empty object: a required one without required members gets its first plain leaf. */
function orFirstLeaf(shape: BodyShape, argument: string, prefix: string, pairs: string[]): string[] {
  if (pairs.length > 0) return pairs;
  for (const nested of Object.keys(shape.objects).filter((one) => one.startsWith(`${argument}.`))) {
    const inner = nested.slice(argument.length + 1).split('.');
    const found = inner.length === 1 ? formPairs(shape, nested, `${prefix}[${inner[0]}]`) : [];
    if (found.length > 0) return found;
  }
  const leaf = Object.keys(shape.arguments).find(
    (one) => one.startsWith(`${argument}.`) && shape.arguments[one]?.types?.[0] !== 'array',
  );
  if (leaf === undefined) return [];
  const inner = leaf.slice(argument.length + 1).split('.');
  const value = String(exampleValue(shape.arguments[leaf] ?? {}, inner.at(-1) ?? ''));
  return [`${prefix}${inner.map((one) => `[${one}]`).join('')}=${encodeText(value)}`];
}

const fits = (schema: ValueSchema, value: unknown) => misfit(schema, parseJson(JSON.stringify(value))) === undefined;

export function exampleValue(schema: ValueSchema, name: string): unknown {
  const tries = [
    schema.example,
    schema.enum?.[0],
    ...(schema.anyOf ?? []).map((one) => exampleValue(one, name)),
    ...plainValues(schema, name),
  ];
  const found = tries.find(
    (value) =>
      value !== undefined && (value !== '' || schema.enum !== undefined) && isPlainJson(value) && fits(schema, value),
  );
  if (found === undefined) throw new Error(`no example of ${name} fits ${JSON.stringify(schema)}`);
  return found;
}

function isPlainJson(value: unknown): boolean {
  return typeof value !== 'number' || (Number.isSafeInteger(value) && Math.abs(value) < 1e15);
}

function* plainValues(schema: ValueSchema, name: string): Generator<unknown> {
  if (schema.pattern !== undefined)
    yield fc.sample(fc.stringMatching(new RegExp(schema.pattern, 'u')), { numRuns: 1, seed: 7 })[0];
  yield `x-${name}`.slice(0, schema.maxLength ?? 60);
  yield 'x'.repeat(schema.minLength ?? 1);
  yield Math.max(schema.minimum ?? 1, 1);
  yield schema.minimum;
  yield true;
  yield [schema.items === undefined ? 'x' : exampleValue(schema.items, name)];
  yield {};
  yield null;
}
