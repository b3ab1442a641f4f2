import type { EnforcementPointId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireRole } from './person.ts';
import { record } from './record.ts';
import { findEnforcementPoint, retireEnforcementPointRow } from './store.ts';

/** From here on the gate is answered like a stranger. */
export function retireEnforcementPoint(
  ground: Ground,
  by: PersonCaller,
  id: EnforcementPointId,
): Promise<{ entry: EntryId }> {
  return span('identity/retire-enforcement-point', async () => {
    requireRole(by, 'administrator');
    const point = await findEnforcementPoint(ground, by.tenant, id);
    if (point === undefined) throw refuse('thing.not_found', `no enforcement point ${id}`);
    const entry = await record(ground, by, {
      kind: 'identity.enforcement-point-retired',
      keys: [`ambit:enforcement-point/${id}`],
      changes: [retireEnforcementPointRow(id)],
      detail: { point: id, name: point.name },
    });
    return { entry };
  });
}
