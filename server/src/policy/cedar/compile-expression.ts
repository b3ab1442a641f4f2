import { refuseTree } from './compile-error.ts';
import { isIn } from './entities.ts';
import { EvaluationError, fail } from './evaluation-error.ts';
import { type ExtensionFunction, extensionFunctions } from './extensions/index.ts';
import type { Code, Frame } from './frame.ts';
import { asArray, asObject, asText, isObject, type Json, type JsonObject, own } from './json.ts';
import { compileLike, type PatternPiece } from './like.ts';
import { readData } from './load-data.ts';
import { asTypeName } from './load-uid.ts';
import { add, type Long, multiply, negate, subtract } from './long.ts';
import {
  type CedarRecord,
  type CedarSet,
  type EntityUid,
  equal,
  expect,
  keyOf,
  keysOf,
  kindOf,
  setOf,
  type Value,
} from './value.ts';

/** Nesting of a syntax tree beyond this is refused; long chains of && and || are flat and do not count. */
export const treeDepthMax = 600;

type Compile = (operand: Json) => Code;

/** A node has one key, its operator; a row of this table makes code of what stands under it. */
type Operator = (under: Json, compile: Compile) => Code;

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['Value', literal],
  ['Var', variable],
  ['Set', setLiteral],
  ['Record', recordLiteral],

  ['&&', (under, compile) => and(spine(under, '&&').map(compile))],
  ['||', (under, compile) => or(spine(under, '||').map(compile))],
  ['!', unary((value) => !expect(value, 'bool'))],
  ['if-then-else', conditional],

  ['==', binary((left, right) => equal(left, right))],
  ['!=', binary((left, right) => !equal(left, right))],
  ['<', binary((left, right) => compare(left, right) < 0)],
  ['<=', binary((left, right) => compare(left, right) <= 0)],
  ['>', binary((left, right) => compare(left, right) > 0)],
  ['>=', binary((left, right) => compare(left, right) >= 0)],

  ['neg', unary((value) => negate(expect(value, 'long')))],
  ['+', arithmetic(add)],
  ['-', arithmetic(subtract)],
  ['*', arithmetic(multiply)],

  ['contains', binary((set, value) => keysOf(expect(set, 'set')).has(keyOf(value)))],
  ['containsAll', sets((outer, inner) => keysOf(inner).isSubsetOf(keysOf(outer)))],
  ['containsAny', sets((left, right) => !keysOf(left).isDisjointFrom(keysOf(right)))],
  ['isEmpty', unary((set) => expect(set, 'set').elements.length === 0)],

  ['.', attribute],
  ['has', hasAttributes],
  ['getTag', binary((entity, tag, frame) => getTag(expect(entity, 'entity'), expect(tag, 'string'), frame))],
  ['hasTag', binary((entity, tag, frame) => tagsOf(expect(entity, 'entity'), frame).has(expect(tag, 'string')))],

  ['in', binary(isInOrAny)],
  ['is', isOfType],
  ['like', like],

  ...[...extensionFunctions].map(([name, run]): [string, Operator] => [name, call(run)]),
]);

export function compileExpression(node: Json, depth: number): Code {
  if (depth > treeDepthMax) refuseTree(`nested more than ${treeDepthMax} deep`);
  const [name, ...others] = Object.keys(asObject(node, 'an expression'));
  if (name === undefined || others.length > 0) refuseTree('an expression must have exactly one operator');
  const operator = operators.get(name) ?? refuseTree(`unknown operator \`${name}\``);
  return operator((node as JsonObject)[name]!, (operand) => compileExpression(operand, depth + 1));
}

// ---- literals and variables

function constant(value: Value): Code {
  return Object.assign(() => value, { constant: value });
}

/** Runs code of constants once, now. What fails must still fail only where and when it is reached. */
function fold(parts: readonly Code[], code: Code): Code {
  if (!parts.every((part) => part.constant !== undefined)) return code;
  try {
    return constant(code(nowhere));
  } catch (error) {
    if (error instanceof EvaluationError) return code;
    throw error;
  }
}

/** Constant code looks at nothing: a fault here would be a defect of `fold`. */
const nowhere = Object.freeze(Object.create(null)) as Frame;

/** A scalar, an entity, or, in hand-written trees, any data, whose `__extn` may fail when reached. */
function literal(under: Json): Code {
  try {
    return constant(readData(under, 'a literal'));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return () => fail(error.message);
  }
}

function variable(name: Json): Code {
  switch (name) {
    case 'principal':
      return (frame) => frame.principal;
    case 'action':
      return (frame) => frame.action;
    case 'resource':
      return (frame) => frame.resource;
    case 'context':
      return (frame) => frame.context;
    default:
      return refuseTree(`variable ${String(name)}`);
  }
}

function setLiteral(under: Json, compile: Compile): Code {
  const parts = asArray(under, 'a set').map(compile);
  return fold(parts, (frame) => setOf(parts.map((part) => part(frame))));
}

/** Every member is evaluated, also one that nobody reads. */
function recordLiteral(under: Json, compile: Compile): Code {
  const entries = Object.entries(asObject(under, 'a record')).map(
    ([name, value]) => [asText(name, 'a name'), compile(value)] as const,
  );
  const parts = entries.map(([, part]) => part);
  return fold(parts, (frame) => new Map(entries.map(([name, part]) => [name, part(frame)])));
}

// ---- logic

export function truth(code: Code, frame: Frame): boolean {
  const value = code(frame);
  return typeof value === 'boolean' ? value : expect(value, 'bool');
}

/** Left first; the right is not evaluated where the left decides, and must be a boolean where it does not. */
function and(parts: readonly Code[]): Code {
  return (frame) => parts.every((part) => truth(part, frame));
}

function or(parts: readonly Code[]): Code {
  return (frame) => parts.some((part) => truth(part, frame));
}

/** The operands of `((a && b) && c) && d`, without recursion: such chains are long. */
export function spine(under: Json, operator: '&&' | '||'): Json[] {
  const operands: Json[] = [];
  let node: Json = under;
  for (;;) {
    const { left, right } = members(asObject(node, operator), 'left', 'right');
    operands.push(right!);
    const inner: Json | undefined = isObject(left) && Object.keys(left).length === 1 ? own(left, operator) : undefined;
    if (inner === undefined) return [left!, ...operands.reverse()];
    node = inner;
  }
}

function conditional(under: Json, compile: Compile): Code {
  const parts = members(asObject(under, 'if'), 'if', 'then', 'else');
  const [guard, then, otherwise] = [compile(parts.if!), compile(parts.then!), compile(parts.else!)];
  return (frame) => (truth(guard, frame) ? then(frame) : otherwise(frame));
}

// ---- operators on one or two values

function unary(run: (value: Value) => Value): Operator {
  return (under, compile) => {
    const arg = compile(members(asObject(under, 'an operator'), 'arg').arg!);
    return fold([arg], (frame) => run(arg(frame)));
  };
}

function binary(run: (left: Value, right: Value, frame: Frame) => Value): Operator {
  return (under, compile) => {
    const { left, right } = members(asObject(under, 'an operator'), 'left', 'right');
    const [first, second] = [compile(left!), compile(right!)];
    return (frame) => run(first(frame), second(frame), frame);
  };
}

function arithmetic(run: (left: Long, right: Long) => Long): Operator {
  return binary((left, right) => run(expect(left, 'long'), expect(right, 'long')));
}

function sets(run: (left: CedarSet, right: CedarSet) => boolean): Operator {
  return binary((left, right) => run(expect(left, 'set'), expect(right, 'set')));
}

/** Order exists between two Longs, two datetimes or two durations; a decimal has functions of its own. */
function compare(left: Value, right: Value): number {
  const kind = kindOf(left);
  if (kind !== kindOf(right)) fail(`a ${kind} and a ${kindOf(right)} have no order`);
  const [first, second] = [rankOf(left), rankOf(right)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function rankOf(value: Value): Long {
  switch (kindOf(value)) {
    case 'long':
      return value as Long;
    case 'datetime':
      return expect(value, 'datetime').epochMilliseconds;
    case 'duration':
      return expect(value, 'duration').milliseconds;
    default:
      return fail(`a ${kindOf(value)} has no order`);
  }
}

// ---- records and entities

/** Attributes of a record, or of an entity that exists; undefined for one that does not. */
function attributesOf(value: Value, frame: Frame): CedarRecord | undefined {
  if (value instanceof Map) return value;
  const kind = kindOf(value);
  if (kind !== 'entity') fail(`a ${kind} has no attributes`);
  return frame.entities.get((value as EntityUid).key)?.attributes;
}

function attribute(under: Json, compile: Compile): Code {
  const { left, attr } = members(asObject(under, '.'), 'left', 'attr');
  const [holder, name] = [compile(left!), asText(attr, 'an attribute')];
  return (frame) => getAttribute(holder(frame), name, frame);
}

function getAttribute(holder: Value, name: string, frame: Frame): Value {
  const attributes = attributesOf(holder, frame);
  if (!attributes) fail(`the entity ${(holder as EntityUid).key} does not exist`);
  return attributes.get(name) ?? fail(`there is no attribute \`${name}\``);
}

/** `has a.b.c`: false at the first name that is missing, an error where something in between has no attributes. */
function hasAttributes(under: Json, compile: Compile): Code {
  const { left, attr } = members(asObject(under, 'has'), 'left', 'attr');
  const holder = compile(left!);
  const names = (Array.isArray(attr) ? attr : [attr]).map((name) => asText(name, 'an attribute'));
  if (names.length === 0) refuseTree('`has` without an attribute');
  return (frame) => {
    let found: Value | undefined = holder(frame);
    for (const name of names) {
      found = attributesOf(found, frame)?.get(name);
      if (found === undefined) return false;
    }
    return true;
  };
}

const noTags: CedarRecord = new Map();

function tagsOf(entity: EntityUid, { entities }: Frame): CedarRecord {
  return entities.get(entity.key)?.tags ?? noTags;
}

function getTag(entity: EntityUid, tag: string, frame: Frame): Value {
  if (!frame.entities.has(entity.key)) fail(`the entity ${entity.key} does not exist`);
  return tagsOf(entity, frame).get(tag) ?? fail(`there is no tag \`${tag}\``);
}

/** The right side is an entity or a set of entities, all of which are checked before any is matched. */
function isInOrAny(left: Value, right: Value, { entities }: Frame): boolean {
  const entity = expect(left, 'entity');
  if (kindOf(right) !== 'set') return isIn(entity, expect(right, 'entity'), entities);
  const groups = (right as CedarSet).elements.map((element) => expect(element, 'entity'));
  return groups.some((group) => isIn(entity, group, entities));
}

/** `is T in x`: where the type differs, `x` is not evaluated. */
function isOfType(under: Json, compile: Compile): Code {
  const { left, entity_type, in: within } = members(asObject(under, 'is'), 'left', 'entity_type', 'in?');
  const [subject, type] = [compile(left!), asTypeName(entity_type, 'is')];
  const group = within === undefined ? undefined : compile(within);
  return (frame) => {
    const entity = expect(subject(frame), 'entity');
    return entity.type === type && (group === undefined || isInOrAny(entity, group(frame), frame));
  };
}

function like(under: Json, compile: Compile): Code {
  const { left, pattern } = members(asObject(under, 'like'), 'left', 'pattern');
  const [subject, matches] = [compile(left!), compileLike(asArray(pattern, 'a pattern').map(patternPiece))];
  return (frame) => matches(expect(subject(frame), 'string'));
}

function patternPiece(piece: Json): PatternPiece {
  if (piece === 'Wildcard') return { wildcard: true };
  return { literal: asText(members(asObject(piece, 'a pattern'), 'Literal').Literal, 'a pattern') };
}

// ---- extensions

/** Constants such as `ip("10.0.0.0/8")` are made once, here; one that fails does so only when it is reached. */
function call(run: ExtensionFunction): Operator {
  return (under, compile) => {
    const args = asArray(under, 'arguments').map(compile);
    return fold(args, (frame) => run(args.map((arg) => arg(frame))));
  };
}

// ---- the shape of trees

/** The named members and no others; a name with `?` may be absent. */
export function members<const Names extends readonly string[]>(
  object: JsonObject,
  ...names: Names
): { [Name in Names[number] as Name extends `${infer Bare}?` ? Bare : Name]: Json | undefined } {
  const wanted = new Map(names.map((name) => [name.replace('?', ''), name.endsWith('?')]));
  for (const name of Object.keys(object)) if (!wanted.has(name)) refuseTree(`unknown member \`${name}\``);
  for (const [name, optional] of wanted) {
    if (!optional && !Object.hasOwn(object, name)) refuseTree(`\`${name}\` is missing`);
  }
  return object as ReturnType<typeof members<Names>>;
}
