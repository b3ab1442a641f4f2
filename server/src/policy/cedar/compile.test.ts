import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compile, type PolicySource } from './compile.ts';
import { CompileError } from './compile-error.ts';
import { evaluate, match } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { randomAlike, randomFrom, randomPolicy, randomWorld } from './generate.testing.ts';
import type { Json, JsonObject } from './json.ts';
import { entityUid } from './value.ts';

const any: Json = { op: 'All' };

function policy(body: Json, more: JsonObject = {}): JsonObject {
  const scope = { principal: any, action: any, resource: any };
  return { effect: 'permit', ...scope, conditions: [{ kind: 'when', body }], ...more };
}

function refuses(tree: JsonObject, words: RegExp): void {
  assert.throws(
    () => compile([{ id: 'p', tree }]),
    (error) => error instanceof CompileError && error.policy === 'p' && words.test(error.message),
  );
}

describe('a tree that is not understood whole is refused', () => {
  const yes: Json = { Value: true };

  test('an operator nobody knows', () => {
    refuses(policy({ '%': { left: yes, right: yes } }), /unknown operator `%`/);
    refuses(policy({ constructor: { left: yes, right: yes } }), /unknown operator `constructor`/);
    refuses(policy({ '&&': { left: yes, right: { soundsLike: [yes] } } }), /unknown operator `soundsLike`/);
  });

  test('an unreached operator nobody knows', () =>
    refuses(policy({ '||': { left: yes, right: { later: [] } } }), /unknown operator/));

  test('a known operator with a member too many, too few, or two operators in one place', () => {
    refuses(policy({ '==': { left: yes, right: yes, third: yes } }), /unknown member `third`/);
    refuses(policy({ '==': { left: yes } }), /`right` is missing/);
    refuses(policy({ Value: true, Var: 'principal' }), /exactly one operator/);
    refuses(policy({}), /exactly one operator/);
  });

  test('an unknown variable, scope, effect, condition, pattern or part', () => {
    refuses(policy({ Var: 'environment' }), /variable environment/);
    refuses(policy(yes, { principal: { op: 'like' } }), /scope operator like/);
    refuses(policy(yes, { effect: 'allow' }), /permit or forbid/);
    refuses(policy(yes, { conditions: [{ kind: 'whenever', body: yes }] }), /condition whenever/);
    refuses(policy({ like: { left: { Value: 'a' }, pattern: ['Anything'] } }), /pattern/);
    refuses(policy(yes, { advice: {} }), /unknown part `advice`/);
    refuses(policy({ Slot: '?principal' }), /unknown operator `Slot`/);
    refuses(policy({ is: { left: { Var: 'principal' }, entity_type: 'not a type' } }), /name of an entity type/);
  });

  test('one nested so deeply that running it could exhaust the stack', () => {
    const nested = (depth: number): Json =>
      Array.from({ length: depth }).reduce<Json>((inner) => ({ '!': { arg: inner } }), { Value: true });
    compile([{ id: 'p', tree: policy(nested(500)) }]);
    refuses(policy(nested(700)), /deep/);
  });

  test('a long chain of && is flat, and runs', () => {
    const chain = Array.from({ length: 5_000 }).reduce<Json>((left) => ({ '&&': { left, right: yes } }), yes);
    const compiled = compile([{ id: 'p', tree: policy(chain) }]);
    const { request, entities } = randomWorld(randomFrom(1));
    assert.equal(evaluate(compiled, request, entities).decision, 'allow');
  });
});

const sides = (left: Json, right: Json): JsonObject => ({ left, right });

describe('the tree of rules', () => {
  const told = ({ permits, forbids, erring }: ReturnType<typeof match>) => ({
    held: [...permits, ...forbids].map(({ id }) => id),
    erred: erring.map(({ policy, message }) => `${policy.id}: ${message}`),
  });

  test('law: together, policies hold and err as each alone, in the same words and in the order written', () => {
    let held = 0;
    let erred = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomFrom(seed);
        const sources = randomAlike(random, 30).map((tree, place) => ({ id: `p${place}`, tree }));
        const { request, entities } = randomWorld(random);
        const frame: Frame = { ...request, entities };
        const alone = sources.map((source) => match(compile([source]), frame));
        const found = match(compile(sources), frame);
        assert.deepEqual(
          told(found),
          told({
            permits: alone.flatMap(({ permits }) => permits),
            forbids: alone.flatMap(({ forbids }) => forbids),
            erring: alone.flatMap(({ erring }) => erring),
            isShared: false,
          }),
        );
        held += found.permits.length + found.forbids.length;
        erred += found.erring.length;
      }),
      { numRuns: 150 },
    );
    assert.ok(held > 100 && erred > 100, `${held} held and ${erred} erred: nothing was compared`);
  });

  /** How many conjuncts are looked at: each reads a variable of the request once. */
  function looks(sources: readonly PolicySource[], frame: Frame): number {
    let count = 0;
    const counting = new Proxy(frame, {
      get(target, name) {
        if (name !== 'entities') count += 1;
        return target[name as keyof Frame];
      },
    });
    match(compile(sources), counting);
    return count;
  }

  const request = {
    principal: entityUid('U', 'u0'),
    action: entityUid('Action', 'a1'),
    resource: entityUid('R', 'r2'),
  };
  const frame: Frame = { ...request, context: new Map([['team', 'team 7']]), entities: new Map() };

  test('does not look at the policies of other agents, actions and resources, however many', () => {
    const uid = (type: string, id: string): Json => ({ op: '==', entity: { type, id } });
    const sources = Array.from({ length: 3_000 }, (_, place) => ({
      id: `p${place}`,
      tree: policy(
        { Value: true },
        [
          { principal: uid('U', `u${place}`) },
          { action: uid('Action', `a${place}`) },
          { resource: uid('R', `r${place}`) },
        ][place % 3],
      ),
    }));
    assert.deepEqual(told(match(compile(sources), frame)).held, ['p0', 'p1', 'p2']);
    assert.ok(looks(sources, frame) < 10, `${looks(sources, frame)} looks`);
  });

  test('looks once at what many policies compare, and once at what they all begin with', () => {
    const team: Json = { '.': { left: { Var: 'context' }, attr: 'team' } };
    const has: Json = { has: { left: { Var: 'context' }, attr: 'team' } };
    const sources = Array.from({ length: 1_000 }, (_, place) => ({
      id: `p${place}`,
      tree: policy({ '&&': sides(has, { '==': sides(team, { Value: `team ${place}` }) }) }),
    }));
    assert.deepEqual(told(match(compile(sources), frame)).held, ['p7']);
    assert.equal(looks(sources, frame), 2);
  });

  test('what errs where many policies begin makes each of them err', () => {
    const missing: Json = { '.': { left: { Var: 'context' }, attr: 'nobody' } };
    const sources = Array.from({ length: 3 }, (_, place) => ({
      id: `p${place}`,
      tree: policy({ '==': sides(missing, { Value: place }) }),
    }));
    const says = 'there is no attribute `nobody`';
    assert.deepEqual(told(match(compile(sources), frame)), {
      held: [],
      erred: ['p0', 'p1', 'p2'].map((id) => `${id}: ${says}`),
    });
  });
});

describe('evaluation is pure', () => {
  test('the same policies, request and entities give the same answer, and nothing handed in changes', () => {
    const random = randomFrom(7);
    const compiled = compile(
      Array.from({ length: 60 }, (_, place) => ({ id: `p${place}`, tree: randomPolicy(random, 'permit') })),
    );
    const { request, entities } = randomWorld(random);
    const first = evaluate(compiled, Object.freeze(request), entities);
    assert.deepEqual(evaluate(compiled, request, entities), first);
  });
});
