import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compile } from './compile.ts';
import { CompileError } from './compile-error.ts';
import { evaluate } from './evaluate.ts';
import type { Frame } from './frame.ts';
import { randomFrom, randomPolicy, randomWorld } from './generate.testing.ts';
import type { Json, JsonObject } from './json.ts';
import { candidates } from './scope-index.ts';
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

describe('the index by scope', () => {
  const frameOf = (seed: number): Frame => {
    const { request, entities } = randomWorld(randomFrom(seed));
    return { ...request, entities };
  };

  test('leaves out only policies that cannot match', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (policySeed, worldSeed) => {
        const random = randomFrom(policySeed);
        const sources = Array.from({ length: 40 }, (_, place) => ({
          id: `p${place}`,
          tree: { ...randomPolicy(random, 'permit'), conditions: [] },
        }));
        const { policies, index } = compile(sources);
        const frame = frameOf(worldSeed);
        const found = candidates(index, frame);
        const applying = policies.flatMap(({ applies }, place) => (applies(frame) ? [place] : []));
        assert.deepEqual(
          found.filter((place) => policies[place]!.applies(frame)),
          applying,
        );
        assert.deepEqual(
          found,
          [...new Set(found)].toSorted((left, right) => left - right),
        );
      }),
      { numRuns: 150 },
    );
  });

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
    const request = {
      principal: entityUid('U', 'u0'),
      action: entityUid('Action', 'a1'),
      resource: entityUid('R', 'r2'),
    };
    const frame: Frame = { ...request, context: new Map(), entities: new Map() };
    assert.deepEqual(candidates(compile(sources).index, frame), [0, 1, 2]);
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
