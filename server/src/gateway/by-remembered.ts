import { type StandingYes, standingYeses } from '../approvals/index.ts';
import type { Ground } from '../foundation/index.ts';
import { chargesOf, countCharges } from '../limits/index.ts';
import type { Decision, Facts, RememberedFact } from '../policy/index.ts';
import type { Call } from './call.ts';
import type { Asking } from './caller.ts';
import { rememberableOf } from './rememberable.ts';
import { headersShown } from './shown.ts';

type Asked = Extract<Decision, { kind: 'ask' }>;
type Would<D extends Decision = Decision> = { readonly facts: Facts; readonly decision: D };

/**
 * A call that a person would be asked about, decided again with a yes that is remembered for such calls, where one lets it
 * through. THREATS: stretched-yes. A parked call has its own answer, the plane's own looks set nothing in motion, and
 * every other call comes here with facts of its own: what is remembered is only one more of them.
 */
export async function byRemembered(
  ground: Ground,
  { asking, call, facts, decision }: Would<Asked> & { readonly asking: Asking; readonly call: Call },
  decideAgain: (facts: Facts) => Decision,
): Promise<Would> {
  const asIs = { facts, decision };
  if (asking.parked !== null || asking.looking) return asIs;
  const [task] = facts.chain;
  const owner = facts.agents[0]?.owner;
  if (owner === undefined) return asIs;
  const yeses = await standingYeses(ground, asking.tenant, { task, action: call.action.id, owner });
  if (yeses.length === 0 || 'never' in rememberableOf(call, facts, decision.asks)) return asIs;
  for (const yes of yeses) {
    const remembered = await factOf(ground, asking, call, facts, yes);
    if (remembered === null) continue;
    const found = { ...facts, remembered };
    const again = decideAgain(found);
    if (again.kind === 'permit') return { facts: found, decision: again };
  }
  return asIs;
}

async function factOf(
  ground: Ground,
  { tenant }: Asking,
  call: Call,
  { now, credential, chain: [task] }: Facts,
  { remembered, approval, by, stands }: StandingYes,
): Promise<RememberedFact | null> {
  const { id, bounds, answered, rememberedAt } = remembered;
  if (!isSameRequest(call, credential, approval.shown) || approval.shown.policyVersion === undefined) return null;
  const charging = chargesOf({
    now,
    action: call.action.id,
    money: call.money,
    cost: call.action.costUnits,
    grants: [{ owner: `remembered:${id}`, index: 0, grant: bounds.grant }],
    standing: [],
    behind: { agent: task.agent, requester: task.requester, purpose: task.purposeType },
  });
  if (charging.kind === 'uncountable') return null;
  const charges = await countCharges(ground.database, tenant, charging.charges);
  return {
    id,
    task: remembered.task,
    agent: remembered.agent,
    grant: bounds.grant,
    until: bounds.until,
    asks: approval.asks,
    policyVersion: approval.shown.policyVersion,
    charges,
    answered,
    when: `${new Date(rememberedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    by,
    stands,
  };
}

/**
 * THREATS: thin-digest. What no argument says: what the catalog makes of them, where it goes, by which method, with whose
 * credential, and with which headers beside those that the action declares.
 */
function isSameRequest(call: Call, credential: Facts['credential'], shown: StandingYes['approval']['shown']): boolean {
  // A key for repeating safely is another one each time, and what is sent in its place is the plane's.
  const counts = ({ name }: { name: string }) => name !== `header.${call.action.idempotencyHeader?.toLowerCase()}`;
  const before = shown.values.filter(
    (one) => one.name.startsWith('header.') && !call.arguments.has(one.name) && counts(one),
  );
  const now = headersShown(call).filter(counts);
  return (
    shown.catalogVersion === call.catalogVersion &&
    shown.credential === credential &&
    shown.method === call.method &&
    shown.url.startsWith(`${call.origin}/`) &&
    before.length === now.length &&
    now.every(({ name, value }) => before.some((one) => one.name === name && one.value === value))
  );
}
