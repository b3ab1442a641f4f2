import { entry, type Ground, insert, type PersonCaller, span } from '../foundation/index.ts';
import { type PurposeType, purposeTypes } from './store.ts';

export function definePurposeType(
  ground: Ground,
  caller: PersonCaller,
  input: Pick<PurposeType, 'name' | 'says'>,
): Promise<PurposeType> {
  return span('tasks/define-purpose-type', async () => {
    const row: PurposeType = { ...input, state: 'active' };
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [insert(purposeTypes, row)],
      entries: [entry({ id: ground.newId('entry'), kind: 'task.purpose-defined', who: caller.who, detail: row })],
    });
    return row;
  });
}
