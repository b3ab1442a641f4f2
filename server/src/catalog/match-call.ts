import type { JsonValue } from '@ambit/protocol';
import type { Action, Parameter } from './action.ts';
import { textOfValue } from './pairs.ts';
import { literalOf, type Segment } from './path-template.ts';
import { type BodyPlan, bodyPlan, readBody, type SentBody } from './read-body.ts';
import { plainValueFault, readPath } from './read-path.ts';
import {
  gatherHeaders,
  type HeaderPairs,
  planQuery,
  type QueryPlan,
  readHeaderParameters,
  readQuery,
  refuseOverrides,
} from './read-query.ts';
import { isNarrow, typedText } from './value-schema.ts';
import { badArgument, badCall, encodeText, folded } from './wire-text.ts';

/** A request line as it arrived, relative to where the API lives. */
export type RequestLine = {
  readonly method: string;
  /** Still encoded, from the slash on, without query. */
  readonly rawPath: string;
};

export type RawCall = RequestLine & {
  /** Still encoded, without the question mark; empty where there is none. */
  readonly rawQuery: string;
  /** Every field as it came, in order: see `headerPairs`. */
  readonly headers: HeaderPairs;
  /** Read whole where `locate` says so. */
  readonly body?: Uint8Array;
};

/** A call with one meaning: the action, its arguments, and the request as it will be sent, written anew from them. */
export type MatchedCall = {
  readonly action: Action;
  readonly arguments: ReadonlyMap<string, JsonValue>;
  readonly path: string;
  /** Without question mark; empty where there is none. */
  readonly query: string;
  /** The declared header parameters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: SentBody;
  /** `shop:order/1042`. */
  readonly resources: readonly string[];
};

/** The action that a request line names, before its query and body are looked at. */
export type Located = {
  readonly action: Action;
  readonly path: string;
  readonly arguments: ReadonlyMap<string, JsonValue>;
  readonly body: BodyPlan;
};

type Tree = {
  readonly literals: Map<string, Tree>;
  /** Literals in the form under which lenient servers take them for the same. */
  readonly foldedLiterals: Map<string, string>;
  readonly composites: {
    readonly form: string;
    readonly expression: RegExp;
    /** What lenient servers match: case counts for nothing. */
    readonly lenient: RegExp;
    readonly weight: number;
    readonly next: Tree;
  }[];
  value: Tree | undefined;
  readonly methods: Map<string, Action>;
};

export type Matcher = { readonly root: Tree; readonly size: number };

const emptyTree = (): Tree => ({
  literals: new Map(),
  foldedLiterals: new Map(),
  composites: [],
  value: undefined,
  methods: new Map(),
});

/** Actions as a tree by segment. Two actions of one method and path form are a fault of the catalog, and thrown. */
export function compileMatcher(actions: Iterable<Action>): Matcher {
  const root = emptyTree();
  let size = 0;
  for (const action of actions) {
    const end = action.template.reduce(descend, root);
    const other = end.methods.get(action.method);
    if (other !== undefined) throw new Error(`${action.id} and ${other.id} match the same calls`);
    end.methods.set(action.method, action);
    size++;
  }
  return { root, size };
}

function descend(tree: Tree, segment: Segment): Tree {
  const literal = literalOf(segment);
  if (literal !== undefined) return child(tree, literal);
  if (segment.length === 1) {
    tree.value ??= emptyTree();
    return tree.value;
  }
  const form = segment.map((part) => ('text' in part ? part.text : '\u0000')).join('');
  const known = tree.composites.find((one) => one.form === form);
  if (known !== undefined) return known.next;
  const made = {
    form,
    expression: compositeExpression(segment, 'us'),
    lenient: compositeExpression(segment, 'usi'),
    weight: form.replaceAll('\u0000', '').length,
    next: emptyTree(),
  };
  tree.composites.push(made);
  tree.composites.sort((a, b) => b.weight - a.weight);
  return made.next;
}

function child(tree: Tree, literal: string): Tree {
  const known = tree.literals.get(literal);
  if (known !== undefined) return known;
  const made = emptyTree();
  tree.literals.set(literal, made);
  tree.foldedLiterals.set(folded(literal), literal);
  return made;
}

const escaped = (text: string) =>
  text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);

// The split is unique: a value never holds the text that separates it from the next part.
function compositeExpression(segment: Segment, flags: string): RegExp {
  const parts = segment.map((part, i) => {
    if ('text' in part) return escaped(part.text);
    const next = segment[i + 1];
    return next !== undefined && 'text' in next ? `((?:(?!${escaped(next.text)}).)+)` : '(.+)';
  });
  return new RegExp(`^${parts.join('')}$`, flags);
}

/** Finds the one action of a request line. Throws the refusal that says why there is none. */
export function locate(matcher: Matcher, line: RequestLine): Located {
  const segments = readPath(line.rawPath);
  const { tree, values } = descendValues(matcher.root, segments);
  const action = actionAt(tree, line);
  const found = new Map<string, JsonValue>();
  const path = action.template
    .map((segment, i) => `/${printSegment(action, segment, values[i] ?? [], found)}`)
    .join('');
  return { action, path, arguments: found, body: bodyPlan(action) };
}

function actionAt(tree: Tree, line: RequestLine): Action {
  const action = tree.methods.get(line.method);
  if (action !== undefined) return action;
  if (tree.methods.size === 0) throw badCall('catalog.no_match', 'No action has this path.');
  const takes = [...tree.methods.keys()].sort().join(', ');
  throw badCall('catalog.no_match', `This path takes ${takes}, not ${line.method.slice(0, 20)}.`, { takes });
}

type Descent = { readonly tree: Tree; readonly values: readonly (readonly string[])[] };

/**
 * INVARIANT (many-in-one): a literal always wins over a parameter, for every method and without going back, so that a
 * parameter's value is never a text which means something of its own at that place.
 */
function descendValues(root: Tree, segments: readonly string[]): Descent {
  let tree = root;
  const values: (readonly string[])[] = [];
  for (const segment of segments) {
    const step = stepInto(tree, segment);
    values.push(step.values);
    tree = step.tree;
  }
  return { tree, values };
}

/** How often `text` stands in `within`, overlaps included. */
function occurrences(within: string, text: string): number {
  let count = 0;
  for (let at = within.indexOf(text); at >= 0; at = within.indexOf(text, at + 1)) count++;
  return count;
}

function refuseTwoSplits(form: string, segment: string): void {
  const separators = form.split('\u0000').slice(1, -1);
  if (separators.some((text) => occurrences(segment, text) !== occurrences(form, text))) {
    throw badCall('catalog.path_ambiguous', `${segment} can be divided in more than one way.`);
  }
}

/** The other spelling of an action's fixed text is no value either: `a.JSON` where there is `{name}.json`. */
function refuseLenientTwin(tree: Tree, segment: string, weight: number): void {
  const twin = tree.composites.find(
    (one) => one.weight > weight && !one.expression.test(segment) && one.lenient.test(segment.normalize('NFKC')),
  );
  if (twin === undefined) return;
  const form = twin.form.replaceAll('\u0000', '…');
  throw badCall('catalog.path_ambiguous', `${segment} could be taken for ${form}; write it as the description does.`);
}

function stepInto(tree: Tree, segment: string): { tree: Tree; values: readonly string[] } {
  const literal = tree.literals.get(segment);
  if (literal !== undefined) return { tree: literal, values: [] };
  const twin = tree.foldedLiterals.get(folded(segment));
  if (twin !== undefined)
    throw badCall('catalog.path_ambiguous', `${segment} could be taken for ${twin}; write it as the description does.`);
  if (segment === '')
    throw badCall('catalog.no_match', 'No action has this path; the description has no slash at its end.');
  const composites = tree.composites.flatMap((one) => {
    const match = one.expression.exec(segment);
    return match === null ? [] : [{ one, values: match.slice(1) }];
  });
  const [first, second] = composites;
  refuseLenientTwin(tree, segment, first?.one.weight ?? 0);
  if (first !== undefined) {
    if (second !== undefined && second.one.weight === first.one.weight) {
      throw badCall('catalog.path_ambiguous', `${segment} fits two paths of the description.`);
    }
    refuseTwoSplits(first.one.form, segment);
    return { tree: first.one.next, values: first.values };
  }
  if (tree.value === undefined) throw badCall('catalog.no_match', 'No action has this path.');
  return { tree: tree.value, values: [segment] };
}

function printSegment(
  action: Action,
  segment: Segment,
  values: readonly string[],
  found: Map<string, JsonValue>,
): string {
  let next = 0;
  return segment
    .map((part) => {
      // A template's fixed text stands for itself (`:cancel`, `$batch`): it goes out as the description writes it.
      if ('text' in part) return part.text;
      const parameter = action.parameters.find((one) => one.in === 'path' && one.name === part.parameter);
      if (parameter === undefined) throw new Error(`${action.id} has no path parameter ${part.parameter}`);
      const value = pathValue(parameter, values[next++] ?? '');
      found.set(parameter.argument, value);
      return encodeText(textOfValue(value));
    })
    .join('');
}

function pathValue(parameter: Parameter, text: string): JsonValue {
  const fault = isNarrow(parameter.schema) ? undefined : plainValueFault(text);
  if (fault !== undefined) throw badArgument(parameter.argument, fault);
  const typed = typedText(parameter.schema, text);
  if ('value' in typed) return typed.value;
  throw badArgument(parameter.argument, typed.must);
}

/**
 * The one meaning of a request, or the refusal that says what is ambiguous about it.
 * INVARIANT (decided is sent): path, query, headers and body of the answer are printed from the arguments; reading them
 * again gives the same action and the same arguments.
 */
export function match(matcher: Matcher, call: RawCall): MatchedCall {
  const headers = gatherHeaders(call.headers);
  refuseOverrides(headers);
  const located = locate(matcher, call);
  const { action } = located;
  if (action.held !== null)
    throw badCall('catalog.held', `${action.id} waits for a person to confirm it: ${action.held}.`, {
      action: action.id,
    });
  const found = new Map(located.arguments);
  const query = readQuery(queryPlanOf(action), call.rawQuery, found);
  const sentHeaders = readHeaderParameters(action, headers, found);
  const body = readBody(action, headers, call.body, found);
  return {
    action,
    arguments: found,
    path: located.path,
    query,
    headers: sentHeaders,
    body,
    resources: resourcesOf(action, found),
  };
}

const queryPlans = new WeakMap<Action, QueryPlan>();

function queryPlanOf(action: Action): QueryPlan {
  let plan = queryPlans.get(action);
  if (plan === undefined) {
    plan = planQuery(action);
    queryPlans.set(action, plan);
  }
  return plan;
}

/** The things a call is about, as keys for the log and for sums by thing. */
export function resourcesOf(action: Action, found: ReadonlyMap<string, JsonValue>): string[] {
  if (action.resource === null) return [];
  const value = found.get(action.resource.id);
  const list = Array.isArray(value) ? value : [value];
  return list.flatMap((one) => {
    if (one === undefined || one === null || (typeof one === 'object' && !('text' in one))) return [];
    return [`${action.api}:${action.resource?.type}/${encodeText(textOfValue(one)).slice(0, 300)}`];
  });
}
