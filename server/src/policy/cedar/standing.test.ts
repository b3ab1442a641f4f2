import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import type { Entities } from './entities.ts';
import { match } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { type Random, randomFrom, randomPolicy, randomWorld } from './generate.testing.ts';
import type { Json } from './json.ts';
import { readsOf } from './reads.ts';
import { planFor, type Standing } from './standing.ts';
import { entityUid, type Value } from './value.ts';

const seed = Number(process.env.STANDING_SEED ?? Math.floor(Math.random() * 1_000_000));
const sets = 200;

const told = ({ permits, forbids, erring }: ReturnType<typeof match>) => ({
  permits: permits.map(({ id }) => id),
  forbids: forbids.map(({ id }) => id),
  erring: erring.map(({ policy, message }) => `${policy.id}: ${message}`),
});

const fixed = ['a', 'n', 's', 'ent', 'rec', 'set'];

/** Requests of one kind: other contexts, but for what is fixed, and other resources that show the same. */
function* kind(random: Random, standing: Standing): Generator<Frame> {
  const { request, entities } = randomWorld(random);
  const all = new Map([...entities.values()].map((entity) => [entity.uid.key, entity]));
  const kept = [...all.values()].find(({ uid }) => uid.type === request.resource.type)!;
  for (let i = 0; i < 6; i++) {
    const other = randomWorld(random).request.context;
    const context = new Map<string, Value>([...other].filter(([name]) => !standing.context.has(name)));
    for (const name of standing.context) {
      const value = request.context.get(name);
      if (value !== undefined) context.set(name, value);
    }
    const uid = entityUid(request.resource.type, `number ${i}`);
    yield { ...request, context, resource: uid, entities: new Map(all).set(uid.key, { ...kept, uid }) };
  }
}

test(`law: what is kept of a kind of request never changes an answer (seed ${seed})`, () => {
  const random = randomFrom(seed);
  let settled = 0;
  let matched = 0;
  for (let i = 0; i < sets; i++) {
    const trees = Array.from({ length: 12 }, (_, place) => randomPolicy(random, place % 2 === 0 ? 'permit' : 'forbid'));
    const compiled = compile(trees.map((tree, place) => ({ id: `p${place}`, tree })));
    const standing = { context: new Set(fixed.filter(() => random.chance(0.5))) };
    for (const frame of kind(random, standing)) {
      const alone = told(match(compiled, frame));
      assert.deepEqual(told(match(compiled, frame, standing)), alone, `set ${i}, seed ${seed}`);
      const plan = planFor(compiled.tree, frame, standing);
      settled += plan.settled.holding.length + plan.settled.erring.length;
      matched += alone.permits.length + alone.forbids.length + alone.erring.length;
    }
  }
  assert.ok(settled > 200, `only ${settled} verdicts could be kept: nothing was held`);
  assert.ok(matched > 400, `only ${matched} policies matched: nothing was held`);
});

const all = { op: 'All' };
const permit = (head: object, ...bodies: readonly Json[]) => ({
  ...{ effect: 'permit', principal: all, action: all, resource: all },
  ...head,
  conditions: bodies.map((body) => ({ kind: 'when', body })),
});
const noEntities: Entities = new Map();
const at = (attr: string, left: Json = { Var: 'context' }): Json => ({ '.': { left, attr } });
const equals = (left: Json, right: Json): Json => ({ '==': { left, right } });
const framed = (context: Readonly<Record<string, Value>>, resource = 'r', entities = noEntities): Frame => ({
  principal: entityUid('U', 'a'),
  action: entityUid('Action', 'read'),
  resource: entityUid('R', resource),
  context: new Map(Object.entries(context)),
  entities,
});

test('another kind is told by another object', () => {
  const compiled = compile([{ id: 'team', tree: permit({}, equals(at('team'), { Value: 'red' })) }]);
  const permits = (team: string, standing: Standing) => match(compiled, framed({ team }), standing).permits.length;
  const [red, blue] = [{ context: new Set(['team']) }, { context: new Set(['team']) }];
  assert.equal(permits('red', red), 1);
  assert.equal(permits('blue', blue), 0);
  assert.equal(permits('red', red), 1);
});

test('a policy about one resource is found for that one alone, whatever was asked before', () => {
  const one = { op: '==', entity: { type: 'R', id: 'one' } };
  const compiled = compile([
    { id: 'any', tree: permit({}) },
    { id: 'one', tree: permit({ resource: one }) },
  ]);
  const standing = { context: new Set<string>() };
  const permits = (resource: string) => match(compiled, framed({}, resource), standing).permits.map(({ id }) => id);
  assert.deepEqual(permits('two'), ['any']);
  assert.deepEqual(permits('one'), ['any', 'one']);
  assert.deepEqual(permits('two'), ['any']);
});

const sides = (left: Json, right: Json): Json => ({ left, right });
const whole = (...bodies: readonly Json[]) => bodies.reduce((left, right) => ({ '&&': sides(left, right) }));

test('what a head says of the principal, or of a type, is settled; which resource it is stays open', () => {
  const openIn = (tree: object) =>
    planFor(compile([{ id: 'p', tree }]).tree, framed({}), { context: new Set() }).open.length;
  const openFor = (head: object) => openIn(permit(head));
  const one = (type: string) => ({ entity: { type, id: 'a' } });
  assert.equal(openFor({ principal: { op: '==', ...one('U') } }), 0);
  assert.equal(openFor({ principal: { op: 'in', ...one('U') } }), 0);
  assert.equal(openFor({ resource: { op: 'is', entity_type: 'R' } }), 0);
  assert.equal(openFor({ resource: { op: '==', ...one('R') } }), 1);
  assert.equal(openFor({ resource: { op: 'in', ...one('R') } }), 1);
  const ofType = (left: Json) => permit({}, { is: { left, entity_type: 'U' } });
  assert.equal(openIn(ofType({ Var: 'resource' })), 0);
  assert.equal(openIn(ofType(at('owner'))), 1);
});

test('of a policy of very many parts, each that may differ keeps the rest of it open', () => {
  const principal: Json = { Var: 'principal' };
  const alike = Array.from({ length: 30 }, () => equals(principal, principal));
  const order = equals(at('order'), { Value: '1' });
  const resource = equals({ Var: 'resource' }, { Value: { __entity: { type: 'R', id: '1' } } });
  const holds = (body: Json, context: Readonly<Record<string, Value>>, id: string, standing: Standing) => {
    const compiled = compile([{ id: 'p', tree: permit({}, body) }]);
    const about = (frame: Frame) => match(compiled, frame, standing).permits.length;
    return [about(framed({ order: '0' }, '0')), about(framed(context, id))];
  };
  const none = { context: new Set<string>() };
  assert.deepEqual(holds(whole(...alike, order), { order: '1' }, '0', none), [0, 1]);
  assert.deepEqual(holds(whole(...alike, resource, ...alike), { order: '0' }, '1', { ...none }), [0, 1]);
  const settled = compile([{ id: 'p', tree: permit({}, whole(...alike, order)) }]);
  assert.equal(planFor(settled.tree, framed({ order: '1' }), { context: new Set(['order']) }).open.length, 0);
});

test('what errs in one request alone is told of that one alone', () => {
  const compiled = compile([{ id: 'p', tree: permit({}, equals(at('order'), { Value: '1' })) }]);
  const standing = { context: new Set<string>() };
  const asked = (context: Readonly<Record<string, Value>>) => told(match(compiled, framed(context), standing)).erring;
  assert.deepEqual(asked({ order: '2' }), []);
  assert.deepEqual(asked({}), ['p: there is no attribute `order`']);
  assert.deepEqual(asked({ order: '2' }), []);
});

test('without a kind nothing is in common, and a forbid is no permit', () => {
  const compiled = compile([
    { id: 'p', tree: permit({}) },
    { id: 'f', tree: permit({ effect: 'forbid' }) },
  ]);
  const found = match(compiled, framed({}));
  assert.deepEqual(told(found), { permits: ['p'], forbids: ['f'], erring: [] });
  assert.equal(found.isShared, false);
});

test('what nothing sets apart has one answer in common, and what errs is told each time', () => {
  const compiled = compile([
    { id: 'errs', tree: permit({}, at('missing')) },
    { id: 'open', tree: permit({}, equals(at('order'), { Value: '1' })) },
  ]);
  const standing = { context: new Set(['missing']) };
  const asked = (order: string) => match(compiled, framed({ order }), standing);
  assert.ok(asked('2').isShared);
  assert.equal(asked('2'), asked('3'));
  assert.deepEqual(told(asked('2')).erring, ['errs: there is no attribute `missing`']);
  assert.ok(!asked('1').isShared);
  assert.deepEqual(told(asked('1')), {
    permits: ['open'],
    forbids: [],
    erring: ['errs: there is no attribute `missing`'],
  });
});

test('what a policy depends on is what it could read', () => {
  const reads = (tree: Json) => {
    const { context, other } = readsOf(tree);
    return other ? 'anything' : [...context];
  };
  const principal: Json = { Var: 'principal' };
  const resource: Json = { Var: 'resource' };
  const context: Json = { Var: 'context' };
  const named: Json = { Value: { __entity: { type: 'U', id: 'a' } } };

  assert.deepEqual(reads(equals(at('team', principal), { Value: 'a' })), []);
  assert.deepEqual(reads(equals({ Var: 'action' }, principal)), []);
  assert.deepEqual(reads(at('zone', at('api', resource))), []);
  assert.deepEqual(reads({ has: { left: resource, attr: 'api' } }), []);
  assert.deepEqual(reads({ is: { left: resource, entity_type: 'U' } }), []);
  assert.deepEqual(reads({ is: { left: principal, entity_type: 'U', in: at('team') } }), ['team']);
  assert.deepEqual(reads(at('b', at('a'))), ['a']);
  assert.deepEqual(reads({ has: { left: context, attr: ['a', 'b'] } }), ['a']);
  assert.deepEqual(reads({ '&&': { left: at('a'), right: { '!': { arg: at('b') } } } }), ['b', 'a']);

  assert.deepEqual(reads(equals(principal, named)), []);
  assert.deepEqual(reads({ '!=': { left: named, right: principal } }), []);
  assert.deepEqual(reads({ in: { left: principal, right: named } }), []);
  assert.deepEqual(reads({ in: { left: principal, right: { Set: [named, named] } } }), []);
  assert.deepEqual(reads({ contains: { left: { Set: [named] }, right: principal } }), []);
  assert.deepEqual(reads({ contains: { left: { Set: [named] }, right: at('team') } }), ['team']);
  assert.deepEqual(reads({ Record: { in: at('a'), contains: at('b'), '==': at('c') } }), ['c', 'b', 'a']);

  for (const tree of [
    context,
    equals(resource, principal),
    equals(context, { Record: {} }),
    at('name', named),
    { has: { left: named, attr: 'name' } },
    { in: { left: named, right: principal } },
    { in: { left: principal, right: resource } },
    { in: { left: resource, right: named } },
    { in: { left: principal, right: { Set: [named, resource] } } },
    { is: { left: resource, entity_type: 'U', in: resource } },
    { hasTag: { left: named, right: { Value: 'a' } } },
    { getTag: { left: resource, right: { Value: 'a' } } },
    { contains: { left: { Set: [resource] }, right: principal } },
    // biome-ignore lint/suspicious/noThenProperty: `then` is a member of Cedar's syntax tree
    at('a', { 'if-then-else': { if: { Value: true }, then: named, else: principal } }),
    at('a', { Value: { a: { __entity: { type: 'U', id: 'a' } } } }),
    { Slot: '?principal' },
  ] satisfies Json[]) {
    assert.equal(reads(tree), 'anything', JSON.stringify(tree));
  }
});
