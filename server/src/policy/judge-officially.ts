import type { Official, OfficialPolicies } from './cedar/official.ts';
import { type Judgement, weigh } from './judge.ts';
import type { PolicySet } from './policy-set.ts';
import type { CedarQuestion } from './question.ts';

/**
 * The same judgement from the official evaluator (`policy.engine=official`). It names permits only when it allows; so
 * where nothing but asks forbid, a second call without them says what would permit. Rejects with an OfficialError where
 * there is no answer, which is a denial.
 */
export async function judgeOfficially(
  policySet: PolicySet,
  { request, entities }: CedarQuestion,
  official: Official,
): Promise<Judgement> {
  const decide = (policies: OfficialPolicies, slot: 'whole' | 'without-asks') =>
    official.authorize(slot, policies, request, entities);
  const whole = await decide({ version: policySet.version, texts: policySet.texts }, 'whole');
  const erring = whole.errors.map((policy) => ({ policy, message: 'the official evaluator reports an error' }));
  if (whole.decision === 'allow') return weigh(policySet, { permits: whole.reasons, forbids: [], erring });

  const isLifted = (id: string) => policySet.asks.has(id) || policySet.maxAges.has(id);
  const asked = whole.reasons.length > 0 && whole.reasons.every(isLifted);
  if (!asked) return weigh(policySet, { permits: [], forbids: whole.reasons, erring });
  const others = new Map([...policySet.texts].filter(([id]) => !isLifted(id)));
  const { decision, reasons } = await decide({ version: policySet.version, texts: others }, 'without-asks');
  return weigh(policySet, { permits: decision === 'allow' ? reasons : [], forbids: whole.reasons, erring });
}
