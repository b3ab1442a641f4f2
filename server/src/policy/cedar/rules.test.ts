import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { compile, type PolicySource } from './compile.ts';
import { CompileError } from './compile-error.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { printTree } from './generate.testing.ts';
import { type Json, type JsonObject, LoadError, parseExactly } from './json.ts';
import { loadEntities, loadRequest } from './load.ts';
import { readSchema } from './load-schema.ts';
import { startOfficial } from './official.ts';
import { OfficialError } from './official-error.ts';
import { startThread } from './official-thread.ts';
import { entityUid } from './value.ts';

// Every rule of the language that an evaluator can get wrong unseen, by name. Each example runs on both evaluators.

const official = startOfficial();
const thread = startThread({ timeoutMilliseconds: 10_000, waitingMax: 8 });
after(() => Promise.all([official.close(), thread.close()]));

type Verdict = true | false | 'error';
type Call = { principal?: Json; action?: Json; resource?: Json; context?: JsonObject; entities?: Json };

const alice = { type: 'U', id: 'alice' };
const attributes: JsonObject = {
  n: 7,
  name: 'Alice',
  address: { city: 'Berlin', zip: { code: 1 } },
  boss: { __entity: { type: 'U', id: 'boss' } },
  ghost: { __entity: { type: 'U', id: 'ghost' } },
};
const entities: Json = [
  { uid: alice, attrs: attributes, tags: { color: 'red' }, parents: [{ type: 'G', id: 'team' }] },
  { uid: { type: 'U', id: 'boss' }, attrs: { n: 9 }, parents: [] },
  { uid: { type: 'G', id: 'team' }, attrs: {}, parents: [{ type: 'G', id: 'all' }] },
  { uid: { type: 'G', id: 'all' }, attrs: {}, parents: [{ type: 'G', id: 'absent' }] },
];
const base = {
  principal: alice,
  action: { type: 'Action', id: 'read' },
  resource: { type: 'R', id: 'r' },
  context: {},
  entities,
} satisfies Call;

/** Policies by id, on both evaluators; the official one must agree before anything is returned. */
async function decide(policies: Readonly<Record<string, string>>, call: Call = {}): Promise<Evaluation> {
  const whole = { ...base, ...call };
  const texts = Object.values(policies);
  const trees = await official.trees(texts);
  const sources = Object.keys(policies).map((id, place) => ({ id, tree: trees[place] }));
  const found = evaluate(compile(sources), loadRequest(whole), loadEntities(whole.entities));
  const expected = await official.authorizeText(printTree({ ...whole, policies: { staticPolicies: { ...policies } } }));
  assert.deepEqual(summary(found), summary(expected), 'the two evaluators differ');
  return found;
}

/** The official build lists reasons in the order of a hash table, so answers are compared as sets. */
function summary({ decision, reasons, errors }: Evaluation): unknown {
  return { decision, reasons: reasons.toSorted(), errors: errors.toSorted() };
}

async function holds(examples: ReadonlyArray<readonly [string, Verdict]>, call: Call = {}): Promise<void> {
  const policies = examples.map(([text], place) => [
    `e${place}`,
    `permit(principal, action, resource) when { ${text} };`,
  ]);
  const always = 'permit(principal, action, resource);';
  const { reasons, errors } = await decide({ always, ...Object.fromEntries(policies) }, call);
  examples.forEach(([text, expected], place) => {
    const found = errors.includes(`e${place}`) ? 'error' : reasons.includes(`e${place}`);
    assert.equal(found, expected, text);
  });
}

/** A call that cannot be read has no decision: both refuse. */
async function refusesData(call: Call, schema?: string): Promise<void> {
  const whole = { ...base, ...call };
  const read = schema === undefined ? undefined : readSchema(await official.resolveSchema(schema));
  assert.throws(() => [loadEntities(whole.entities, read), loadRequest(whole, read)], LoadError);
  const policies = { staticPolicies: 'permit(principal, action, resource);' };
  const text = printTree({ ...whole, policies, ...(schema === undefined ? {} : { schema }) });
  await assert.rejects(official.authorizeText(text), OfficialError);
}

async function refusesPolicy(text: string): Promise<void> {
  await assert.rejects(official.trees([text]), OfficialError, text);
}

function when(text: string): string {
  return `permit(principal, action, resource) when { ${text} };`;
}

const max = '9223372036854775807';

describe('integers', () => {
  test('a result beyond 64 bits is an error', () =>
    holds([
      [`${max} + 1 == 0`, 'error'],
      [`-9223372036854775808 - 1 == 0`, 'error'],
      ['3037000500 * 3037000500 == 0', 'error'],
      ['3037000499 * 3037000499 == 9223372030926249001', true],
    ]));

  test('the range is 64 bits, not 53', () =>
    holds([
      ['9007199254740991 + 2 == 9007199254740993', true],
      ['9007199254740993 == 9007199254740992', false],
      [`${max} > 9223372036854775806`, true],
      [`-9223372036854775808 < -9223372036854775807`, true],
      [`${max} - ${max} == 0`, true],
    ]));

  test('products and sums stay exact where a float would round', () =>
    holds([
      ['94906267 * 94906267 == 9007199515875289', true],
      ['94906267 * 94906267 == 9007199515875288', false],
      ['[94906267 * 94906267].contains(9007199515875289)', true],
      ['9007199254740993 - 2 == 9007199254740991', true],
      ['[9007199254740993 - 2].contains(9007199254740991)', true],
    ]));

  test('the smallest integer is one literal and has no negation', async () => {
    await holds(
      [
        ['-9223372036854775808 < 0', true],
        ['-(-9223372036854775808) == 0', 'error'],
        ['--5 == 5', true],
        ['-(5) == -5', true],
        ['-(context.n) == -7', true],
        ['-context.zero == 0', true],
        ['[-context.zero].contains(0)', true],
      ],
      { context: { n: 7, zero: 0 } },
    );
    await refusesPolicy(when('9223372036854775808 == 0'));
  });

  test('integers beyond 2^53 arrive from data as they were written', () =>
    holds(
      [
        ['context.big == 9223372036854775807', true],
        ['context.big == 9223372036854775806', false],
        ['context.list.contains(9007199254740993)', true],
        ['context.list.contains(9007199254740992)', false],
      ],
      { context: { big: 9223372036854775807n, list: [9007199254740993n] } },
    ));

  test('integers in data are plain: no fraction, exponent, minus zero, nothing beyond 64 bits', () => {
    for (const text of ['1.0', '1e2', '1E2', '-0', '{"a":1.5}', '[0,-0]', '123456789012345678901234567890']) {
      assert.throws(() => loadRequest({ ...base, context: { n: parseExactly(text) } }), LoadError, text);
    }
    assert.throws(() => loadRequest({ ...base, context: { n: 9223372036854775808n } }), LoadError);
    assert.deepEqual(parseExactly('{"a":[9007199254740993,-5,"1.0"]}'), { a: [9007199254740993n, -5, '1.0'] });
  });
});

describe('logic', () => {
  test('both sides that are used must be booleans', () =>
    holds([
      ['true && 1', 'error'],
      ['false || 1', 'error'],
      ['1 || true', 'error'],
      ['"a" && true', 'error'],
      ['false && 1', false],
      ['true || 1', true],
      ['!1', 'error'],
    ]));

  test('left first, and the right only where it is needed', () =>
    holds([
      ['false && context.nope', false],
      ['context.nope && false', 'error'],
      ['true || context.nope', true],
      ['context.nope || true', 'error'],
      ['true && true && false && context.nope', false],
      ['(false || false || true) && !(true && false)', true],
    ]));

  test('a part of a comparison is a value like any other', () =>
    holds([
      ['(!true) == false', true],
      ['(!false) == true', true],
      ['(true && true) == true', true],
      ['(true && false) == false', true],
      ['(false || true) == true', true],
      ['(false || false) == false', true],
    ]));

  test('the guard of an if is a boolean, and only the branch taken is evaluated', () =>
    holds([
      ['if 1 then true else true', 'error'],
      ['if true then true else context.nope', true],
      ['if false then context.nope else true', true],
      ['(if true then 1 else "a") == 1', true],
      ['if context.nope then true else true', 'error'],
    ]));

  test('every member of a set or record literal is evaluated', () =>
    holds([
      ['{a: 1, b: context.nope}.a == 1', 'error'],
      ['[1, context.nope].contains(1)', 'error'],
    ]));

  test('scope first, then each condition in order, each a boolean before it is negated', async () => {
    const scope = 'principal == U::"nobody", action, resource';
    const { reasons, errors } = await decide({
      scopeFalse: `permit(${scope}) when { context.nope };`,
      falseThenError: 'permit(principal, action, resource) when { false } when { context.nope };',
      errorThenFalse: 'permit(principal, action, resource) when { context.nope } when { false };',
      unlessFalse: 'permit(principal, action, resource) unless { false };',
      unlessTrue: 'permit(principal, action, resource) unless { true };',
      unlessNumber: 'permit(principal, action, resource) unless { 0 };',
      unlessText: 'permit(principal, action, resource) unless { "" };',
      whenNumber: 'permit(principal, action, resource) when { 1 };',
    });
    assert.deepEqual(reasons, ['unlessFalse']);
    assert.deepEqual(errors, ['errorThenFalse', 'unlessNumber', 'unlessText', 'whenNumber']);
  });
});

describe('decisions', () => {
  const permit = 'permit(principal, action, resource);';

  test('an erring policy is skipped and reported, also a forbid', async () => {
    const { decision, errors } = await decide({
      permit,
      forbid: 'forbid(principal, action, resource) when { context.nope };',
    });
    assert.deepEqual([decision, errors], ['allow', ['forbid']]);
  });

  test('every matching forbid is a reason, permits are reasons only of an allow, errors are always listed', async () => {
    const erring = when('context.nope');
    const forbid = 'forbid(principal, action, resource);';
    const denied = await decide({ permit, forbid, other: forbid, erring });
    assert.deepEqual([denied.decision, denied.reasons, denied.errors], ['deny', ['forbid', 'other'], ['erring']]);
    const allowed = await decide({ permit, second: permit, erring });
    assert.deepEqual([allowed.decision, allowed.reasons, allowed.errors], ['allow', ['permit', 'second'], ['erring']]);
    assert.equal((await decide({})).decision, 'deny');
  });

  test('an exception that is not Cedar’s fails the request instead of skipping the policy', () => {
    const request = loadRequest({ ...base, context: {} });
    const forbid = when('context.deep.x == 1').replace('permit', 'forbid');
    return official.trees([forbid]).then(([tree]) => {
      const compiled = compile([{ id: 'forbid', tree }]);
      const context = new Map([['deep', trapAttribute()]]) as unknown as typeof request.context;
      assert.throws(() => evaluate(compiled, { ...request, context }, new Map()), RangeError);
    });
  });

  test('policies keep their own ids from the eleventh on', async () => {
    const texts = Array.from({ length: 12 }, (_, place) => when(`context.n == ${place}`));
    const parsed = await official.parse(texts.join('\n'));
    assert.ok(parsed.kind === 'parsed');
    assert.deepEqual(parsed.policies, texts);
    for (const n of [1, 2, 10, 11]) {
      const trees = await official.trees(parsed.policies);
      const compiled = compile(trees.map((tree, place) => ({ id: `policy${place}`, tree })));
      const call = { ...base, context: { n } };
      const expected = await official.authorizeText(
        printTree({ ...call, policies: { staticPolicies: texts.join('\n') } }),
      );
      assert.deepEqual(evaluate(compiled, loadRequest(call), loadEntities(entities)).reasons, expected.reasons);
      assert.deepEqual(expected.reasons, [`policy${n}`]);
    }
  });
});

/** A value on which looking overflows the stack, as a tree of monstrous depth would. */
function trapAttribute(): object {
  const endless = (): never => endless();
  return {
    get kind(): never {
      return endless();
    },
  };
}

describe('attributes and tags', () => {
  test('an entity that does not exist has nothing, and reading from it is an error', () =>
    holds([
      ['U::"ghost" has n', false],
      ['U::"ghost".n == 1', 'error'],
      ['1 has n', 'error'],
      ['[] has n', 'error'],
      ['ip("::1") has n', 'error'],
    ]));

  test('a missing attribute is an error', () =>
    holds([
      ['principal.nope == principal.nope', 'error'],
      ['{a: 1}.b == 1', 'error'],
      ['"abc".length == 3', 'error'],
    ]));

  test('a chain of has stops at the first missing name and errs at what has no attributes', () =>
    holds([
      ['principal has address.zip.code', true],
      ['principal has address.street.code', false],
      ['principal has nope.zip.code', false],
      ['principal has boss.n', true],
      ['principal has ghost.n', false],
      ['{a: 1} has a.b', 'error'],
      ['principal has name.first', 'error'],
    ]));

  test('attribute names are arbitrary text, and nothing is inherited', () =>
    holds(
      [
        ['{} has constructor', false],
        ['{} has "__proto__"', false],
        ['{"toString": 1} has toString', true],
        ['{"__proto__": {a: 1}} has a', false],
        ['{"__proto__": 1}["__proto__"] == 1', true],
        ['context["__proto__"] == 5', true],
        ['context[""] == 1', true],
        ['context["a b"] == 2', true],
        ['context has constructor', false],
        ['principal has hasOwnProperty', false],
        ['principal.hasTag("constructor")', false],
      ],
      { context: JSON.parse('{"__proto__":5,"":1,"a b":2}') as JsonObject },
    ));

  test('tags are a namespace of their own', () =>
    holds([
      ['principal.hasTag("color")', true],
      ['principal.getTag("color") == "red"', true],
      ['principal has color', false],
      ['principal.hasTag("name")', false],
      ['principal.getTag("name") == 1', 'error'],
      ['U::"ghost".hasTag("color")', false],
      ['U::"ghost".getTag("color") == 1', 'error'],
      ['principal.hasTag(1)', 'error'],
      ['{color: 1}.hasTag("color")', 'error'],
    ]));
});

describe('equality', () => {
  test('it never errs, and values of different kinds differ', () =>
    holds([
      ['1 == true', false],
      ['1 == "1"', false],
      ['[] == {}', false],
      ['decimal("1.0") == 1', false],
      ['datetime("1970-01-01") == duration("0ms")', false],
      ['principal == "alice"', false],
      ['1 != "1"', true],
    ]));

  test('an entity is its exact type and id', () =>
    holds([
      ['U::"alice" == principal', true],
      ['U::"a" == G::"a"', false],
      ['N::U::"a" == U::"a"', false],
      ['U::"alice" == U::"Alice"', false],
    ]));

  test('a set ignores order and duplicates, deeply, whatever it mixes', () =>
    holds([
      ['[1, 1, 2] == [2, 1]', true],
      ['[[1, 2], [2, 1]] == [[1, 2]]', true],
      ['[1, "a", principal] == ["a", principal, 1]', true],
      ['[1, 2] == [1]', false],
      ['[{a: [1, 2]}] == [{a: [2, 1]}]', true],
    ]));

  test('a record ignores the order of its names and needs the same names', () =>
    holds(
      [
        ['context == {a: 1, b: 2, "3": 3}', true],
        ['context == {"3": 3, b: 2, a: 1}', true],
        ['[context].contains({a: 1, b: 2, "3": 3})', true],
        ['context == {a: 1, b: 2}', false],
        ['context == {a: 1, b: 2, c: 3}', false],
        ['{a: 1} == {a: 1, b: 2}', false],
      ],
      { context: { b: 2, a: 1, 3: 3 } },
    ));

  test('no text can imitate the borders between values', () =>
    holds([
      ['["1,s2"] == ["1", "2"]', false],
      ['["1:a", "b"] == ["1:as1:b"]', false],
      ['["s1:a"] == ["a"]', false],
      ['["1"] == [1]', false],
      ['["i1;"].contains(1)', false],
      ['[{"a": "1s1:b"}] == [{"a": "1", "b": ""}]', false],
      ['[[1], [2]] == [[1, 2]]', false],
      ['[["a", "bsc"]] == [["asb", "c"]]', false],
      ['[["a", "b"]] == [["as1:b"]]', false],
      ['[{"a": "b"}] == [{"as1:b": ""}]', false],
      ['["T"].contains(true)', false],
      ['[U::"a"] == [U::"a\\"", U::"a"]', false],
    ]));
});

describe('sets', () => {
  test('only sets have members, and contains takes any value', () =>
    holds([
      ['[1].contains("a")', false],
      ['{a: 1}.contains(1)', 'error'],
      ['{a: 1}.isEmpty()', 'error'],
      ['"abc".contains("a")', 'error'],
      ['[1].containsAll(1)', 'error'],
      ['[1].containsAny({})', 'error'],
      ['[].isEmpty()', true],
      ['[1].isEmpty()', false],
    ]));

  test('every set contains all of the empty set and any of it never', () =>
    holds([
      ['[].containsAll([])', true],
      ['[1].containsAll([])', true],
      ['[1].containsAny([])', false],
      ['[].containsAny([])', false],
      ['[1, 2, 3].containsAll([3, 1])', true],
      ['[3, 1].containsAll([1, 2, 3])', false],
      ['[1, 2].containsAny([2, 3])', true],
    ]));
});

describe('like', () => {
  test('a star in a literal is a star', async () => {
    await holds([
      ['"a*b" like "a\\*b"', true],
      ['"aXb" like "a\\*b"', false],
      ['"a*" like "*\\*"', true],
      ['"ab" like "*\\*"', false],
    ]);
    const pattern: Json = [{ Literal: 'a*b' }, 'Wildcard'];
    const tree = treeOf({ like: { left: { Value: 'a*bc' }, pattern } });
    const other = treeOf({ like: { left: { Value: 'aXbc' }, pattern } });
    const { reasons } = evaluate(
      compile([
        { id: 'yes', tree },
        { id: 'no', tree: other },
      ]),
      loadRequest(base),
      new Map(),
    );
    assert.deepEqual(reasons, ['yes']);
  });

  test('a wildcard spans anything, and matching goes back where it must', () =>
    holds([
      ['"aXbXc" like "a*X*c"', true],
      ['"a\\nb" like "a*b"', true],
      ['"abab" like "*ab"', true],
      ['"aab" like "a*ab"', true],
      ['"ab" like "a*ab"', false],
      ['"aa" like "*a*a*a*"', false],
      ['"" like ""', true],
      ['"a" like ""', false],
      ['"" like "*"', true],
      ['"A" like "a"', false],
      ['"é" like "e\\u{301}"', false],
      ['"x😀y" like "x*y"', true],
      ['"😀" like "*😀*"', true],
      ['1 like "*"', 'error'],
    ]));
});

describe('hierarchy', () => {
  test('in is reflexive, also for an entity that does not exist, and transitive', () =>
    holds([
      ['U::"ghost" in U::"ghost"', true],
      ['U::"ghost" in G::"team"', false],
      ['principal in G::"team"', true],
      ['principal in G::"all"', true],
      ['principal in G::"absent"', true],
      ['G::"team" in principal', false],
    ]));

  test('an entity that does not exist is in nothing but itself, also within a comparison', () =>
    holds([
      ['(U::"nobody" in G::"team") == false', true],
      ['(U::"nobody" in U::"nobody") == true', true],
      ['(principal in G::"team") == true', true],
    ]));

  test('every element is an entity, checked before any is matched', () =>
    holds([
      ['principal in []', false],
      ['principal in [principal, 1]', 'error'],
      ['principal in [1, principal]', 'error'],
      ['1 in []', 'error'],
      ['"a" in principal', 'error'],
      ['principal in 1', 'error'],
      ['principal in [G::"x", G::"all"]', true],
    ]));

  test('parents may come in any order and may be absent', async () => {
    const chain = (reverse: boolean): Json => {
      const uid = (place: number): Json => ({ type: 'U', id: `c${place}` });
      const list = [0, 1, 2, 3].map((place) => ({ uid: uid(place), attrs: {}, parents: [uid(place + 1)] }));
      return reverse ? list.toReversed() : list;
    };
    const examples = [
      ['U::"c0" in U::"c3"', true],
      ['U::"c0" in U::"c4"', true],
      ['U::"c3" in U::"c0"', false],
    ] as const;
    await holds(examples, { entities: chain(false) });
    await holds(examples, { entities: chain(true) });
  });

  test('a cycle, an entity above itself, two stories about one entity, or no parents field: refused', async () => {
    const entity = (id: string, parent: string, attrs: JsonObject = {}): JsonObject => ({
      uid: { type: 'U', id },
      attrs,
      parents: [{ type: 'U', id: parent }],
    });
    await refusesData({ entities: [entity('a', 'a')] });
    await refusesData({ entities: [entity('a', 'b'), entity('b', 'c'), entity('c', 'a')] });
    await refusesData({ entities: [entity('a', 'b'), entity('a', 'c')] });
    await refusesData({ entities: [entity('a', 'b', { n: 1 }), entity('a', 'b', { n: 2 })] });
    await refusesData({ entities: [{ uid: alice, attrs: {} }] });
    await refusesData({ entities: [{ uid: alice, parents: [] }] });
    const twice = [entity('a', 'b', { s: [1, 2] }), entity('a', 'b', { s: [2, 1, 1] })];
    await holds([['U::"a" in U::"b"', true]], { entities: twice });
  });

  test('is names the exact type, errs on what is no entity, and looks no further where the type differs', async () => {
    await holds([
      ['principal is U', true],
      ['principal is N::U', false],
      ['N::U::"a" is U', false],
      ['1 is U', 'error'],
      ['principal is X in 1', false],
      ['principal is U in 1', 'error'],
      ['principal is U in G::"all"', true],
      ['principal is U in [G::"x", principal]', true],
      ['U::"ghost" is U', true],
    ]);
    const { reasons } = await decide({
      type: 'permit(principal is U, action, resource);',
      other: 'permit(principal is N::U, action, resource);',
      within: 'permit(principal is U in G::"all", action, resource);',
      outside: 'permit(principal is U in G::"x", action, resource);',
      otherType: 'permit(principal is G in G::"all", action, resource);',
    });
    assert.deepEqual(reasons, ['type', 'within']);
  });
});

describe('order', () => {
  test('integers, datetimes and durations have one, each among themselves', () =>
    holds([
      ['1 < 2', true],
      ['2 <= 2', true],
      ['datetime("2024-01-01") < datetime("2024-01-02")', true],
      ['duration("1h") >= duration("60m")', true],
      ['decimal("1.0") < decimal("2.0")', 'error'],
      ['ip("::1") < ip("::2")', 'error'],
      ['"a" < "b"', 'error'],
      ['false < true', 'error'],
      ['principal < principal', 'error'],
      ['1 < datetime("2024-01-01")', 'error'],
      ['duration("1h") < 5', 'error'],
      ['datetime("1970-01-01") <= duration("0ms")', 'error'],
    ]));
});

describe('decimal', () => {
  test('one to four digits after the point, within 64 bits, equal by value', () =>
    holds([
      ['decimal("1.0") == decimal("1.00")', true],
      ['decimal("-0.0") == decimal("0.0")', true],
      ['decimal("01.5") == decimal("1.5")', true],
      ['decimal("1.") == decimal("1.")', 'error'],
      ['decimal("+1.0") == decimal("1.0")', 'error'],
      ['decimal("1.00000") == decimal("1.0")', 'error'],
      ['decimal("1") == decimal("1.0")', 'error'],
      ['decimal(".5") == decimal("0.5")', 'error'],
      ['decimal("1.0\\n") == decimal("1.0")', 'error'],
      ['decimal("922337203685477.5807").greaterThan(decimal("922337203685477.5806"))', true],
      ['decimal("922337203685477.5808") == decimal("1.0")', 'error'],
      ['decimal("-922337203685477.5808").lessThan(decimal("0.0"))', true],
      ['decimal("-922337203685477.5809") == decimal("1.0")', 'error'],
      ['decimal("99999999999999999999999999.0") == decimal("1.0")', 'error'],
      ['decimal("1.5").lessThanOrEqual(decimal("1.50"))', true],
      ['decimal("1.5").greaterThanOrEqual(decimal("1.6"))', false],
      ['decimal("1.5").lessThan(2)', 'error'],
    ]));

  test('the sign is that of the text', () =>
    holds([
      ['decimal("-0.1").lessThan(decimal("0.0"))', true],
      ['decimal("-0.1") == decimal("0.1")', false],
    ]));
});

describe('ip', () => {
  const parses = (text: string): readonly [string, Verdict] => [`ip("${text}") == ip("${text}")`, true];
  const fails = (text: string): readonly [string, Verdict] => [`ip("${text}") == ip("${text}")`, 'error'];

  test('addresses have one grammar', () =>
    holds([
      ...['1.2.3.4', '0.0.0.0/0', '1.2.3.4/32', '::', '::1', '1:2:3:4:5:6:7::', '::2:3:4:5:6:7:8', 'ABCD::1/128'].map(
        parses,
      ),
      ...['1:2:3:4:5:6:7:8', '0001::'].map(parses),
      ...['01.2.3.4', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4/33', '1.2.3.4/08', '1.2.3.4/', '1.2.3.4/1/2'].map(
        fails,
      ),
      ...['1::2:3:4:5:6:7:8', '1:2:3:4:5:6:7', '::1::', '12345::', '::/129', '::/064', '::ffff:1.2.3.4'].map(fails),
      ...['fe80::1%eth0', ' ::1', '1.2.3.4:80', '', '/', ':', ':::', '1:', ':1', '[::1]', '1.2.3.4/-1'].map(fails),
      ['ip("::0000000000000000000000000000000000000000001") == ip("::1")', 'error'],
    ]));

  test('equality is of address, prefix and family, not of text', () =>
    holds([
      ['ip("1.1.1.1/8") == ip("1.2.2.2/8")', false],
      ['ip("1.1.1.1") == ip("1.1.1.1/32")', true],
      ['ip("ABCD::") == ip("abcd:0::/128")', true],
      ['ip("0.0.0.1") == ip("::1")', false],
      ['[ip("0.0.0.1/32")].contains(ip("::1/32"))', false],
    ]));

  test('a range is in a range where both its ends are', () =>
    holds([
      ['ip("10.0.0.0/16").isInRange(ip("10.0.0.0/8"))', true],
      ['ip("10.0.0.0/8").isInRange(ip("10.0.0.0/16"))', false],
      ['ip("10.1.0.0/8").isInRange(ip("10.2.0.0/8"))', true],
      ['ip("10.0.255.0/15").isInRange(ip("10.0.0.0/16"))', false],
      ['ip("10.0.0.0/15").isInRange(ip("10.1.0.0/16"))', false],
      ['ip("9.255.255.255").isInRange(ip("10.0.0.0/8"))', false],
      ['ip("11.0.0.0").isInRange(ip("10.0.0.0/8"))', false],
      ['ip("10.0.0.1").isInRange(ip("0.0.0.0/0"))', true],
      ['ip("0.0.0.1").isInRange(ip("::/0"))', false],
      ['ip("::1").isInRange(ip("0.0.0.0/0"))', false],
      ['ip("10.0.0.1").isInRange("10.0.0.0/8")', 'error'],
    ]));

  test('loopback and multicast are whole ranges', () =>
    holds([
      ['ip("127.0.0.1").isLoopback()', true],
      ['ip("127.0.0.1/8").isLoopback()', true],
      ['ip("127.0.0.1/7").isLoopback()', false],
      ['ip("::1").isLoopback()', true],
      ['ip("::1/127").isLoopback()', false],
      ['ip("224.0.0.1/4").isMulticast()', true],
      ['ip("224.0.0.1/3").isMulticast()', false],
      ['ip("ff00::1/8").isMulticast()', true],
      ['ip("ff00::1/7").isMulticast()', false],
      ['ip("::1").isIpv6() && !ip("::1").isIpv4() && ip("1.1.1.1").isIpv4()', true],
    ]));
});

describe('datetime', () => {
  const parses = (text: string): readonly [string, Verdict] => [`datetime("${text}") == datetime("${text}")`, true];
  const fails = (text: string): readonly [string, Verdict] => [`datetime("${text}") == datetime("${text}")`, 'error'];

  test('the grammar is strict and the calendar real', () =>
    holds([
      ...['2024-01-01', '2024-02-29', '2000-02-29', '2024-01-01T00:00:00Z', '2024-01-01T23:59:59.999Z'].map(parses),
      ...['2024-01-01T00:00:00+2359', '2024-01-01T00:00:00.000-0000', '0000-01-01', '9999-12-31T23:59:59Z'].map(parses),
      ...['2024-01-01T00:00:00', '2024-01-01T00:00:60Z', '2024-01-01T24:00:00Z', '2024-01-01t00:00:00z'].map(fails),
      ...['2024-01-01T00:00:00.1Z', '2024-01-01T00:00:00.12Z', '2023-02-29', '1900-02-29', '2024-04-31'].map(fails),
      ...['2024-00-01', '2024-13-01', '2024-01-00', '24-01-01', '12024-01-01', '2024-01-01Z', '2024-01-01T00:00Z'].map(
        fails,
      ),
      ...['2024-01-01T00:00:00+2400', '2024-01-01T00:00:00+0060', '2024-01-01T00:00:00+01:00', ''].map(fails),
    ]));

  test('the first century is not the twentieth, and an offset subtracts', () =>
    holds([
      ['datetime("0050-01-01") < datetime("1000-01-01")', true],
      ['datetime("0050-01-01").durationSince(datetime("0000-01-01")) == duration("18263d")', true],
      ['datetime("2024-01-01T01:00:00+0100") == datetime("2024-01-01")', true],
      ['datetime("2023-12-31T23:00:00-0100") == datetime("2024-01-01")', true],
      ['datetime("1969-12-31T23:59:59.999Z").offset(duration("1ms")) == datetime("1970-01-01")', true],
    ]));

  test('instants are exact to the millisecond in 64 bits, and overflow is an error', () =>
    holds([
      ['duration("9007199254740993ms") == duration("9007199254740992ms")', false],
      [
        'datetime("1970-01-01").offset(duration("9007199254740993ms")).durationSince(datetime("1970-01-01")) == duration("9007199254740993ms")',
        true,
      ],
      ['datetime("1970-01-02").offset(duration("9223372036854775807ms")) == datetime("1970-01-01")', 'error'],
      [
        'datetime("1970-01-01").offset(duration("-9223372036854775808ms")).durationSince(datetime("1970-01-02")) == duration("0ms")',
        'error',
      ],
      ['datetime("1970-01-01").offset(duration("-9223372036854775808ms")).toDate() == datetime("1970-01-01")', 'error'],
      ['datetime("1970-01-01").offset(duration("-9223372036854775808ms")).toTime() >= duration("0ms")', true],
    ]));

  test('the day floors, the time of day is never negative, whole units truncate towards zero', () =>
    holds([
      ['datetime("1969-12-31T12:00:00Z").toDate() == datetime("1969-12-31")', true],
      ['datetime("1969-12-31T12:00:00Z").toTime() == duration("12h")', true],
      ['datetime("1970-01-01").toTime() == duration("0ms")', true],
      ['duration("-1ms").toSeconds() == 0', true],
      ['duration("-1999ms").toSeconds() == -1', true],
      ['duration("-1ms").toDays() == 0', true],
      ['duration("36h").toDays() == 1', true],
      ['duration("90m").toHours() == 1', true],
      ['duration("-90s").toMinutes() == -1', true],
      ['duration("1d2h3m4s5ms").toMilliseconds() == 93784005', true],
    ]));
});

describe('duration', () => {
  const fails = (text: string): readonly [string, Verdict] => [`duration("${text}") == duration("${text}")`, 'error'];

  test('units in order, each optional but not all, within 64 bits', () =>
    holds([
      ['duration("1d2h3m4s5ms") == duration("93784005ms")', true],
      ['duration("-0d") == duration("0ms")', true],
      ['duration("-1d1h") == duration("-25h")', true],
      ['duration("5ms") != duration("5m")', true],
      ['duration("-9223372036854775808ms") < duration("0ms")', true],
      ['duration("0000000000000000000000001ms") == duration("1ms")', true],
      ...['', '-', '1', '1h1d', '1ms1s', '1d1d', '1.5h', '+1h', ' 1h', '1 h', '--1h', '1H'].map(fails),
      ...['9223372036854775808ms', '-9223372036854775809ms', '106751991168d', '99999999999999999999999d'].map(fails),
    ]));
});

describe('extension functions', () => {
  test('a wrong number of arguments is an error when it runs, not when it is read', () =>
    holds([
      ['ip("1.1.1.1", "b") == ip("1.1.1.1")', 'error'],
      ['ip() == ip("1.1.1.1")', 'error'],
      ['true || ip() == ip()', true],
      ['ip("1.1.1.1").isInRange(ip("1.0.0.0/8"), ip("1.0.0.0/8"))', 'error'],
      ['ip("1.1.1.1").isIpv4(1)', 'error'],
      ['decimal(1) == decimal("1.0")', 'error'],
    ]));

  test('a constructor that cannot succeed fails when it is reached, not before', async () => {
    await holds([
      ['true || ip("x") == ip("x")', true],
      ['false && decimal("x") == decimal("x")', false],
      ['ip("x") == 1', 'error'],
      ['if false then datetime("x") == 1 else true', true],
    ]);
    const bad: Json = { Value: { __extn: { fn: 'ip', arg: 'x' } } };
    const either = treeOf({ '||': { left: { Value: true }, right: { isIpv4: [bad] } } });
    const reached = treeOf({ isIpv4: [bad] });
    const sources = [
      { id: 'either', tree: either },
      { id: 'reached', tree: reached },
    ];
    const { reasons, errors } = evaluate(compile(sources), loadRequest(base), new Map());
    assert.deepEqual([reasons, errors], [['either'], ['reached']]);
  });

  test('unknown("x") is refused in policies and in data', async () => {
    const [tree] = await official.trees([when('unknown("x") == 1')]);
    assert.throws(() => compile([{ id: 'p', tree }]), CompileError);
    const context: JsonObject = { n: { __extn: { fn: 'unknown', arg: 'x' } } };
    assert.throws(() => loadRequest({ ...base, context }), LoadError);
  });
});

describe('data', () => {
  const entity = (fields: JsonObject): JsonObject => ({ e: { __entity: fields } });

  test('an escape is one only alone and with fields of the right types; else it is a record', async () => {
    await holds([['context.e is U', true]], { context: entity({ type: 'U', id: 'a' }) });
    await holds([['context.e is U', true]], { context: entity({ type: 'U', id: 'a', more: 1 }) });
    const record = (e: JsonObject): Call => ({ context: { e } });
    await holds([['context.e has "__entity"', true]], { context: entity({ type: 'U', id: 1 }) });
    await holds([['context.e["__entity"].id == 1', true]], { context: entity({ type: 'U', id: 1 }) });
    await holds([['context.e has "__entity"', true]], record({ __entity: { type: 'U', id: 'a' }, more: 1 }));
    await holds([['context.e has "__extn"', true]], record({ __extn: { fn: 1, arg: 'x' } }));
    await holds([['context.e has "__extn"', true]], record({ __extn: 'ip' }));
    await holds([['context.e has "__extn"', true]], record({ __extn: { fn: 'ip' } }));
    await holds([['context.e has "__extn"', true]], record({ __extn: { fn: 'ip', args: '::1' } }));
    await holds([['context.e == ip("::1")', true]], record({ __extn: { fn: 'ip', arg: '::1', more: 1 } }));
  });

  test('__expr, null and what is no value are refused', async () => {
    await refusesData({ context: { a: null } });
    await refusesData({ context: { a: [null] } });
    await refusesData({ context: { a: { __expr: '1 + 1' } } });
    await refusesData({ context: [] as unknown as JsonObject });
    await refusesData({ context: { __entity: { type: 'U', id: 'a' } } });
    assert.throws(() => loadRequest({ ...base, context: { a: undefined as unknown as Json } }), LoadError);
    assert.throws(() => loadRequest({ ...base, context: { a: Number.NaN } }), LoadError);
  });

  test('any extension function may stand in data; an unknown one or a bad value fails the call', async () => {
    const call = (fn: string, ...args: Json[]): Json => ({ __extn: { fn, args } });
    const later = call('offset', call('datetime', '1970-01-01'), call('duration', '1h'));
    const context = {
      later,
      v4: call('isIpv4', call('ip', '1.1.1.1')),
      arg: { __extn: { fn: 'decimal', arg: '1.5' } },
    };
    await holds(
      [
        ['context.later == datetime("1970-01-01T01:00:00Z")', true],
        ['context.v4', true],
        ['context.arg == decimal("1.50")', true],
      ],
      { context },
    );
    await refusesData({ context: { a: call('nope', 'x') } });
    await refusesData({ context: { a: call('ip', 'x') } });
    await refusesData({ context: { a: call('ip', '::1', '::1') } });
  });

  test('half of a surrogate pair is refused, as is a type name that is not normal', async () => {
    await refusesData({ context: { a: '\ud800' } });
    await refusesData({ context: { '\udc00': 1 } });
    await refusesData({ principal: { type: 'U', id: '\ud800' } });
    for (const type of [
      'U ',
      ' U',
      'A:: B',
      '__cedar',
      '__cedar::U',
      'A::__cedar',
      '',
      '1U',
      'U-V',
      'if',
      'A::in',
      'A::',
    ]) {
      await refusesData({ principal: { type, id: 'a' } });
    }
  });

  test('data nested beyond what the official build reads is refused', async () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
    await refusesData({ context: { a: nested(130) } });
    await holds([['context has a', true]], { context: { a: nested(100) } });
    assert.throws(() => parseExactly('['.repeat(100_000)), LoadError);
    assert.throws(() => parseExactly(`${'['.repeat(60_000)}1.5${']'.repeat(60_000)}`), LoadError);
  });
});

describe('templates and scopes', () => {
  const link = async (text: string, slots: PolicySource['slots'] = {}): Promise<PolicySource> => {
    const tree = await templateTree(text);
    return { id: 'link', tree, slots };
  };
  const template = 'permit(principal in ?principal, action, resource == ?resource);';
  const team = entityUid('G', 'team');
  const resource = entityUid('R', 'r');

  test('a linked template decides with its values', async () => {
    const source = await link(template, { principal: team, resource });
    const matching = evaluate(compile([source]), loadRequest(base), loadEntities(entities));
    assert.deepEqual(matching.reasons, ['link']);
    const other = await link(template, { principal: entityUid('G', 'other'), resource });
    assert.equal(evaluate(compile([other]), loadRequest(base), loadEntities(entities)).decision, 'deny');
    const typed = await link('permit(principal is U in ?principal, action, resource);', { principal: team });
    assert.equal(evaluate(compile([typed]), loadRequest(base), loadEntities(entities)).decision, 'allow');
  });

  test('a missing value, a value too many, or an id used twice is refused', async () => {
    const source = await link(template, { principal: team, resource });
    assert.throws(() => compile([{ id: 'link', tree: source.tree, slots: { principal: team } }]), CompileError);
    assert.throws(() => compile([{ id: 'link', tree: source.tree }]), CompileError);
    const [fixed] = await official.trees(['permit(principal, action, resource);']);
    assert.throws(() => compile([{ id: 'p', tree: fixed, slots: { principal: team } }]), CompileError);
    assert.throws(() => compile([source, source]), CompileError);
  });

  test('template text is no policy', () => refusesPolicy(template));

  test('action in an empty list matches nothing, one in a list of one is that one', async () => {
    const { reasons } = await decide({
      none: 'permit(principal, action in [], resource);',
      one: 'permit(principal, action in [Action::"read"], resource);',
      two: 'permit(principal, action in [Action::"x", Action::"read"], resource);',
      other: 'permit(principal, action in [Action::"x"], resource);',
    });
    assert.deepEqual(reasons, ['one', 'two']);
  });

  test('an @id is an annotation and nothing more', async () => {
    const { reasons } = await decide({ mine: '@id("yours") @flag permit(principal, action, resource);' });
    assert.deepEqual(reasons, ['mine']);
    const [tree] = await official.trees(['@id("yours") @flag permit(principal, action, resource);']);
    assert.deepEqual(
      [...compile([{ id: 'p', tree }]).policies[0]!.annotations],
      [
        ['flag', ''],
        ['id', 'yours'],
      ],
    );
  });
});

/** Templates have a function of their own in the official build. */
async function templateTree(text: string): Promise<Json> {
  const [answer] = await thread.ask([{ name: 'templateToJson', args: [JSON.stringify(text)] }]);
  return (parseExactly(answer!) as JsonObject).json!;
}

function treeOf(body: Json): JsonObject {
  const any: Json = { op: 'All' };
  return { effect: 'permit', principal: any, action: any, resource: any, conditions: [{ kind: 'when', body }] };
}
