import { JsonFault, JsonNumber, type JsonObject, type JsonValue, parseJson, printJson } from '@ambit/protocol';
import { type Action, type BodyShape, type MediaReader, memberName } from './action.ts';
import { argumentsOf, type Declared, gather, type Node, printTree, readPairs } from './pairs.ts';
import { misfit } from './value-schema.ts';
import { badArgument, badCall, folded } from './wire-text.ts';

/** What the gateway does with the body: nothing may come, it is read whole, or it streams because its owner said so. */
export type BodyPlan = 'none' | 'read' | 'streamed';

export type SentBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly mediaType: string; readonly bytes: Uint8Array }
  | { readonly kind: 'streamed'; readonly mediaType: string };

export function bodyPlan(action: Action): BodyPlan {
  if (action.body === null || action.method === 'GET' || action.method === 'HEAD') return 'none';
  return action.bodyIsPowerless ? 'streamed' : 'read';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads the body into `arguments`, and answers it as it will be sent: printed anew from what was read. */
export function readBody(
  action: Action,
  headers: ReadonlyMap<string, readonly string[]>,
  bytes: Uint8Array | undefined,
  into: Map<string, JsonValue>,
): SentBody {
  const shape = action.body;
  const plan = bodyPlan(action);
  const isEmpty = bytes === undefined || bytes.length === 0;
  if (plan === 'none' || shape === null) {
    if (!isEmpty) throw badCall('catalog.body_unexpected', `${action.method} of this action takes no body.`);
    return { kind: 'none' };
  }
  if (isEmpty && plan === 'read') {
    if (shape.required) throw badCall('catalog.argument_missing', 'The action needs a body and none came.');
    return { kind: 'none' };
  }
  refuseEncodings(headers);
  const media = mediaOf(shape, headers);
  if (plan === 'streamed') return { kind: 'streamed', mediaType: media.type };
  if (media.reader === null)
    throw badCall(
      'catalog.body_unreadable',
      `A body of type ${media.type} cannot be decided on; its owner has to declare that it carries no power.`,
    );
  return {
    kind: 'read',
    mediaType: media.type,
    bytes: encoder.encode(rewrite(media.reader, shape, textOf(bytes!), into)),
  };
}

function rewrite(reader: 'json' | 'form', shape: BodyShape, text: string, into: Map<string, JsonValue>): string {
  return reader === 'json' ? rewriteJson(shape, text, into) : rewriteForm(shape, text, into);
}

function refuseEncodings(headers: ReadonlyMap<string, readonly string[]>): void {
  const encodings = headers.get('content-encoding') ?? [];
  if (encodings.some((one) => one.toLowerCase() !== 'identity')) {
    throw badCall('catalog.header_refused', 'The body is compressed; send it as it is, without content-encoding.');
  }
}

function mediaOf(
  shape: BodyShape,
  headers: ReadonlyMap<string, readonly string[]>,
): { type: string; reader: MediaReader } {
  const declared = shape.mediaTypes.map((one) => one.type).join(' or ');
  const [value, ...others] = headers.get('content-type') ?? [];
  if (value === undefined || others.length > 0)
    throw badCall('request.unsupported_media_type', `Send one content-type: ${declared}.`);
  const [type = '', ...parameters] = value.split(';').map((one) => one.trim().toLowerCase());
  const media = shape.mediaTypes.find((one) => one.type === type);
  if (media === undefined)
    throw badCall('request.unsupported_media_type', `The action takes ${declared}, not ${type.slice(0, 80)}.`);
  // Multipart needs its boundary; such bodies are only ever streamed.
  const isText = media.reader !== null;
  if (isText && parameters.some((one) => !/^charset="?utf-8"?$/.test(one))) {
    throw badCall('request.unsupported_media_type', 'Send the body as UTF-8, without other media type parameters.');
  }
  return isText ? media : { type: value, reader: null };
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw badCall('catalog.body_ambiguous', 'The body is not UTF-8.');
    throw error;
  }
}

function rewriteJson(shape: BodyShape, text: string, into: Map<string, JsonValue>): string {
  const value = readJson(text);
  walk(shape, 'body', value, into);
  return printJson(value);
}

function readJson(text: string): JsonValue {
  try {
    return parseJson(text, { depthMax: 32, nodesMax: 20_000 });
  } catch (error) {
    if (error instanceof JsonFault) throw badCall('catalog.body_ambiguous', error.message);
    throw error;
  }
}

function walk(shape: BodyShape, argument: string, value: JsonValue, into: Map<string, JsonValue>): void {
  if (isObject(value) && Object.keys(value).length > 0) {
    walkObject(shape, argument, value, into);
    return;
  }
  judgeLeaf(shape, argument, value);
  refuseTwinsWithin(value);
  into.set(argument, value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

function walkObject(shape: BodyShape, argument: string, value: JsonObject, into: Map<string, JsonValue>): void {
  const object = shape.objects[argument];
  const leaf = shape.arguments[argument];
  if (object === undefined && leaf !== undefined) {
    const must = misfit(leaf, value);
    if (must !== undefined) throw badArgument(argument, must);
  }
  judgeMembers(shape, argument, Object.keys(value));
  for (const [name, inner] of Object.entries(value)) walk(shape, memberName(argument, name), inner, into);
}

/** Members of one object: none differing in case only, none undeclared where the object is closed, none missing. */
function judgeMembers(shape: BodyShape, argument: string, names: readonly string[]): void {
  refuseTwins(names);
  const object = shape.objects[argument];
  for (const name of names) {
    if (isDeclared(shape, memberName(argument, name))) continue;
    if (object?.closed === true) throw badArgument(argument, `declares no member ${JSON.stringify(name.slice(0, 60))}`);
    refuseOverride(shape, argument, name);
  }
  const missing = object?.required.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const left = memberName(argument, missing);
  throw badCall('catalog.argument_missing', `${left} is missing.`, { argument: left });
}

const isDeclared = (shape: BodyShape, argument: string) =>
  shape.arguments[argument] !== undefined || shape.objects[argument] !== undefined;

// Web frameworks take `_method` in a body for the method of the request, and read names regardless of case.
function refuseOverride(shape: BodyShape, argument: string, name: string): void {
  if (folded(name) === '_method')
    throw badCall('catalog.body_ambiguous', 'The member _method would override the method.');
  const twin = siblings(shape, argument).get(folded(memberName(argument, name)));
  if (twin !== undefined) {
    throw badCall('catalog.body_ambiguous', `${memberName(argument, name)} differs from ${twin} in case only.`);
  }
}

const siblingCache = new WeakMap<BodyShape, Map<string, Map<string, string>>>();
const noSiblings: ReadonlyMap<string, string> = new Map();

/** Declared members of an object, by the form in which lenient servers see their names. */
function siblings(shape: BodyShape, argument: string): ReadonlyMap<string, string> {
  const known = siblingCache.get(shape) ?? groupSiblings(shape);
  siblingCache.set(shape, known);
  return known.get(argument) ?? noSiblings;
}

function groupSiblings(shape: BodyShape): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  for (const name of [...Object.keys(shape.arguments), ...Object.keys(shape.objects)]) {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const group = groups.get(parent) ?? new Map<string, string>();
    groups.set(parent, group.set(folded(name), name));
  }
  return groups;
}

function judgeLeaf(shape: BodyShape, argument: string, value: JsonValue): void {
  const leaf = shape.arguments[argument];
  const object = shape.objects[argument];
  const fits = object !== undefined && (isObject(value) || (value === null && object.nullable));
  if (object !== undefined && isObject(value)) judgeMembers(shape, argument, []);
  if (fits) return;
  const must = leaf !== undefined ? misfit(leaf, value) : object !== undefined ? 'must be an object' : undefined;
  if (must !== undefined) throw badArgument(argument, must);
}

/** Lists are one argument; the objects inside still may not have two names for one member. */
function refuseTwinsWithin(value: JsonValue): void {
  if (isObject(value)) refuseTwins(Object.keys(value));
  const inner = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const one of inner) refuseTwinsWithin(one);
}

function refuseTwins(names: readonly string[]): void {
  if (names.length < 2) return;
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(folded(name));
    if (twin !== undefined) throw badCall('catalog.body_ambiguous', `${twin} and ${name} differ in case only.`);
    seen.set(folded(name), name);
  }
}

function rewriteForm(shape: BodyShape, text: string, into: Map<string, JsonValue>): string {
  const declared: Declared = {
    root: 'body',
    code: 'catalog.body_ambiguous',
    schemaOf: (argument) => shape.arguments[argument],
    styleOf: (argument) => shape.styles[argument],
  };
  if (!/^[\x21-\x7e]*$/.test(text))
    throw badCall('catalog.body_ambiguous', 'The form has characters that must be percent-encoded.');
  const tree = gather(readPairs(text, declared.code), declared);
  judgeTree(shape, 'body', tree);
  argumentsOf(tree, declared, into);
  return printTree(tree);
}

function judgeTree(shape: BodyShape, argument: string, tree: ReadonlyMap<string, Node>): void {
  judgeMembers(shape, argument, [...tree.keys()]);
  for (const [key, node] of tree) {
    const child = memberName(argument, key);
    if ('members' in node) {
      const leaf = shape.arguments[child];
      const isScalarOnly =
        leaf !== undefined &&
        shape.objects[child] === undefined &&
        misfit(leaf, emptyObject) !== undefined &&
        misfit(leaf, []) !== undefined;
      if (isScalarOnly) throw badArgument(child, 'is not declared to have members');
      judgeTree(shape, child, node.members);
    } else if (shape.objects[child] !== undefined && shape.arguments[child] === undefined) {
      throw badArgument(child, 'must be an object');
    }
  }
}

const emptyObject: JsonObject = Object.create(null);
