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

const sides = (left: Json, right: Json): JsonObject => ({ left, right });

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
    refuses(policy(nested(30_000)), /nested more than 600 deep/);
    const negated = (depth: number): Json =>
      Array.from({ length: depth }).reduce<Json>((arg) => ({ neg: { arg } }), { Value: 1 });
    compile([{ id: 'p', tree: policy({ '==': sides(negated(500), negated(0)) }) }]);
    refuses(policy({ '==': sides(negated(700), negated(0)) }), /nested more than 600 deep/);
    const towardsTheRight = (depth: number): Json =>
      Array.from({ length: depth }).reduce<Json>((right) => ({ '&&': sides(yes, right) }), yes);
    compile([{ id: 'p', tree: policy(towardsTheRight(500)) }]);
    refuses(policy(towardsTheRight(700)), /nested more than 600 deep/);
  });

  test('a long chain of && or || is flat, and runs, wherever it stands', () => {
    const no: Json = { Value: false };
    const chain = (operator: '&&' | '||', of: Json) =>
      Array.from({ length: 5_000 }).reduce<Json>((left) => ({ [operator]: sides(left, of) }), of);
    const { request, entities } = randomWorld(randomFrom(1));
    for (const tree of [
      policy(chain('&&', yes)),
      policy({ '!': { arg: chain('||', no) } }),
      policy({ '||': sides(no, chain('&&', yes)) }),
      policy({ '==': sides(chain('||', no), no) }),
      policy(yes, { conditions: [{ kind: 'unless', body: chain('||', no) }] }),
    ])
      assert.equal(evaluate(compile([{ id: 'p', tree }]), request, entities).decision, 'allow');
  });
});

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
    const has: Json = { has: { left: { Var: 'context' }, attr: 'team' } };
    const sources = Array.from({ length: 1_000 }, (_, place) => ({
      id: `p${place}`,
      tree: policy({ '&&': sides(has, { '==': sides(team, { Value: `team ${place}` }) }) }),
    }));
    assert.deepEqual(told(match(compile(sources), frame)).held, ['p7']);
    assert.equal(looks(sources, frame), 2);
  });

  const principal: Json = { Var: 'principal' };
  const team: Json = { '.': { left: { Var: 'context' }, attr: 'team' } };
  const called = (place: number): Json => ({ Value: `team ${place}` });
  const user = (place: number): Json => ({ Value: { __entity: { type: 'U', id: `u${place}` } } });
  const isTheTeam = (place: number): Json => ({ '==': sides(team, called(place)) });
  const unless = (body: Json) => policy({ Value: true }, { conditions: [{ kind: 'unless', body }] });
  const all = Array.from({ length: 50 }, (_, place) => place);

  /** Policies that look at one thing, by their place, and those that hold. */
  const alike: Record<string, [(place: number) => JsonObject, number[]]> = {
    'a value, on either side': [
      (place) => policy(place % 2 === 0 ? isTheTeam(place) : { '==': sides(called(place), team) }),
      [7],
    ],
    'whether a list of values contains one': [
      (place) => policy({ contains: sides({ Set: [called(place), called(place + 1)] }, team) }),
      [6, 7],
    ],
    'whether a list of entities contains one': [
      (place) => policy({ contains: sides({ Set: [user(place), user(place + 1)] }, principal) }),
      [0],
    ],
    'an entity': [(place) => policy({ '==': sides(principal, user(place)) }), [0]],
    'a group': [(place) => policy({ in: sides(principal, user(place)) }), [0]],
    'a list of groups': [(place) => policy({ in: sides(principal, { Set: [user(place), user(place + 1)] }) }), [0]],
    'a type': [(place) => policy({ is: { left: principal, entity_type: place === 3 ? 'U' : `T${place}` } }), [3]],
    'one thing, wanted or not': [
      (place) => policy(place < 10 ? isTheTeam(7) : { '!': { arg: { '!': { arg: isTheTeam(7) } } } }),
      all,
    ],
    'what has to be true, and what must not be': [
      (place) =>
        place < 10
          ? policy({ '!': { arg: { '!=': sides(team, called(7)) } } })
          : unless({ '!=': sides(team, called(7)) }),
      all,
    ],
    'what the parts of an || begin with that must not be': [
      (place) => unless({ '||': sides({ '!=': sides(team, called(8)) }, { '<': sides(principal, called(place)) }) }),
      [],
    ],
  };

  for (const [what, [tree, held]] of Object.entries(alike)) {
    test(`looks once where many policies compare ${what}`, () => {
      const sources = all.map((place) => ({ id: `p${place}`, tree: tree(place) }));
      assert.deepEqual(told(match(compile(sources), frame)), { held: held.map((place) => `p${place}`), erred: [] });
      assert.equal(looks(sources, frame), 1);
    });
  }

  test('what is compared with something that is not written down is evaluated, policy by policy', () => {
    const resource: Json = { Var: 'resource' };
    const outcome = (body: Json) => told(match(compile([{ id: 'p', tree: policy(body) }]), frame));
    const holding = { held: ['p'], erred: [] };
    const not = { held: [], erred: [] };
    assert.deepEqual(outcome({ contains: sides({ Set: [called(1), team] }, called(7)) }), holding);
    assert.deepEqual(outcome({ contains: sides({ Set: [called(7), user(0)] }, principal) }), holding);
    assert.deepEqual(outcome({ in: sides(principal, { Set: [user(1), principal] }) }), holding);
    assert.deepEqual(outcome({ in: sides(principal, { Set: [user(1), resource] }) }), not);
    assert.deepEqual(outcome({ is: { left: principal, entity_type: 'U', in: resource } }), not);
    assert.deepEqual(outcome({ is: { left: principal, entity_type: 'U', in: principal } }), holding);
  });

  test('a policy of very many parts needs every one of them, and is taken for no other', () => {
    const parts = (last: Json) =>
      Array.from({ length: 40 }).reduce<Json>((left) => ({ '&&': sides(left, isTheTeam(7)) }), last);
    const towards = (last: Json): Json => ({ '&&': sides(parts({ Value: true }), last) });
    const sources = [isTheTeam(8), isTheTeam(7), { '!': { arg: isTheTeam(7) } }, isTheTeam(7)].map((last, place) => ({
      id: `p${place}`,
      tree: policy(towards(last)),
    }));
    assert.deepEqual(told(match(compile(sources), frame)), { held: ['p1', 'p3'], erred: [] });
    const first = policy({ '&&': sides(towards(isTheTeam(8)), isTheTeam(7)) });
    assert.deepEqual(told(match(compile([{ id: 'p', tree: first }]), frame)), { held: [], erred: [] });
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
