import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { compile } from './compile.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { printTree, type Random, randomFrom, randomPolicy, randomWorld, type World } from './generate.testing.ts';
import type { JsonObject } from './json.ts';
import { startOfficial } from './official.ts';
import { printEntities, printRequest } from './print.ts';

// The compiled evaluator against the official one. FUZZ_SECONDS sets how long, FUZZ_SEED repeats a run.
const seconds = Number(process.env.FUZZ_SECONDS ?? 6);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const policiesPerRound = 60;

const openScope: JsonObject = { principal: { op: 'All' }, action: { op: 'All' }, resource: { op: 'All' } };

/** Permits alone, with one that always holds: then every verdict shows, true as a reason, error as an error. */
function eachVerdict(random: Random): JsonObject[] {
  const always = { effect: 'permit', ...openScope, conditions: [] };
  const one = (): JsonObject => ({ ...randomPolicy(random, 'permit'), ...(random.chance(0.8) ? openScope : {}) });
  return [always, ...Array.from({ length: policiesPerRound }, one)];
}

/** A whole set of both effects: how policies combine. */
function wholeSet(random: Random): JsonObject[] {
  const size = 1 + random.below(16);
  return Array.from({ length: size }, () => randomPolicy(random, random.chance(0.5) ? 'permit' : 'forbid'));
}

function callText({ request, entities }: World, staticPolicies: string): string {
  return `{${printRequest(request)},"entities":${printEntities(entities)},"policies":{"staticPolicies":${staticPolicies}}}`;
}

function summary({ decision, reasons, errors }: Evaluation): unknown {
  return { decision, reasons: reasons.toSorted(), errors: errors.toSorted() };
}

describe(`the compiled evaluator agrees with the official one (FUZZ_SEED=${seed})`, () => {
  const official = startOfficial();
  after(official.close);

  async function compareTrees(random: Random, trees: readonly JsonObject[]): Promise<Evaluation> {
    const world = randomWorld(random);
    const compiled = compile(trees.map((tree, place) => ({ id: `p${place}`, tree })));
    const members = trees.map((tree, place) => `"p${place}":${printTree(tree)}`);
    const expected = await official.authorizeText(callText(world, `{${members.join()}}`));
    const found = evaluate(compiled, world.request, world.entities);
    if (JSON.stringify(summary(found)) !== JSON.stringify(summary(expected))) report(world, trees, found, expected);
    return found;
  }

  test('on each policy alone, well typed and ill typed', async (context) => {
    const counts = { policies: 0, held: 0, erred: 0 };
    for (const random of rounds(seed, seconds * 0.6)) {
      const trees = eachVerdict(random);
      const { reasons, errors } = await compareTrees(random, trees);
      counts.policies += trees.length;
      counts.held += reasons.length;
      counts.erred += errors.length;
    }
    context.diagnostic(`${counts.policies} policies: ${counts.held} held, ${counts.erred} erred`);
    // A generator whose policies are all false would agree with anything.
    assert.ok(counts.held > counts.policies / 20 && counts.erred > counts.policies / 20);
  });

  test('on whole sets, read from policy text', async (context) => {
    const counts = { sets: 0, allow: 0, policies: 0 };
    for (const random of rounds(seed + 1, seconds * 0.4)) {
      const texts = await official.textOf(wholeSet(random).map(printTree));
      const text = texts.join('\n');
      const parsed = await official.parse(text);
      assert.ok(parsed.kind === 'parsed');
      const trees = await official.trees(parsed.policies);
      const compiled = compile(trees.map((tree, place) => ({ id: `policy${place}`, tree })));
      for (let request = 0; request < 3; request += 1) {
        const world = randomWorld(random);
        const expected = await official.authorizeText(callText(world, JSON.stringify(text)));
        assert.deepEqual(summary(evaluate(compiled, world.request, world.entities)), summary(expected), text);
        counts.allow += expected.decision === 'allow' ? 1 : 0;
      }
      counts.sets += 1;
      counts.policies += trees.length;
    }
    context.diagnostic(`${counts.sets} sets of ${counts.policies} policies, ${counts.allow} requests allowed`);
    assert.ok(counts.allow > 0);
  });
});

function* rounds(from: number, forSeconds: number): Generator<Random> {
  const end = performance.now() + forSeconds * 1000;
  for (let round = 0; performance.now() < end; round += 1) yield randomFrom(from + round * 7919);
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
    `${differing.join('\n')}\nrequest: ${printRequest(world.request)}\nentities: ${printEntities(world.entities)}`,
  );
}
