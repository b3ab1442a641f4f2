import type { EntryId } from '@ambit/protocol';
import type { Lowered } from '@ambit/protocol/wire';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import type { ActionRecord } from './action.ts';
import { confirmed, effective, fields, isLower } from './classify.ts';
import { recordChange, requireApi, requireRevision } from './record-change.ts';
import { changeApi, changeRecord, listLiving } from './store.ts';

export type { Lowered };

export type Confirmation = {
  readonly api: string;
  /** Actions to confirm; absent: every action of the API. */
  readonly actions?: readonly string[] | undefined;
  /** The API's revision when the person looked at it. */
  readonly revision: number;
};

/** A person confirms what the description proposes. From then on it counts, where it lowers a gate too. */
export function confirmActions(
  ground: Ground,
  by: PersonCaller,
  ask: Confirmation,
): Promise<{ entry: EntryId; confirmed: readonly string[]; lowered: readonly Lowered[] }> {
  return span('catalog/confirm', async () => {
    const { api, after, lowered, released } = await planConfirmation(ground, by, ask);
    const ids = after.map((record) => record.shape.id);
    const entry = await recordChange(ground, by, {
      kind: 'catalog.confirmed',
      keys: [`catalog:api/${api.name}`],
      changes: [changeApi({ ...api, revision: api.revision + 1 }), ...after.map(changeRecord)],
      detail: { api: api.name, actions: ids, lowered, released },
    });
    return { entry, confirmed: ids, lowered };
  });
}

/** What a confirmation would change, and which gates would stand lower for it. */
export async function planConfirmation(ground: Ground, by: PersonCaller, ask: Confirmation) {
  const api = await requireApi(ground, by, ask.api);
  requireRevision(api, ask.revision);
  const chosen = choose(await listLiving(ground, by.tenant, api.name), ask.actions);
  const after = chosen.map((record) => confirmed(record, { person: by.person, at: ground.clock() }));
  const lowered = chosen.flatMap((record, i) => loweredFields(record, after[i] ?? record));
  const released = chosen
    .filter((record) => record.held !== null)
    .map((record) => ({ action: record.shape.id, was: record.held }));
  return { api, after, lowered, released };
}

function choose(records: readonly ActionRecord[], ids: readonly string[] | undefined): ActionRecord[] {
  if (ids === undefined) return [...records];
  const byId = new Map(records.map((record) => [record.shape.id, record]));
  return ids.map((id) => {
    const record = byId.get(id);
    if (record === undefined) throw refuse('thing.not_found', `no action ${id}`, `There is no action ${id}.`);
    return record;
  });
}

/** Gates that stand lower after a person's word, for the entry: what a reviewer looks for first. */
export function loweredFields(before: ActionRecord, after: ActionRecord): Lowered[] {
  const [was, is] = [effective(before), effective(after)];
  return fields.flatMap((field) =>
    isLower(field, was[field], is[field]) ? [{ action: is.id, field, from: was[field], to: is[field] }] : [],
  );
}
