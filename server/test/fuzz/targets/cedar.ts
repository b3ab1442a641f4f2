import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../../src/policy/cedar/compile.ts';
import { CompileError } from '../../../src/policy/cedar/compile-error.ts';
import { type Evaluation, evaluate } from '../../../src/policy/cedar/evaluate.ts';
import {
  printTree,
  type Random,
  randomAlike,
  randomFrom,
  randomPolicy,
  randomWorld,
  type World,
} from '../../../src/policy/cedar/generate.testing.ts';
import type { Json, JsonObject } from '../../../src/policy/cedar/json.ts';
import { measurePolicyText } from '../../../src/policy/cedar/limits.ts';
import { type Official, startOfficial } from '../../../src/policy/cedar/official.ts';
import { printEntities, printRequest } from '../../../src/policy/cedar/print.ts';
import { defaultPolicies } from '../../../src/policy/default-policies.cedar.ts';
import { inputOf, type Target, textOf } from '../target.ts';

/*
 * An input is `each N`: many random policies from the seed N, each with its own verdict; `set N`: a random set of both
 * effects, by way of policy text; or itself a policy text.
 */

const policiesEach = 60;
const openScope: JsonObject = { principal: { op: 'All' }, action: { op: 'All' }, resource: { op: 'All' } };

/** Permits alone, with one that always holds: then every verdict shows, true as a reason, error as an error. */
function eachVerdict(random: Random): JsonObject[] {
  const always = { effect: 'permit', ...openScope, conditions: [] };
  const several = random.chance(0.5)
    ? randomAlike(random, policiesEach)
    : Array.from({ length: policiesEach }, () => randomPolicy(random, 'permit'));
  const opened = several.map((tree) => ({ ...tree, effect: 'permit', ...(random.chance(0.8) ? openScope : {}) }));
  return [always, ...opened];
}

/** A whole set of both effects: how policies combine. */
function wholeSet(random: Random): JsonObject[] {
  const size = 1 + random.below(16);
  if (random.chance(0.5)) return randomAlike(random, size);
  return Array.from({ length: size }, () => randomPolicy(random, random.chance(0.5) ? 'permit' : 'forbid'));
}

function callText({ request, entities }: World, staticPolicies: string): string {
  return `{${printRequest(request)},"entities":${printEntities(entities)},"policies":{"staticPolicies":${staticPolicies}}}`;
}

function summary({ decision, reasons, errors }: Evaluation): unknown {
  return { decision, reasons: reasons.toSorted(), errors: errors.toSorted() };
}

const compiled = (trees: readonly Json[], name: string) =>
  compile(trees.map((tree, place) => ({ id: `${name}${place}`, tree })));

async function checkEach(official: Official, seed: number): Promise<string> {
  const random = randomFrom(seed);
  const trees = eachVerdict(random);
  const world = randomWorld(random);
  const members = trees.map((tree, place) => `"p${place}":${printTree(tree)}`);
  const expected = await official.authorizeText(callText(world, `{${members.join()}}`));
  const found = evaluate(compiled(trees, 'p'), world.request, world.entities);
  if (JSON.stringify(summary(found)) !== JSON.stringify(summary(expected))) report(world, trees, found, expected);
  // A generator whose policies are all false would agree with anything.
  return `each: ${found.reasons.length > 3 ? 'some held' : 'few held'}, ${found.errors.length > 3 ? 'some erred' : 'few erred'}`;
}

async function checkSet(official: Official, seed: number): Promise<string> {
  const random = randomFrom(seed);
  const texts = await official.textOf(wholeSet(random).map(printTree));
  return `set: ${await agree(official, random, texts.join('\n'))}`;
}

async function checkText(official: Official, text: string): Promise<string> {
  if (measurePolicyText(text).kind === 'beyond') return 'text: beyond what is read';
  const seed = [...text].reduce((sum, char) => (Math.imul(sum, 31) + char.codePointAt(0)!) | 0, 7);
  return `text: ${await agree(official, randomFrom(seed), text)}`;
}

/** Both refuse the text, or both answer the same of some worlds. */
async function agree(official: Official, random: Random, text: string): Promise<string> {
  const parsed = await official.parse(text);
  if (parsed.kind === 'complaints') return 'refused';
  if (parsed.templates.length > 0) return 'a template';
  const trees = await official.trees(parsed.policies);
  const policies = compileOrRefuse(trees, text);
  if (policies === undefined) return 'not known here';
  const decisions: string[] = [];
  for (let world = 0; world < 2; world++) {
    const asked = randomWorld(random);
    const expected = await official.authorizeText(callText(asked, JSON.stringify(text)));
    const found = evaluate(policies, asked.request, asked.entities);
    assert.deepEqual(summary(found), summary(expected), 'the two evaluators answer otherwise');
    decisions.push(`${found.decision}${found.errors.length > 0 ? ' with errors' : ''}`);
  }
  return `${Math.min(trees.length, 4)} policies, ${decisions.sort().join(' and ')}`;
}

/** What the grammar of the official build has and this one refuses to know is named `unknown`. */
function compileOrRefuse(trees: readonly Json[], text: string) {
  try {
    return compiled(trees, 'policy');
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    assert.match(text, /unknown/, `the official build reads what is refused here with: ${error.message}`);
    return undefined;
  }
}

/** Shows the policies that the two disagree on, and nothing else. */
function report(world: World, trees: readonly JsonObject[], found: Evaluation, expected: Evaluation): never {
  const verdict = ({ reasons, errors }: Evaluation, id: string): string =>
    errors.includes(id) ? 'error' : reasons.includes(id) ? 'true' : 'false';
  const differing = trees.flatMap((tree, place) => {
    const [ours, theirs] = [verdict(found, `p${place}`), verdict(expected, `p${place}`)];
    return ours === theirs ? [] : [`ours ${ours}, official ${theirs}: ${printTree(tree)}`];
  });
  assert.fail(
    `the two evaluators answer otherwise\n${differing.join('\n')}\nrequest: ${printRequest(world.request)}\n` +
      `entities: ${printEntities(world.entities)}`,
  );
}

const written = [
  'permit(principal, action, resource);',
  'forbid(principal is U, action in [Action::"read", Action::"write"], resource in G::"a") unless { context.n < 3 };',
  'permit(principal == U::"a", action == Action::"read", resource) when { principal has s && principal.s like "a*b\\*" };',
  '@id("x") @reason("y") permit(principal, action, resource) when { if context has a then context.a == 1 else [1, 2].contains(2) };',
  'permit(principal, action, resource) when { decimal("1.0").lessThan(decimal("1.1")) && ip("10.0.0.1").isInRange(ip("10.0.0.0/8")) };',
  'permit(principal, action, resource) when { datetime("2024-01-01").offset(duration("1d2h")) > datetime("2024-01-02T00:00:00Z") };',
  'permit(principal, action, resource) when { principal in [G::"a", G::"b"] || !(resource is N::U in G::"c") };',
  'permit(principal, action, resource) when { {"a": {b: -1}}.a.b + 2 * 3 - 4 == 1 && principal.hasTag("k") && principal.getTag("k") == "v" };',
  'forbid(principal, action, resource) when { unknown("x") };',
  'permit(principal == ?principal, action, resource);',
];

const whenever = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;
const nested = (open: string, inside: string, close: string, depth: number) =>
  whenever(`${open.repeat(depth)}${inside}${close.repeat(depth)}`);

/** Conditions that hold by themselves, on what evaluators get wrong; and nesting on both sides of what is read. */
const edges = [
  ...[
    '"a" like "*a*a*"',
    '"ab" like "*b*a*"',
    '"a\\nb" like "a*b"',
    '"" like "*"',
    '[1, 1] == [1]',
    '!(1 == true)',
    '{a: 1} has a',
  ].map(whenever),
  ...['datetime("1969-12-31T23:59:59.999Z").toTime() == duration("86399999ms")', '!ip("127.0.0.0/7").isLoopback()'].map(
    whenever,
  ),
  ...[
    '9223372036854775807 - 1 == 9223372036854775806',
    '-9223372036854775808 < 0',
    'decimal("-0.1").lessThan(decimal("0.0"))',
  ].map(whenever),
  ...[30, 39, 60, 160].flatMap((depth) => [
    nested('(', 'true', ')', depth),
    nested('[', '', ']', depth),
    nested('!(', 'true', ')', depth),
  ]),
  ...[150, 400, 600].flatMap((depth) => [
    nested('', 'context', '.a', depth),
    nested('1 + ', '1', '', depth),
    nested('if true then 1 else ', '2', '', depth),
  ]),
];

/** The policies of Cedar's own integration tests, where they are. */
function published(): string[] {
  const root = join(process.env.AMBIT_CORPORA ?? 'nowhere', 'policies/cedar-integration-tests');
  if (!existsSync(root)) return [];
  const small = (text: string) => text.length < 2500;
  return globSync('**/*.cedar', { cwd: root })
    .sort()
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .filter(small)
    .slice(0, 40);
}

export const target: Target = {
  holds: 'the compiled rules answer as the official build does, from any text that it reads',
  dictionary: [
    ...[
      'permit',
      'forbid',
      'when { ',
      'unless { ',
      'principal',
      'resource',
      'context',
      'action',
      ' in ',
      ' is ',
      ' has ',
      ' like ',
      ' == ',
    ],
    ...[
      ' && ',
      ' || ',
      'if ',
      ' then ',
      ' else ',
      '.contains(',
      '.containsAll(',
      '.isEmpty()',
      '.hasTag(',
      '.getTag(',
      'U::"a"',
      'G::"b"',
    ],
    ...[
      'decimal("0.1")',
      'ip("::1")',
      'datetime("1970-01-01")',
      'duration("-1ms")',
      '.toDate()',
      '.toTime()',
      '.isIpv4()',
      '.durationSince(',
    ],
    ...[
      '9223372036854775807',
      '-9223372036854775808',
      '"a*\\*"',
      '"\\u{1F600}"',
      '\\x41',
      '?resource',
      '@id("a")',
      '//',
      'true',
      'false',
      '[]',
      '{}',
    ],
  ],
  generate: (random) => `${random.chance(0.6) ? 'each' : 'set'} ${random.below(2 ** 31)}`,
  generatedShare: 0.4,
  inputBytesMax: 12_000,
  millisecondsMax: 5000,
  reaches: [
    'each: some held, some erred',
    'set: ',
    'text: refused',
    'text: 1 policies, allow',
    'text: a template',
    'text: not known here',
  ],
  seeds: () => ['each 1', 'set 1', ...[...written, ...edges, defaultPolicies, ...published()].map(inputOf)],
  open: () => {
    const official = startOfficial();
    return {
      check(input) {
        const [, kind, seed] = /^(each|set) ([0-9]{1,10})$/.exec(input) ?? [];
        if (kind === 'each') return checkEach(official, Number(seed));
        if (kind === 'set') return checkSet(official, Number(seed));
        return checkText(official, textOf(input));
      },
      close: official.close,
    };
  },
};
