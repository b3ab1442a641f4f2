/** `decide` beside the official Cedar build and casbin, on the same rules and the same call, in one process. */
import { createRequire } from 'node:module';
import { printEntities, printRequest } from '../server/src/policy/cedar/print.ts';
import {
  decide,
  type PolicySet,
  policySchema,
  preparePolicySet,
  startOfficial,
  toCedar,
} from '../server/src/policy/index.ts';
import { answerAsks } from './parts/answering.ts';
import { casbinRules } from './parts/casbin.ts';
import { measuredAction, measuredFacts, measuredQuestion } from './parts/question.ts';
import { rulesText } from './parts/rules.ts';

type Build = {
  preparsePolicySet(
    id: string,
    policies: { readonly staticPolicies: Readonly<Record<string, string>> },
  ): { type: string };
  statefulIsAuthorized(call: object): {
    readonly type: string;
    readonly response?: { readonly decision: string; readonly diagnostics: { readonly errors: readonly unknown[] } };
  };
};

const build = createRequire(new URL('../server/package.json', import.meta.url))(
  '@cedar-policy/cedar-wasm/nodejs',
) as Build;

type Measuring = {
  readonly policies: number;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly only?: string;
};
type Side = (orderId: string) => boolean;

answerAsks({
  /** Decisions per second of each side in each of `rounds`, one side after the other. */
  async measure({ policies, rounds, milliseconds, only }: Measuring) {
    const official = startOfficial();
    const set = await preparePolicySet({ text: rulesText(policies), schema: policySchema([measuredAction]) }, official);
    await official.close();
    const sides: Readonly<Record<string, Side>> = {
      ours: ours(set),
      'cedar-official': officialBuild(set),
      casbin: await casbinRules(policies),
    };
    for (const [name, side] of Object.entries(sides)) requireEqual(name, side);
    const rates: Record<string, number[]> = { ours: [], 'cedar-official': [], casbin: [] };
    for (let round = -1; round < rounds; round++) {
      for (const [name, side] of Object.entries(sides)) {
        if (only !== undefined && name !== only) continue;
        const rate = perSecond(side, milliseconds);
        if (round >= 0) rates[name]!.push(rate);
      }
    }
    return rates;
  },
});

/** INVARIANT (equal rules): each side permits the call that is measured, and forbids one that a rule is about. */
function requireEqual(name: string, side: Side): void {
  if (!side('1042')) throw new Error(`${name} does not permit the call that is measured`);
  if (side('held-4')) throw new Error(`${name} permits what rule 4 forbids`);
}

function ours(set: PolicySet): Side {
  const facts = new Map(['1042', 'held-4'].map((order) => [order, measuredFacts(order)]));
  return (order) => decide(facts.get(order)!, set).kind === 'permit';
}

function officialBuild(set: PolicySet): Side {
  if (build.preparsePolicySet('measured', { staticPolicies: Object.fromEntries(set.texts) }).type !== 'success') {
    throw new Error('the official build does not take the rules');
  }
  const calls = new Map(['1042', 'held-4'].map((order) => [order, callOf(order)]));
  return (order) => {
    const { response } = build.statefulIsAuthorized(calls.get(order)!);
    if (response === undefined || response.diagnostics.errors.length > 0) throw new Error('the official build erred');
    return response.decision === 'allow';
  };
}

function callOf(order: string): object {
  const asked = toCedar(measuredQuestion(order));
  if (asked.kind !== 'question') throw new Error(asked.because.join('; '));
  const { request, entities } = asked;
  return JSON.parse(
    `{${printRequest(request)},"preparsedPolicySetId":"measured","entities":${printEntities(entities)}}`,
  );
}

function perSecond(side: Side, milliseconds: number): number {
  const started = performance.now();
  let count = 0;
  let taken = 0;
  // The clock is read once for as many decisions as take about a tenth of the time.
  for (let batch = 1; taken < milliseconds; batch = Math.max(1, Math.ceil((count / taken) * (milliseconds / 10)))) {
    for (let i = 0; i < batch; i++) if (!side('1042')) throw new Error('denied');
    count += batch;
    taken = performance.now() - started;
  }
  return (count / taken) * 1000;
}
