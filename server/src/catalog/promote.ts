import type { EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import type { Action } from './action.ts';
import { effective, fresh } from './classify.ts';
import { formOf } from './path-template.ts';
import { recordChange, requireApi } from './record-change.ts';
import { actionsMax, addRecord, changeApi, findUnmatched, listRecords, removeUnmatched } from './store.ts';
import { proposeAction } from './unmatched.ts';

/** A person turns calls that matched nothing into an action. It starts out with the strictest classification. */
export function promoteUnmatched(
  ground: Ground,
  by: PersonCaller,
  ask: { readonly group: string; readonly operation?: string | undefined },
): Promise<{ action: Action; entry: EntryId }> {
  return span('catalog/promote', async () => {
    const group = await findUnmatched(ground, by.tenant, ask.group);
    if (group === undefined) throw refuse('thing.not_found', `no unmatched group ${ask.group.slice(0, 40)}`);
    const api = await requireApi(ground, by, group.api);
    const shape = proposeAction(group, ask.operation);
    if (shape === undefined) throw refuse('catalog.overlay_invalid', `${group.shape} is no path template`);
    const records = await listRecords(ground, by.tenant, api.name);
    if (records.length >= actionsMax) throw refuse('catalog.too_many', `${api.name} has ${records.length} actions`);
    const form = shape.template.map(formOf).join('/');
    const twin = records.find(
      ({ shape: one, gone }) =>
        one.id === shape.id || (!gone && one.method === shape.method && one.template.map(formOf).join('/') === form),
    );
    if (twin !== undefined)
      throw refuse(
        'thing.exists',
        `${twin.shape.id} is there`,
        `${twin.shape.id} has that name, or matches those calls already.`,
      );
    const record = fresh(shape, {}, 'promoted');
    const entry = await recordChange(ground, by, {
      kind: 'catalog.promoted',
      keys: [`catalog:api/${api.name}`],
      changes: [changeApi({ ...api, revision: api.revision + 1 }), addRecord(record), removeUnmatched(group.id)],
      detail: { action: shape.id, method: group.method, shape: group.shape, count: group.count },
    });
    return { action: effective(record), entry };
  });
}
