import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { compile } from './compile.ts';
import { evaluate } from './evaluate.ts';
import { defaultLimits, measurePolicyText } from './limits.ts';
import { startOfficial } from './official.ts';
import { entityUid } from './value.ts';

type Grow = (size: number) => string;

/** Every way in which an expression can nest, the worst mixtures among them. */
const growths: Readonly<Record<string, Grow>> = {
  parentheses: (size) => `${'('.repeat(size)}1${')'.repeat(size)} == 1`,
  'not and parentheses': (size) => `${'!('.repeat(size)}true${')'.repeat(size)}`,
  'minus and parentheses': (size) => `${'-('.repeat(size)}1${')'.repeat(size)} == 1`,
  sets: (size) => `${'['.repeat(size)}${']'.repeat(size)} == 1`,
  records: (size) => `${'{a:'.repeat(size)}1${'}'.repeat(size)} == 1`,
  'sets of records': (size) => `${'[{a:'.repeat(size)}1${'}]'.repeat(size)} == 1`,
  'attributes of attributes': (size) => `context${'.a'.repeat(size)} == 1`,
  'attributes in brackets': (size) => `context${'["a"]'.repeat(size)} == 1`,
  methods: (size) => `context${'.contains(1)'.repeat(size)}`,
  'methods in arguments': (size) => `${'[].contains('.repeat(size)}1${')'.repeat(size)}`,
  sums: (size) => `1${' + 1'.repeat(size)} == 1`,
  products: (size) => `1${' * 1'.repeat(size)} == 1`,
  'else if': (size) => `${'if true then true else '.repeat(size)}true`,
  'if if': (size) => `${'if '.repeat(size)}true${' then true else true'.repeat(size)}`,
  'if with &&': (size) => `${'if true && true then true else '.repeat(size)}true`,
  and: (size) => `true${' && true'.repeat(size)}`,
  or: (size) => `true${' || true'.repeat(size)}`,
  'and in parentheses': (size) => `${'(true && '.repeat(size)}true${')'.repeat(size)}`,
  'all at once': (size) => `${'!!(!!(if true then '.repeat(size)}true${' else true))'.repeat(size)}`,
};

function policyOf(expression: string): string {
  return `permit(principal, action, resource) when { ${expression} };`;
}

/** A size of a growth as a whole policy. */
function grown(name: string, size: number): string {
  return name === 'conditions'
    ? policyOf('true').replace(';', `${' unless { 1 == 2 }'.repeat(size)};`)
    : policyOf(growths[name]!(size));
}

function isWithin(text: string): boolean {
  return measurePolicyText(text).kind === 'within';
}

describe('the limits of policy text', () => {
  const official = startOfficial();
  after(official.close);
  const user = entityUid('U', 'a');
  const request = { principal: user, action: entityUid('Action', 'a'), resource: user, context: new Map() };

  for (const name of [...Object.keys(growths), 'conditions']) {
    test(`${name}: the deepest text let through is read, validated and run by both evaluators`, async () => {
      let size = 1;
      while (size < 4_000 && isWithin(grown(name, size + 1))) size += 1;
      assert.ok(size >= 8 && size < 4_000, `the limit is at ${size}`);
      const text = grown(name, size);
      const parsed = await official.parse(text);
      assert.ok(parsed.kind === 'parsed');
      const [tree] = await official.trees(parsed.policies);
      const texts = new Map([['p', text]]);
      await official.validate(texts, 'entity U; action a appliesTo { principal: [U], resource: [U] };');
      const expected = await official.authorize('whole', { version: `${name}${size}`, texts }, request, new Map());
      assert.deepEqual(evaluate(compile([{ id: 'p', tree }]), request, new Map()), expected);
    });

    test(`${name}: a text that would kill the official build is not let through`, () => {
      for (const size of [2_500, 20_000]) assert.equal(isWithin(grown(name, size)), false);
    });
  }

  test('a bracket in a string or a comment does not count, one after an unclosed quote or a bare return does', () => {
    const many = '('.repeat(500);
    assert.ok(isWithin(policyOf(`"${many}" == "\\"${many}"`)));
    assert.ok(isWithin(`// ${many} "\n${policyOf('true')}`));
    assert.ok(isWithin(policyOf(`"// no comment" == "" // ${many}\n`)));
    assert.equal(isWithin(policyOf(`" ${many}`)), false);
    assert.equal(isWithin(policyOf(`true // \r ${many}`)), false);
    assert.equal(isWithin(policyOf(`"\\" == ${many}`)), false);
  });

  test('long lists and many conditions are no depth', () => {
    assert.ok(isWithin(policyOf(`[${Array(3_000).fill('"a"').join()}].contains(context.a.b)`)));
    assert.ok(isWithin(policyOf('true').replace(';', `${' when { context.a.b == 1 }'.repeat(150)};`)));
    assert.ok(isWithin(policyOf('a.b.c == 1').repeat(2_000)));
  });

  test('length, number and encoding have their limits, named with their line', () => {
    const says = (text: string): string => {
      const measured = measurePolicyText(text);
      return measured.kind === 'within' ? '' : `${measured.line}: ${measured.says}`;
    };
    assert.match(says('x'.repeat(defaultLimits.textBytesMax + 1)), /^1: the text has 1048577 bytes/);
    assert.match(
      says(`${policyOf('true')}\n\n${policyOf(`"${'a'.repeat(70_000)}"=="" && true`)}`),
      /^3: a policy is longer/,
    );
    assert.match(says(policyOf('true').repeat(5_001)), /more than 5000 policies/);
    assert.match(says(`\n\n${policyOf('"\ud800" == ""')}`), /^3: .*surrogate/);
    assert.match(
      says(`${policyOf('true')}\n${policyOf(`${'('.repeat(99)}1${')'.repeat(99)} == 1`)}`),
      /^2: .*nested too deeply/,
    );
  });

  test('it knows where each policy begins', () => {
    const text = `// first ; \n@id("a;b")\npermit(principal, action, resource);\n\n  forbid(principal, action, resource) // ;\n;`;
    const measured = measurePolicyText(text);
    assert.ok(measured.kind === 'within');
    assert.deepEqual(
      measured.policies.map(({ line }) => line),
      [2, 5],
    );
    assert.ok(text.startsWith('@id', measured.policies[0]!.start));
  });
});
