import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile } from './compile.ts';
import { match } from './evaluate.ts';
import { randomFrom, randomPolicy, randomWorld, type World } from './generate.testing.ts';
import { isStanding } from './standing.ts';
import { entityUid } from './value.ts';

const seed = Number(process.env.STANDING_SEED ?? Math.floor(Math.random() * 1_000_000));
const sets = 120;

const told = ({ permits, forbids, erring }: ReturnType<typeof match>) => ({
  permits: permits.map(({ id }) => id),
  forbids: forbids.map(({ id }) => id),
  erring: erring.map(({ policy, message }) => `${policy.id}: ${message}`),
});

/** Requests of one kind: other contexts, and other resources that no entity is kept of. */
function* kind({ request, entities }: World, random: ReturnType<typeof randomFrom>): Generator<World> {
  for (let i = 0; i < 6; i++) {
    const { context } = randomWorld(random).request;
    yield { request: { ...request, context, resource: entityUid(request.resource.type, `not kept ${i}`) }, entities };
  }
}

test(`law: what is kept of a kind of request never changes an answer (seed ${seed})`, () => {
  const random = randomFrom(seed);
  let standing = 0;
  let matched = 0;
  for (let i = 0; i < sets; i++) {
    const trees = Array.from({ length: 12 }, (_, place) => randomPolicy(random, place % 2 === 0 ? 'permit' : 'forbid'));
    const compiled = compile(trees.map((tree, place) => ({ id: `p${place}`, tree })));
    standing += compiled.policies.filter((policy) => policy.isStanding).length;
    const token = {};
    for (const { request, entities } of kind(randomWorld(random), random)) {
      const alone = told(match(compiled, request, entities));
      assert.deepEqual(told(match(compiled, request, entities, token)), alone, `set ${i}, seed ${seed}`);
      matched += alone.permits.length + alone.forbids.length;
    }
  }
  assert.ok(standing > 20, `only ${standing} policies could be kept: nothing was held`);
  assert.ok(matched > 20, `only ${matched} policies matched: nothing was held`);
});

test('another principal or action is another kind, told by another object', () => {
  const has = { has: { left: { Var: 'principal' }, attr: 'team' } };
  const all = { op: 'All' };
  const tree = {
    effect: 'permit',
    principal: all,
    action: all,
    resource: all,
    conditions: [{ kind: 'when', body: has }],
  };
  const compiled = compile([{ id: 'team', tree }]);
  const [alice, bob] = [entityUid('U', 'alice'), entityUid('U', 'bob')];
  const kept = { uid: alice, attributes: new Map([['team', 'a']]), tags: new Map(), ancestors: new Set<string>() };
  const entities = new Map([[alice.key, kept]]);
  const request = { action: entityUid('Action', 'read'), resource: entityUid('R', 'r'), context: new Map() };
  assert.ok(compiled.policies[0]?.isStanding);
  assert.equal(match(compiled, { ...request, principal: alice }, entities, alice).permits.length, 1);
  assert.equal(match(compiled, { ...request, principal: bob }, entities, bob).permits.length, 0);
  assert.equal(match(compiled, { ...request, principal: alice }, entities, alice).permits.length, 1);
});

test('a policy about one resource is found for that one alone, whatever was asked before', () => {
  const all = { op: 'All' };
  const one = { op: '==', entity: { type: 'R', id: 'one' } };
  const of = (resource: unknown) => ({ effect: 'permit', principal: all, action: all, resource, conditions: [] });
  const compiled = compile([
    { id: 'any', tree: of(all) },
    { id: 'one', tree: of(one) },
  ]);
  const request = { principal: entityUid('U', 'a'), action: entityUid('Action', 'read'), context: new Map() };
  const token = {};
  const permits = (resource: string) =>
    match(compiled, { ...request, resource: entityUid('R', resource) }, new Map(), token).permits.map(({ id }) => id);
  assert.deepEqual(permits('two'), ['any']);
  assert.deepEqual(permits('one'), ['any', 'one']);
  assert.deepEqual(permits('two'), ['any']);
});

test('what speaks of the context, of the resource or of any entity by name is not kept', () => {
  const of = (body: unknown) => isStanding([{ kind: 'when', body }]);
  const principal = { Var: 'principal' };
  assert.ok(of({ '==': { left: { '.': { left: principal, attr: 'team' } }, right: { Value: 'a' } } }));
  assert.ok(of({ '==': { left: { Var: 'action' }, right: principal } }));
  assert.ok(!of({ has: { left: { Var: 'context' }, attr: 'amount' } }));
  assert.ok(!of({ '==': { left: { Var: 'resource' }, right: principal } }));
  assert.ok(!of({ '==': { left: principal, right: { Value: { __entity: { type: 'U', id: 'a' } } } } }));
  assert.ok(!of({ is: { left: principal, entity_type: 'U' } }));
  assert.ok(!of({ in: { left: principal, right: { Var: 'action' } } }));
});
