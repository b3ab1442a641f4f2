import type { JsonValue } from '@ambit/protocol';
import type { Action, Parameter } from './action.ts';
import { argumentsOf, type Declared, gather, type Node, printTree, readPairs } from './pairs.ts';
import { misfit, typedText } from './value-schema.ts';
import { badArgument, badCall, folded, isQueryText } from './wire-text.ts';

const queryLengthMax = 8192;

/** The query of an action: what it declares, ready to be asked. */
export type QueryPlan = {
  readonly declared: Declared;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly required: readonly string[];
};

export function planQuery(action: Action): QueryPlan {
  const parameters = action.parameters.filter((one) => one.in === 'query');
  const byArgument = new Map(parameters.map((one) => [one.argument, one]));
  return {
    parameters: new Map(parameters.map((one) => [one.name, one])),
    required: parameters.filter((one) => one.required).map((one) => one.name),
    declared: {
      root: 'query',
      code: 'catalog.query_ambiguous',
      schemaOf: (argument) => byArgument.get(argument)?.schema,
      styleOf: (argument) => byArgument.get(argument)?.style,
    },
  };
}

/** Reads the query into `arguments`, and answers it as it will be sent. Names that are not declared are refused. */
export function readQuery(plan: QueryPlan, raw: string, into: Map<string, JsonValue>): string {
  if (raw.length > queryLengthMax)
    throw badCall('catalog.query_ambiguous', `The query is longer than ${queryLengthMax} characters.`);
  if (!isQueryText(raw))
    throw badCall('catalog.query_ambiguous', 'The query has characters that must be percent-encoded.');
  const tree = gather(readPairs(raw, 'catalog.query_ambiguous'), plan.declared);
  for (const name of tree.keys()) refuseUnknown(plan, name);
  requireAll(plan, tree);
  argumentsOf(tree, plan.declared, into);
  return printTree(tree);
}

function refuseUnknown(plan: QueryPlan, name: string): void {
  if (plan.parameters.has(name)) return;
  const twin = [...plan.parameters.keys()].find((other) => folded(other) === folded(name));
  const hint = twin === undefined ? '' : `; it is written ${twin}`;
  throw badCall(
    'catalog.query_ambiguous',
    `The action declares no query parameter ${JSON.stringify(name.slice(0, 60))}${hint}.`,
  );
}

function requireAll(plan: QueryPlan, tree: ReadonlyMap<string, Node>): void {
  const missing = plan.required.find((name) => !tree.has(name));
  if (missing !== undefined)
    throw badCall('catalog.argument_missing', `The query parameter ${missing} is missing.`, { argument: missing });
}

export type HeaderPairs = Iterable<readonly [name: string, value: string]>;

/** Pairs from Node's `rawHeaders`, where names and values alternate: nothing is merged or dropped. */
export function headerPairs(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) pairs.push([rawHeaders[i]!, rawHeaders[i + 1]!]);
  return pairs;
}

/** Header fields by name in small letters, in the order they came. */
export function gatherHeaders(headers: HeaderPairs): Map<string, string[]> {
  const gathered = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const small = name.toLowerCase();
    gathered.set(small, [...(gathered.get(small) ?? []), value.trim()]);
  }
  return gathered;
}

const overriding = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-original-method',
  'x-rewrite-url',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-uri',
];

/** Fields that some servers obey over the request line. Ignoring them would still show that somebody tries. */
export function refuseOverrides(headers: ReadonlyMap<string, readonly string[]>): void {
  const found = overriding.find((name) => headers.has(name));
  if (found !== undefined)
    throw badCall('catalog.header_refused', `The header field ${found} would override what was decided on.`, {
      header: found,
    });
}

const visible = /^[\x20-\x7e]*$/;

/** Declared header parameters as arguments and as they will be sent; every other field is left behind. */
export function readHeaderParameters(
  action: Action,
  headers: ReadonlyMap<string, readonly string[]>,
  into: Map<string, JsonValue>,
): [string, string][] {
  const sent: [string, string][] = [];
  for (const parameter of action.parameters) {
    if (parameter.in !== 'header') continue;
    const [value, ...others] = headers.get(parameter.name) ?? [];
    if (value === undefined) {
      if (parameter.required)
        throw badCall('catalog.argument_missing', `The header field ${parameter.name} is missing.`, {
          argument: parameter.name,
        });
      continue;
    }
    if (others.length > 0)
      throw badCall('catalog.argument_invalid', `The header field ${parameter.name} comes more than once.`, {
        argument: parameter.name,
      });
    const read = headerValue(parameter, value);
    // A key for repeating safely widens nothing: it is sent and counts in the digest, but no grant has to name it.
    if (parameter.name !== action.idempotencyHeader?.toLowerCase()) into.set(parameter.argument, read);
    sent.push([parameter.name, value]);
  }
  return sent;
}

function headerValue(parameter: Parameter, text: string): JsonValue {
  if (!visible.test(text))
    throw badCall('catalog.argument_invalid', `The header field ${parameter.name} holds more than visible ASCII.`, {
      argument: parameter.name,
    });
  const { types } = parameter.schema;
  if (types?.includes('array') === true && !types.includes('string')) {
    const list = text.split(',').map((one) => one.trim());
    const must = misfit(parameter.schema, list);
    if (must !== undefined) throw badArgument(parameter.argument, must);
    return list;
  }
  const typed = typedText(parameter.schema, text);
  if ('value' in typed) return typed.value;
  throw badArgument(parameter.argument, typed.must);
}
