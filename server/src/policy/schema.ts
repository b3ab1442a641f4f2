import type { JsonObject } from './cedar/json.ts';
import { type ActionForSchema, type ArgumentType, containersOf, groupOf, pathOf } from './question.ts';

/**
 * The Cedar schema (JSON form) of what `toCedar` makes: the same entities and context for every action, and of each
 * action its own arguments. Publishing a policy set checks it against this, so that a rule can only name what exists.
 */
export function policySchema(actions: readonly ActionForSchema[]): JsonObject {
  const groups = new Set(actions.map(({ id }) => groupOf(id)));
  return {
    '': {
      commonTypes: { Amount: record({ value: required('decimal'), currency: required('String') }) },
      entityTypes: {
        Tenant: {},
        Person: { memberOfTypes: ['Tenant'] },
        Agent: { memberOfTypes: ['Tenant'], shape: record(agentAttributes) },
        Task: { shape: record(taskAttributes) },
        Api: {
          memberOfTypes: ['Tenant'],
          shape: record({ zone: required('String'), environment: required('String') }),
        },
        Resource: { memberOfTypes: ['Api'], shape: record({ api: entity('Api') }) },
      },
      actions: {
        ...Object.fromEntries([...groups].map((group) => [group, {}])),
        ...Object.fromEntries(actions.map((action) => [action.id, actionType(action)])),
      },
    },
  };
}

function record(attributes: JsonObject): JsonObject {
  return { type: 'Record', attributes };
}

function required(name: string): JsonObject {
  return { type: 'EntityOrCommon', name };
}

function optional(type: JsonObject): JsonObject {
  return { ...type, required: false };
}

function entity(name: string): JsonObject {
  return { type: 'Entity', name };
}

const setOfTexts: JsonObject = { type: 'Set', element: { type: 'String' } };

const agentAttributes: JsonObject = {
  kind: required('String'),
  owner: entity('Person'),
  team: optional(required('String')),
  purpose: required('String'),
  environment: required('String'),
  zone: required('String'),
  state: required('String'),
};

const taskAttributes: JsonObject = {
  purpose: required('String'),
  requester: optional(entity('Person')),
  depth: required('Long'),
  origin: required('String'),
};

const contextAttributes: JsonObject = {
  now: required('datetime'),
  task: optional(entity('Task')),
  effect: required('String'),
  reversibility: required('String'),
  reach: required('String'),
  opaque: required('Bool'),
  mintsCredential: required('Bool'),
  answersForeignText: required('Bool'),
  zone: required('String'),
  environment: required('String'),
  channel: required('String'),
  proof: required('String'),
  purpose: required('String'),
  amount: optional(required('Amount')),
  askCovered: required('Bool'),
  provenance: setOfTexts,
};

function actionType(action: ActionForSchema): JsonObject {
  return {
    memberOf: [{ id: groupOf(action.id) }],
    appliesTo: {
      principalTypes: ['Agent', 'Person'],
      resourceTypes: ['Resource'],
      context: record({ ...contextAttributes, arguments: argumentsType(action) }),
    },
  };
}

const argumentTypes: Readonly<Record<ArgumentType, JsonObject>> = {
  string: required('String'),
  integer: required('Long'),
  number: required('decimal'),
  boolean: required('Bool'),
  array: setOfTexts,
  object: required('String'),
  any: required('String'),
};

type Branch = { readonly members: Map<string, Branch | JsonObject> };

/** Nested as in `toCedar`: every record on the way is always there, only a leaf can be absent. */
function argumentsType({ arguments: declared }: ActionForSchema): JsonObject {
  const containers = containersOf(declared);
  const root: Branch = { members: new Map() };
  for (const name of containers) branchAt(root, pathOf(name));
  for (const argument of declared) {
    if (containers.has(argument.name)) continue;
    const path = pathOf(argument.name);
    const type = argumentTypes[argument.type];
    branchAt(root, path.slice(0, -1)).members.set(path.at(-1)!, argument.required ? type : optional(type));
  }
  return typeOf(root);
}

function branchAt(root: Branch, path: readonly string[]): Branch {
  let branch = root;
  for (const name of path) {
    const found = branch.members.get(name) as Branch | undefined;
    const next: Branch = found ?? { members: new Map() };
    branch.members.set(name, next);
    branch = next;
  }
  return branch;
}

function typeOf({ members }: Branch): JsonObject {
  const entries = [...members].map(([name, member]) => [name, isBranch(member) ? typeOf(member) : member]);
  return record(Object.fromEntries(entries));
}

function isBranch(member: Branch | JsonObject): member is Branch {
  return member.members instanceof Map;
}
