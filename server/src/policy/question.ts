import { canonicalJson, JsonNumber, type JsonValue } from '@ambit/protocol';
import { closeHierarchy, type Entities, type Entity, type EntityWithParents } from './cedar/entities.ts';
import { EvaluationError } from './cedar/evaluation-error.ts';
import { parseDecimal } from './cedar/extensions/decimal.ts';
import type { Frame, Request } from './cedar/frame.ts';
import type { Standing } from './cedar/standing.ts';
import { type CedarRecord, type EntityUid, entityUid, recordOf, setOf, type Value } from './cedar/value.ts';

/** One declared argument of an action. `any` is for what a description leaves open or gives several types. */
export type ArgumentType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';

export type DeclaredArgument = {
  /** `path.orderId`, `body.price.amount`; inside a part, a dot is written `%2E` and a percent sign `%25`. */
  readonly name: string;
  readonly type: ArgumentType;
  readonly required: boolean;
};

/** What the rules need to know of a catalogued action. */
export type ActionForSchema = {
  /** `shop:refunds.create`: the API before the first colon. */
  readonly id: string;
  readonly arguments: readonly DeclaredArgument[];
  readonly effect: 'read' | 'write';
  readonly reversibility: 'reversible' | 'compensable' | 'irreversible';
  readonly reach: 'internal' | 'external';
};

export type AskedAction = ActionForSchema & {
  readonly api: { readonly id: string; readonly zone: string; readonly environment: string };
  /** The body chooses what is done. */
  readonly opaque: boolean;
  /** The answer is a credential. */
  readonly mintsCredential: boolean;
  /** The answer carries text that strangers can write. */
  readonly answersForeignText: boolean;
};

export type AskingAgent = {
  readonly kind: 'agent';
  readonly id: string;
  /** What the workload is: `agent`, `service`, `partner` or `client`. */
  readonly workload: string;
  readonly owner: string;
  readonly team: string | null;
  readonly purpose: string;
  readonly environment: string;
  readonly zone: string;
  readonly state: string;
};

/** Only where an enforcement point asks for the rules alone. */
export type AskingPerson = { readonly kind: 'person'; readonly id: string };

export type AskedTask = {
  readonly id: string;
  readonly purposeType: string;
  /** Null where the agent opened it alone. */
  readonly requester: string | null;
  readonly depth: number;
  readonly origin: 'person' | 'standing-grant' | 'delegation';
};

/** Everything that a rule can read about one call, as plain data: it is logged whole, and can be judged again later. */
export type Question = {
  readonly tenant: string;
  /** The plane's clock, epoch milliseconds; never the caller's. */
  readonly now: number;
  readonly who: AskingAgent | AskingPerson;
  /** Null where only the rules are asked. */
  readonly task: AskedTask | null;
  readonly action: AskedAction;
  /** By declared name; what is not here was not sent. */
  readonly arguments: Readonly<Record<string, JsonValue>>;
  /** `shop:order/1042`, where the catalog can name what the call touches. */
  readonly resource: string | null;
  /** A decimal text and an ISO currency, where the action moves money. */
  readonly amount: { readonly value: string; readonly currency: string } | null;
  /** The door: `gateway`, `authzen`, … */
  readonly channel: string;
  /** How the caller proved itself: `dpop`, `none`, … */
  readonly proof: string;
  /** The task's grant, given by a person, carries its own ask threshold for this action. */
  readonly askCovered: boolean;
  /** Labels of where the values in the call came from. */
  readonly provenance: readonly string[];
};

/** A question as rules read it. What few rules look at is made when it is first looked at. */
export type CedarQuestion = Frame & {
  readonly kind: 'question';
  readonly request: Request;
  /** The same object for questions that differ only in the resource and in what the context says of this one call. */
  readonly standing: Standing | undefined;
};

/** The call does not fit what its action declares: no rule may be asked about it. */
export type Unreadable = { readonly kind: 'unreadable'; readonly because: readonly string[] };

/**
 * A question in Cedar's terms. Pure. In a policy it reads:
 *
 * - `principal`: an `Agent` (`.kind .owner .team? .purpose .environment .zone .state`) or a `Person`, each in its `Tenant`;
 * - `action`: `Action::"shop:refunds.create"`, in the group `Action::"shop:*"`;
 * - `resource`: `Resource::"shop:order/1042"`, or `Resource::"shop"` where the call names none; `.api` is its `Api`
 *   (`.zone .environment`), which it is also in;
 * - `context.task`: a `Task` (`.purpose .requester? .depth .origin`), absent where only the rules are asked. An agent
 *   acts on behalf of `context.task.requester`, and where the task has none, by itself;
 * - `context.arguments.path.orderId`: each argument at its own name. The records on the way are always there, so one
 *   `context.arguments.body has amount` is enough for an optional argument. Null counts as absent;
 * - `context.amount.value` (a decimal) and `.currency`, `context.now`, `context.provenance` (a set of labels), and the
 *   action's `effect`, `reversibility`, `reach`, `opaque`, `mintsCredential`, `answersForeignText`.
 *
 * A `string` is a String, a `boolean` a Bool, an `integer` a Long, a `number` a decimal. A number that no decimal can
 * hold (five digits after the point) becomes its text: it equals no decimal, which is true, and a rule that compares it
 * errs, which denies. An `array` is a set of texts (a text as it is, other elements as canonical JSON); an `object`
 * whose members are not declared, and `any`, are text in the same way.
 *
 * INVARIANT (typed arguments): a value of another type than declared, a missing required argument and an undeclared one
 * are unreadable. Cedar's `==` never errs, so a retyped argument would otherwise slip past a forbid without a word.
 */
export function toCedar(question: Question): CedarQuestion | Unreadable {
  const cast = castOf(question);
  const because = misfits(question, cast.layout);
  return because === null ? new Asked(question, cast) : { kind: 'unreadable', because };
}

class Asked implements CedarQuestion {
  readonly kind = 'question';
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly standing: Standing;
  readonly #question: Question;
  readonly #cast: Cast;
  #context: CedarRecord | undefined;
  #resource: Entity | undefined;
  #entities: Entities | undefined;

  constructor(question: Question, cast: Cast) {
    this.principal = cast.principal;
    this.action = cast.action;
    this.standing = cast;
    this.#question = question;
    this.#cast = cast;
  }

  get request(): Request {
    return this;
  }

  get context(): CedarRecord {
    this.#context ??= contextOf(this.#question, this.#cast);
    return this.#context;
  }

  get resource(): EntityUid {
    return this.#touched().uid;
  }

  get entities(): Entities {
    if (this.#entities === undefined) {
      const resource = this.#touched();
      this.#entities = new Map(this.#cast.entities).set(resource.uid.key, resource);
    }
    return this.#entities;
  }

  #touched(): Entity {
    this.#resource ??= resourceOf(this.#question, this.#cast);
    return this.#resource;
  }
}

/** Who asks, for which task, to do what: all that a question has in common with the next one of its kind. */
type Cast = Standing & {
  readonly tenant: string;
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly task: EntityUid | undefined;
  readonly api: Entity;
  /** All but the resource, which is of one call. */
  readonly entities: ReadonlyMap<string, Entity>;
  readonly layout: Layout;
};

/** What a cast says of the context; the rest is of one call. */
const standingContext: ReadonlySet<string> = new Set([
  'task',
  'effect',
  'reversibility',
  'reach',
  'opaque',
  'mintsCredential',
  'answersForeignText',
  'zone',
  'environment',
  'purpose',
]);

// Questions are made of shared objects that never change: what was made of the same three before is used again.
const casts = new WeakMap<Question['who'], WeakMap<object, WeakMap<AskedAction, Cast>>>();
const noTask = {};

function castOf(question: Question): Cast {
  const { who, task, action, tenant } = question;
  const byTask = inside(casts, who, () => new WeakMap<object, WeakMap<AskedAction, Cast>>());
  const byAction = inside(byTask, task ?? noTask, () => new WeakMap<AskedAction, Cast>());
  const known = byAction.get(action);
  if (known?.tenant === tenant) return known;
  const made = makeCast(question);
  byAction.set(action, made);
  return made;
}

function inside<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function makeCast(question: Question): Cast {
  const people = peopleOf(question);
  const place = placeOf(question);
  const task = question.task && taskOf(question.task);
  const entities = closeHierarchy([...people.entities, ...place.entities, ...(task ? [task] : [])]);
  return {
    context: standingContext,
    tenant: question.tenant,
    principal: people.principal.uid,
    action: place.action.uid,
    task: task?.uid,
    api: entities.get(place.api.uid.key)!,
    entities,
    layout: layoutOf(question.action.arguments),
  };
}

/** What the call touches: in its API, and in whatever that is in. */
function resourceOf({ resource, action }: Question, { api }: Cast): Entity {
  return {
    uid: entityUid('Resource', resource ?? action.api.id),
    attributes: new Map([['api', api.uid]]),
    tags: noTags,
    ancestors: new Set([api.uid.key, ...api.ancestors]),
  };
}

// ---- entities

function entity(
  uid: EntityUid,
  attributes: Readonly<Record<string, Value | undefined>>,
  parents: readonly EntityUid[] = [],
): EntityWithParents {
  return { uid, attributes: present(attributes), tags: noTags, parents };
}

const noTags: CedarRecord = new Map();

/** An attribute that is undefined is absent. */
function present(attributes: Readonly<Record<string, Value | undefined>>): CedarRecord {
  const entries = Object.entries(attributes).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return new Map(entries);
}

function peopleOf({ tenant, who, task }: Question): {
  principal: EntityWithParents;
  entities: readonly EntityWithParents[];
} {
  const home = entityUid('Tenant', tenant);
  const ids = new Set([who.kind === 'agent' ? who.owner : who.id, ...(task?.requester ? [task.requester] : [])]);
  const persons = [...ids].map((id) => entity(entityUid('Person', id), {}, [home]));
  const principal = who.kind === 'agent' ? agentOf(who, home) : persons[0]!;
  const others = who.kind === 'agent' ? [principal, ...persons] : persons;
  return { principal, entities: [entity(home, {}), ...others] };
}

function agentOf(agent: AskingAgent, home: EntityUid): EntityWithParents {
  const { id, workload, owner, team, purpose, environment, zone, state } = agent;
  const known = { kind: workload, purpose, environment, zone, state };
  const attributes = { owner: entityUid('Person', owner), team: team ?? undefined, ...known };
  return entity(entityUid('Agent', id), attributes, [home]);
}

function taskOf({ id, purposeType, requester, depth, origin }: AskedTask): EntityWithParents {
  const person = requester === null ? undefined : entityUid('Person', requester);
  return entity(entityUid('Task', id), { purpose: purposeType, requester: person, depth, origin });
}

function placeOf({ tenant, action }: Question): {
  action: EntityWithParents;
  api: EntityWithParents;
  entities: readonly EntityWithParents[];
} {
  const { id, zone, environment } = action.api;
  const api = entity(entityUid('Api', id), { zone, environment }, [entityUid('Tenant', tenant)]);
  const asked = entity(entityUid('Action', action.id), {}, [entityUid('Action', groupOf(action.id))]);
  return { action: asked, api, entities: [api, asked] };
}

/** `shop:refunds.create` → `shop:*`: the group of all actions of an API. */
export function groupOf(action: string): string {
  return `${action.slice(0, action.indexOf(':'))}:*`;
}

// ---- context

function contextOf(question: Question, { task, layout }: Cast): CedarRecord {
  const { action, who, now, amount } = question;
  const context = new Map<string, Value>([['now', { kind: 'datetime', epochMilliseconds: now }]]);
  if (task !== undefined) context.set('task', task);
  context.set('effect', action.effect);
  context.set('reversibility', action.reversibility);
  context.set('reach', action.reach);
  context.set('opaque', action.opaque);
  context.set('mintsCredential', action.mintsCredential);
  context.set('answersForeignText', action.answersForeignText);
  context.set('zone', who.kind === 'agent' ? who.zone : '');
  context.set('environment', who.kind === 'agent' ? who.environment : '');
  context.set('channel', question.channel);
  context.set('proof', question.proof);
  context.set('purpose', question.task?.purposeType ?? '');
  if (amount) context.set('amount', recordOf({ value: decimalOrText(amount.value), currency: amount.currency }));
  context.set('arguments', argumentsOf(question, layout));
  context.set('askCovered', question.askCovered);
  context.set('provenance', setOf(question.provenance));
  return context;
}

// ---- arguments

/** The attribute names that lead to an argument: `body.price.amount` → body, price, amount. */
export function pathOf(name: string): readonly [string, ...string[]] {
  const parts = name.split('.').map((part) => part.replace(/%2E|%25/g, (code) => (code === '%2E' ? '.' : '%')));
  return parts as [string, ...string[]];
}

/** Names under which further arguments are declared: records in a policy, whatever type they are declared with. */
export function containersOf(declared: readonly DeclaredArgument[]): ReadonlySet<string> {
  const containers = new Set<string>();
  for (const { name } of declared) {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1))
      containers.add(name.slice(0, dot));
  }
  return containers;
}

/** The declared arguments of an action, read once: a catalog's list is immutable. */
type Layout = {
  readonly names: ReadonlySet<string>;
  readonly containers: readonly (readonly string[])[];
  readonly places: readonly Place[];
};
type Place = Omit<DeclaredArgument, 'type'> & {
  readonly type: ArgumentType | 'container';
  readonly parents: readonly string[];
  readonly last: string;
};

const layouts = new WeakMap<readonly DeclaredArgument[], Layout>();

function layoutOf(declared: readonly DeclaredArgument[]): Layout {
  const known = layouts.get(declared);
  if (known) return known;
  const containers = containersOf(declared);
  const layout: Layout = {
    names: new Set(declared.map(({ name }) => name)),
    containers: [...containers].map(pathOf),
    places: declared.map(({ name, type, required }) => {
      const path = pathOf(name);
      const seen = containers.has(name) ? ({ type: 'container', required: false } as const) : { type, required };
      return { name, ...seen, parents: path.slice(0, -1), last: path.at(-1)! };
    }),
  };
  layouts.set(declared, layout);
  return layout;
}

type Branch = Map<string, Value>;

/** In words, each argument that is not as its action declares it; null where all are. */
function misfits({ action, arguments: sent }: Question, { names, places }: Layout): readonly string[] | null {
  let because: string[] | null = null;
  const mind = (says: string) => {
    because ??= [];
    because.push(says);
  };
  for (const name of Object.keys(sent)) {
    if (!names.has(name)) mind(`${action.id} declares no argument ${name}; leave it out, or import it anew`);
  }
  for (const { name, type, required } of places) {
    const value = Object.hasOwn(sent, name) ? sent[name] : undefined;
    if (value === undefined || value === null) {
      if (required) mind(`${name} is missing; ${action.id} requires it`);
    } else if (!isOfType(value, type)) {
      mind(`${name} must be of type ${wordFor(type)}; send it as ${action.id} declares it`);
    }
  }
  return because;
}

/** Of arguments that are as declared. */
function argumentsOf({ arguments: sent }: Question, { containers, places }: Layout): CedarRecord {
  const root: Branch = new Map();
  for (const path of containers) branchAt(root, path);
  for (const { name, type, parents, last } of places) {
    const value = Object.hasOwn(sent, name) ? sent[name] : undefined;
    if (value === undefined || value === null || type === 'container') continue;
    branchAt(root, parents).set(last, asValue(value, type));
  }
  return root;
}

function wordFor(type: ArgumentType | 'container'): string {
  return type === 'container' ? 'object' : type;
}

function branchAt(root: Branch, path: readonly string[]): Branch {
  let branch = root;
  for (const name of path) {
    const found = branch.get(name) as Branch | undefined;
    const next: Branch = found ?? new Map();
    if (!found) branch.set(name, next);
    branch = next;
  }
  return branch;
}

type Present = Exclude<JsonValue, null>;

function isOfType(value: Present, type: ArgumentType | 'container'): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value.isWellFormed();
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return value instanceof JsonNumber && Number.isSafeInteger(value.toNumber());
    case 'number':
      return value instanceof JsonNumber;
    case 'array':
      return Array.isArray(value);
    case 'object':
    case 'container':
      return isJsonObject(value);
    case 'any':
      return true;
  }
}

/** The value in Cedar's terms, of one that is of that type. */
function asValue(value: Present, type: ArgumentType): Value {
  switch (type) {
    case 'string':
    case 'boolean':
      return value as string | boolean;
    case 'integer':
      return (value as JsonNumber).toNumber();
    case 'number':
      return decimalOrText((value as JsonNumber).text);
    case 'array':
      return setOf((value as readonly JsonValue[]).map(textOf));
    case 'object':
    case 'any':
      return textOf(value);
  }
}

function isJsonObject(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** `30` and `30.50` are decimals; what needs more than four digits after the point, or more than 64 bits, stays text. */
function decimalOrText(text: string): Value {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  try {
    return parseDecimal(`${whole}.${fraction.replace(/0+$/, '') || '0'}`);
  } catch (error) {
    if (error instanceof EvaluationError) return text;
    throw error;
  }
}
