/**
 * `count` rules as an organisation has them: one that permits what the task covers, and others that forbid by order, by
 * team, by purpose or by zone. Three in four of them have a head that fits every call, and none of them forbids the call that
 * is measured.
 */
export function rulesText(count: number): string {
  return Array.from({ length: count }, (_, i) => (rulePermits(i) ? permits : forbids(i))).join('\n\n');
}

export const rulePermits = (i: number): boolean => i === 0;

/** What the rule is about: an order, a team, a purpose, or zones. */
export const ruleKind = (i: number): 0 | 1 | 2 | 3 => (i % 4) as 0 | 1 | 2 | 3;

const permits = `@id("task-covers")
@reason("The call belongs to a task whose authority covers it.")
permit (principal is Agent, action, resource)
when { context has task };`;

function forbids(i: number): string {
  const conditions = [
    `context.arguments.path.orderId == "held-${i}"`,
    `principal has team && principal.team == "team-${i}"`,
    `context.purpose == "purpose-${i}" && context.effect == "read"`,
    `principal.zone != resource.api.zone && context.reach == "external"`,
  ];
  const action = ruleKind(i) === 0 ? 'action == Action::"shop:orders.get"' : 'action';
  const scope = `forbid (principal is Agent, ${action}, resource)`;
  return `@id("rule-${i}")\n@reason("Rule ${i} forbids it.")\n${scope}\nwhen { ${conditions[ruleKind(i)]} };`;
}
