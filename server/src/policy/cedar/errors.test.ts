import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, type PolicySource } from './compile.ts';
import { CompileError } from './compile-error.ts';
import { closeHierarchy, type Entities } from './entities.ts';
import { match } from './evaluate.ts';
import type { Json, JsonObject } from './json.ts';
import { LoadError } from './json.ts';
import { entityUid, recordOf } from './value.ts';

// What a person reads who wrote a rule that cannot be understood, or that errs.

const any: Json = { op: 'All' };
const policy = (body: Json, more: JsonObject = {}): JsonObject => ({
  ...{ effect: 'permit', principal: any, action: any, resource: any, conditions: [{ kind: 'when', body }] },
  ...more,
});
const yes: Json = { Value: true };
const alice = entityUid('U', 'alice');
const entities: Entities = closeHierarchy([
  { uid: alice, attributes: recordOf({ n: 7 }), tags: recordOf({ color: 'red' }), parents: [] },
]);
const frame = {
  principal: alice,
  action: entityUid('Action', 'a'),
  resource: entityUid('R', 'r'),
  context: new Map(),
  entities,
};

function outcomeOf(body: Json): string {
  const { permits, erring } = match(compile([{ id: 'p', tree: policy(body) }]), frame);
  return erring[0]?.message ?? (permits.length > 0 ? 'true' : 'false');
}

const misread: readonly (readonly [Json, string])[] = [
  [5, 'an expression must be an object'],
  [null, 'an expression must be an object'],
  [{ '!': { arg: yes }, '||': yes }, 'an expression must have exactly one operator'],
  [{ neg: 5 }, 'an operator must be an object'],
  [{ Value: null }, 'a literal is null, which Cedar has no value for'],
  [{ Value: 1.5 }, 'a literal: 1.5 is not an integer'],
  [{ Value: { __extn: { fn: 'nobody', arg: 'x' } } }, 'a literal: there is no extension function `nobody`'],
  [{ Set: 5 }, 'a set must be a list'],
  [{ Record: [] }, 'a record must be an object'],
  [{ Record: { '\ud800': yes } }, 'a name holds half of a surrogate pair'],
  [{ '&&': 5 }, '&& must be an object'],
  [{ '||': 5 }, '|| must be an object'],
  [
    { '&&': { left: { '&&': { left: yes, right: yes }, '||': yes }, right: yes } },
    'an expression must have exactly one operator',
  ],
  [{ 'if-then-else': 5 }, 'if must be an object'],
  [{ '!': 5 }, 'an operator must be an object'],
  [{ '==': 5 }, 'an operator must be an object'],
  [{ '.': 5 }, '. must be an object'],
  [{ '.': { left: yes, attr: 5 } }, 'an attribute must be text'],
  [{ has: 5 }, 'has must be an object'],
  [{ has: { left: yes, attr: [5] } }, 'an attribute must be text'],
  [{ has: { left: yes, attr: [] } }, '`has` without an attribute'],
  [{ is: 5 }, 'is must be an object'],
  [{ is: { left: yes, entity_type: 5 } }, 'is must be text'],
  [{ like: 5 }, 'like must be an object'],
  [{ like: { left: yes, pattern: 5 } }, 'a pattern must be a list'],
  [{ like: { left: yes, pattern: [5] } }, 'a pattern must be an object'],
  [{ like: { left: yes, pattern: [{ Literal: 5 }] } }, 'a pattern must be text'],
  [{ ip: 5 }, 'arguments must be a list'],
];

for (const [body, says] of misread) {
  test(`${JSON.stringify(body)} is not understood: ${says}`, () => refuses({ tree: policy(body) }, says));
}

function refuses(source: Omit<PolicySource, 'id'>, says: string) {
  assert.throws(
    () => compile([{ id: 'p', ...source }]),
    (error) => {
      assert.ok(error instanceof CompileError && error.cause instanceof LoadError, String(error));
      assert.ok(error.message.startsWith('policy p: ') && error.message.endsWith(says), error.message);
      return true;
    },
  );
}

const slot = (name: string): Json => ({ op: '==', slot: name });
const heads: readonly (readonly [Partial<PolicySource> & { tree: unknown }, string])[] = [
  [{ tree: 5 }, 'a policy must be an object'],
  [{ tree: policy(yes, { conditions: 5 }) }, 'conditions must be a list'],
  [{ tree: policy(yes, { conditions: [5] }) }, 'a condition must be an object'],
  [{ tree: policy(yes, { annotations: 5 }) }, 'annotations must be an object'],
  [{ tree: policy(yes, { action: { op: 'in', entities: 5 } }) }, 'entities must be a list'],
  [{ tree: policy(yes, { principal: { op: 'is', entity_type: 5 } }) }, 'entity_type must be text'],
  [{ tree: policy(yes, { principal: { op: 'is', entity_type: 'U', in: 5 } }) }, 'in must be an object'],
  [{ tree: policy(yes, { principal: slot('?principal') }) }, 'no value for ?principal'],
  [{ tree: policy(yes, { principal: slot('?resource') }), slots: { resource: alice } }, 'slot ?resource in principal'],
  [{ tree: policy(yes, { action: slot('?action') }) }, 'slot ?action in action'],
  [{ tree: policy(yes), slots: { principal: alice } }, 'a value for ?principal, but no such slot'],
];

for (const [source, says] of heads) {
  test(`a policy is refused with the words: ${says}`, () => refuses(source, says));
}

test('two policies of one name are refused', () => {
  const source = { id: 'p', tree: policy(yes) };
  assert.throws(() => compile([source, source]), /policy p: two policies have this id/);
});

test('a fault of the compiler itself is not told as a fault of the policy', () => {
  const fault = new TypeError('the compiler broke');
  const tree = Object.defineProperty(policy(yes), 'conditions', {
    enumerable: true,
    get: () => {
      throw fault;
    },
  });
  assert.throws(
    () => compile([{ id: 'p', tree }]),
    (error) => error === fault,
  );
});

test('a template speaks of what fills its slot', () => {
  const tree = policy(yes, { principal: slot('?principal') });
  const answer = (principal = alice) => match(compile([{ id: 'p', tree, slots: { principal } }]), frame);
  assert.equal(answer().permits.length, 1);
  assert.equal(answer(entityUid('U', 'bob')).permits.length, 0);
});

test('expressions nest to 600, and a long chain of || is flat', () => {
  const nested = (depth: number) =>
    Array.from({ length: depth }).reduce<Json>((inner) => ({ '!': { arg: inner } }), yes);
  assert.equal(outcomeOf(nested(600)), 'true');
  refuses({ tree: policy(nested(601)) }, 'nested more than 600 deep');
  const no: Json = { Value: false };
  assert.equal(
    outcomeOf(Array.from({ length: 2000 }).reduce<Json>((left) => ({ '||': { left, right: no } }), no)),
    'false',
  );
});

const text: Json = { Value: 'a' };
const one: Json = { Value: 1 };
const principal: Json = { Var: 'principal' };
const resource: Json = { Var: 'resource' };
const ip: Json = { ip: [{ Value: '10.0.0.1' }] };
const erring: readonly (readonly [Json, string])[] = [
  [text, 'expected a boolean, found a string'],
  [{ '!': { arg: one } }, 'expected a boolean, found a long'],
  [{ '&&': { left: yes, right: one } }, 'expected a boolean, found a long'],
  [{ '+': { left: one, right: yes } }, 'expected a long, found a boolean'],
  [{ isLoopback: [principal] }, 'expected an ip address, found an entity'],
  [{ in: { left: ip, right: principal } }, 'expected an entity, found an ip address'],
  [{ isEmpty: { arg: { Record: {} } } }, 'expected a set, found a record'],
  [{ '<': { left: one, right: text } }, 'a long and a string have no order'],
  [{ '<': { left: text, right: text } }, 'a string has no order'],
  [{ '.': { left: one, attr: 'n' } }, 'a long has no attributes'],
  [{ '.': { left: principal, attr: 'm' } }, 'there is no attribute `m`'],
  [{ '.': { left: resource, attr: 'm' } }, 'the entity R::"r" does not exist'],
  [{ getTag: { left: principal, right: text } }, 'there is no tag `a`'],
  [{ getTag: { left: resource, right: text } }, 'the entity R::"r" does not exist'],
  [{ ip: [text] }, 'this is not an ip address or range'],
  [{ Value: { __extn: { fn: 'ip', arg: 'a' } } }, 'this is not an ip address or range'],
  [
    { '==': { left: { neg: { arg: { Value: -(2n ** 63n) } } }, right: one } },
    'the integer 9223372036854775808 does not fit 64 bits',
  ],
];

for (const [body, says] of erring) {
  const shown = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  test(`${shown} errs: ${says}`, () => assert.equal(outcomeOf(body), says));
}

test('a mistake that is not reached is none, and one that is constant errs only where it is reached', () => {
  const no: Json = { Value: false };
  assert.equal(outcomeOf({ '||': { left: yes, right: { ip: [text] } } }), 'true');
  assert.equal(outcomeOf({ '&&': { left: no, right: { ip: [text] } } }), 'false');
});

test('an entity that is its own ancestor is refused, by one step or several', () => {
  const entity = (id: string, ...parents: string[]) => ({
    ...{ uid: entityUid('G', id), attributes: new Map(), tags: new Map() },
    parents: parents.map((parent) => entityUid('G', parent)),
  });
  for (const cycle of [
    [entity('a', 'a')],
    [entity('a', 'b'), entity('b', 'a')],
    [entity('a', 'b'), entity('b', 'c'), entity('c', 'b')],
  ])
    assert.throws(() => closeHierarchy(cycle), /the entity G::"\w" is its own ancestor/);
  const closed = closeHierarchy([entity('a', 'b', 'c'), entity('b', 'd'), entity('c', 'd'), entity('d')]);
  assert.deepEqual([...closed.get('G::"a"')!.ancestors].sort(), ['G::"b"', 'G::"c"', 'G::"d"']);
});
