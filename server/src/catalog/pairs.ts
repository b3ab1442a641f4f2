import { JsonNumber, type JsonValue, type RefusalCode } from '@ambit/protocol';
import { type ListStyle, memberName } from './action.ts';
import { typedText, type ValueSchema } from './value-schema.ts';
import { badArgument, badCall, decodeOnce, encodeText, folded, hasControlBeyondSpacing } from './wire-text.ts';

/**
 * Names and values as queries and forms carry them: one reader and one printer. `a[b]=1` nests, `a[]=1` lists; a name
 * comes once unless it is declared as a list of that style.
 */
export type Pair = { readonly name: string; readonly value: string };

/** A member of a query or form: one text, a list of texts, or named members. */
export type Node =
  | { readonly text: string }
  | { readonly list: string[]; readonly style: ListStyle }
  | { readonly members: Map<string, Node> };

export type Declared = {
  /** Arguments start with this: `query` or `body`. */
  readonly root: 'query' | 'body';
  readonly code: RefusalCode;
  readonly schemaOf: (argument: string) => ValueSchema | undefined;
  readonly styleOf: (argument: string) => ListStyle | undefined;
};

const pairsMax = 1000;
const depthMax = 6;
const name = /^[A-Za-z0-9_.~$:@\-!*]+$/;

/** A plus sign is a space (WHATWG URL §5.1), and goes out as `%20`, which every reader takes for one. */
export function readPairs(text: string, code: RefusalCode): Pair[] {
  if (text === '') return [];
  const pieces = text.split('&');
  if (pieces.length > pairsMax) throw badCall(code, `More than ${pairsMax} names are sent.`);
  return pieces.map((piece) => readPair(piece, code));
}

function readPair(piece: string, code: RefusalCode): Pair {
  const at = piece.indexOf('=');
  if (at < 0)
    throw badCall(
      code,
      piece === ''
        ? 'There is an empty piece between two ampersands.'
        : `${piece} has no equals sign; write name=value.`,
    );
  if (piece.includes(';')) throw badCall(code, 'A raw semicolon can separate values; write %3B.');
  const [left, right] = [decodeForm(piece.slice(0, at)), decodeForm(piece.slice(at + 1))];
  if (left === undefined || right === undefined)
    throw badCall(code, `${piece.slice(0, 40)} holds percent-encoded bytes that are not UTF-8.`);
  if (hasControlBeyondSpacing(right)) throw badCall(code, `The value of ${left} holds a control character.`);
  return { name: left, value: right };
}

const decodeForm = (text: string) => decodeOnce(text.replaceAll('+', ' '));

/** The pairs as a tree, or the refusal that says which of them has two meanings. */
export function gather(pairs: readonly Pair[], declared: Declared): Map<string, Node> {
  const root = new Map<string, Node>();
  for (const pair of pairs) place(root, pair, declared);
  return root;
}

function place(root: Map<string, Node>, pair: Pair, declared: Declared): void {
  const path = readName(pair.name, declared);
  const isListed = path.at(-1) === '';
  const keys = isListed ? path.slice(0, -1) : path;
  const last = keys.at(-1) ?? '';
  let members = root;
  let argument: string = declared.root;
  for (const key of keys.slice(0, -1)) {
    argument = memberName(argument, key);
    members = membersOf(members, key, pair, declared);
  }
  argument = memberName(argument, last);
  refuseUndeclaredBrackets(path, pair, declared);
  put(members, last, pair, isListed ? 'brackets' : listStyle(declared, argument), declared);
}

// A server that reads `ids=1&ids=2` reads `ids[]=1` as another name, and would see no ids at all.
function refuseUndeclaredBrackets(path: readonly string[], pair: Pair, declared: Declared): void {
  const [head = '', ...inner] = path;
  if (inner.length === 0) return;
  const top = memberName(declared.root, head);
  const schema = declared.schemaOf(top);
  const style = declared.styleOf(top);
  if (style === 'brackets' || (schema === undefined && declared.root === 'body')) return;
  if (declared.root === 'body' && style === undefined && schema !== undefined && !takesList(schema)) return;
  throw badCall(
    declared.code,
    `${pair.name.slice(0, 60)} is written with brackets, which ${head} is not declared with.`,
  );
}

/** The declared style of a list outside of brackets; undefined where the name may come once only. */
function listStyle(declared: Declared, argument: string): ListStyle | undefined {
  const schema = declared.schemaOf(argument);
  const style = declared.styleOf(argument) ?? 'repeat';
  return schema !== undefined && takesList(schema) && style !== 'brackets' ? style : undefined;
}

export function takesList(schema: ValueSchema): boolean {
  return schema.types?.includes('array') === true || schema.anyOf?.some(takesList) === true;
}

function readName(text: string, declared: Declared): string[] {
  // A declared name may itself be written with brackets, such as `ids[]`.
  if (declared.schemaOf(memberName(declared.root, text)) !== undefined) return [text];
  const open = text.indexOf('[');
  const head = open < 0 ? text : text.slice(0, open);
  const rest = open < 0 ? '' : text.slice(open);
  if (!name.test(head)) throw badCall(declared.code, `${JSON.stringify(text.slice(0, 60))} is not a plain name.`);
  if (!/^(\[[^[\]]*\])*$/.test(rest))
    throw badCall(declared.code, `${text.slice(0, 60)} has brackets that do not pair.`);
  const inner = rest === '' ? [] : rest.slice(1, -1).split('][');
  if (inner.length > depthMax) throw badCall(declared.code, `${text.slice(0, 60)} is nested deeper than ${depthMax}.`);
  if (inner.some((key, i) => (key === '' ? i < inner.length - 1 : !name.test(key)))) {
    throw badCall(declared.code, `${text.slice(0, 60)} has an empty or odd name between brackets.`);
  }
  return [head, ...inner];
}

function membersOf(members: Map<string, Node>, key: string, pair: Pair, declared: Declared): Map<string, Node> {
  const known = members.get(key);
  if (known === undefined) {
    refuseTwins(members, key, declared);
    const node = { members: new Map<string, Node>() };
    members.set(key, node);
    return node.members;
  }
  if ('members' in known) return known.members;
  throw badCall(declared.code, `${pair.name} is both a value and a group of values.`);
}

function put(
  members: Map<string, Node>,
  key: string,
  pair: Pair,
  style: ListStyle | undefined,
  declared: Declared,
): void {
  const known = members.get(key);
  if (known === undefined) {
    refuseTwins(members, key, declared);
    members.set(key, style === undefined ? { text: pair.value } : { list: splitList(pair.value, style), style });
    return;
  }
  const goesOn = 'list' in known && known.style === style && (style === 'repeat' || style === 'brackets');
  if (!goesOn) throw badCall(declared.code, `${pair.name} comes more than once.`);
  known.list.push(pair.value);
}

const foldedNames = new WeakMap<ReadonlyMap<string, Node>, Map<string, string>>();

/** Servers that ignore case would take `Amount` and `amount` for one. */
function refuseTwins(members: ReadonlyMap<string, Node>, key: string, declared: Declared): void {
  const names = foldedNames.get(members) ?? new Map<string, string>();
  foldedNames.set(members, names);
  const twin = names.get(folded(key));
  if (twin !== undefined) throw badCall(declared.code, `${twin} and ${key} differ in case only.`);
  names.set(folded(key), key);
}

const separators: Readonly<Record<ListStyle, string | undefined>> = {
  repeat: undefined,
  brackets: undefined,
  comma: ',',
  space: ' ',
  tab: '\t',
  pipe: '|',
};

function splitList(value: string, style: ListStyle): string[] {
  const separator = separators[style];
  return separator === undefined || value === '' ? [value] : value.split(separator);
}

/** The tree as arguments, each of its declared type. */
export function argumentsOf(
  tree: ReadonlyMap<string, Node>,
  declared: Declared,
  into: Map<string, JsonValue>,
  at: string = declared.root,
): void {
  for (const [key, node] of tree) {
    const argument = memberName(at, key);
    if ('members' in node) argumentsOf(node.members, declared, into, argument);
    else into.set(argument, nodeValue(node, argument, declared));
  }
}

function nodeValue(node: Exclude<Node, { members: unknown }>, argument: string, declared: Declared): JsonValue {
  const schema = declared.schemaOf(argument) ?? {};
  if ('text' in node) {
    const typed = typedText(schema, node.text);
    if ('value' in typed) return typed.value;
    throw badArgument(argument, typed.must);
  }
  const list = listSchema(schema);
  if (list === undefined) throw badArgument(argument, 'is not declared as a list');
  if (list.maxItems !== undefined && node.list.length > list.maxItems)
    throw badArgument(argument, `has more than ${list.maxItems} elements`);
  return node.list.map((text) => {
    const typed = typedText(list.items ?? {}, text);
    if ('value' in typed) return typed.value;
    throw badArgument(argument, `has an element that ${typed.must}`);
  });
}

/** The part of a schema that speaks of lists; a schema that says nothing takes a list too. */
function listSchema(schema: ValueSchema): ValueSchema | undefined {
  if (schema.anyOf !== undefined) return schema.anyOf.find((one) => listSchema(one) !== undefined);
  return schema.types === undefined || schema.types.includes('array') ? schema : undefined;
}

export function printTree(tree: ReadonlyMap<string, Node>): string {
  return [...tree].flatMap(([key, node]) => printNode(encodeText(key), node)).join('&');
}

function printNode(path: string, node: Node): string[] {
  if ('text' in node) return [`${path}=${encodeText(node.text)}`];
  if ('members' in node)
    return [...node.members].flatMap(([key, inner]) => printNode(`${path}%5B${encodeText(key)}%5D`, inner));
  const separator = separators[node.style];
  if (separator !== undefined)
    return [`${path}=${node.list.map(encodeText).join(node.style === 'comma' ? ',' : encodeText(separator))}`];
  const repeated = node.style === 'brackets' ? `${path}%5B%5D` : path;
  return node.list.map((text) => `${repeated}=${encodeText(text)}`);
}

/** The text of a value that stood in an address, form or header. */
export function textOfValue(value: JsonValue): string {
  return value instanceof JsonNumber ? value.text : String(value);
}
