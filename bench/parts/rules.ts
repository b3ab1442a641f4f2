/**
 * `count` rules as an organisation has them: one that permits what the task covers, and others that forbid by order, by
 * team, by purpose or by amount. Every one of them is looked at for every call, and none of them forbids the call that
 * is measured.
 */
export function rulesText(count: number): string {
  return Array.from({ length: count }, (_, i) => (i === 0 ? permits : forbids(i))).join('\n\n');
}

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
  const kind = i % conditions.length;
  const action = kind === 0 ? 'action == Action::"shop:orders.get"' : 'action';
  const scope = `forbid (principal is Agent, ${action}, resource)`;
  return `@id("rule-${i}")\n@reason("Rule ${i} forbids it.")\n${scope}\nwhen { ${conditions[kind]} };`;
}
