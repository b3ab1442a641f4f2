import type { EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { requireRole } from './person.ts';
import { record } from './record.ts';
import type { SharedRule } from './shared-rule.ts';
import { addSharedRule, changeSharedRule, findSharedRule } from './store.ts';

/** Sets what holds for every agent whose owner wants no more. It binds from the next credential that is seen twice. */
export function setSharedRule(
  ground: Ground,
  by: PersonCaller,
  wanted: Pick<SharedRule, 'whenShared' | 'reason'>,
): Promise<{ rule: SharedRule; entry: EntryId }> {
  return span('identity/set-shared-rule', async () => {
    requireRole(by, 'administrator');
    const before = await findSharedRule(ground, by.tenant);
    const rule: SharedRule = { name: 'default', ...wanted, setAt: ground.clock(), setBy: by.person };
    const entry = await record(ground, by, {
      kind: 'identity.when-shared-default-set',
      keys: [],
      changes: [before === undefined ? addSharedRule(rule) : changeSharedRule(before, rule)],
      detail: { rule, before: before ?? null },
    });
    return { rule, entry };
  });
}
