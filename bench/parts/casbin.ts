import { importPeer } from './peers.ts';
import { ruleKind, rulePermits } from './rules.ts';

type Casbin = {
  newModelFromString(text: string): unknown;
  StringAdapter: new (text: string) => unknown;
  newEnforcer(model: unknown, adapter: unknown): Promise<{ enforceSync(...request: readonly unknown[]): boolean }>;
};

// Attributes with a condition of its own for each rule (casbin's `eval`), and a deny that overrides.
const model = `
[request_definition]
r = sub, act, ctx
[policy_definition]
p = act, rule, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.act == "*" || r.act == p.act) && eval(p.rule)
`;

/** The rules of `rulesText` in casbin's words. */
export async function casbinRules(count: number): Promise<(orderId: string) => boolean> {
  const { newEnforcer, newModelFromString, StringAdapter } = await importPeer<Casbin>('casbin');
  const lines = Array.from({ length: count }, (_, i) => `p, ${rulePermits(i) ? permits : forbids(i)}`);
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(lines.join('\n')));
  const agent = { kind: 'agent', team: 'support', zone: 'support' };
  const context = { task: true, purpose: 'settle-order', effect: 'read', reach: 'internal', zone: 'support' };
  return (orderId) => enforcer.enforceSync(agent, 'shop:orders.get', { ...context, orderId });
}

const permits = '*, r.ctx.task == true, allow';

function forbids(i: number): string {
  const conditions = [
    `shop:orders.get, r.ctx.orderId == 'held-${i}', deny`,
    `*, r.sub.team == 'team-${i}', deny`,
    `*, r.ctx.purpose == 'purpose-${i}' && r.ctx.effect == 'read', deny`,
    `*, r.sub.zone != r.ctx.zone && r.ctx.reach == 'external', deny`,
  ];
  return conditions[ruleKind(i)]!;
}
