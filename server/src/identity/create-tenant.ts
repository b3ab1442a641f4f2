import type { EntryId } from '@ambit/protocol';
import { type Ground, planeItself, span } from '../foundation/index.ts';
import { record } from './record.ts';
import { addTenant } from './store.ts';
import type { Tenant } from './tenant.ts';

/** Makes an organisation, empty. Only the plane's own start-up and its operator's shell call this: it has no route. */
export function createTenant(ground: Ground, name: string): Promise<{ tenant: Tenant; entry: EntryId }> {
  return span('identity/create-tenant', async () => {
    const tenant: Tenant = {
      id: ground.newId('tenant'),
      name,
      createdAt: ground.clock(),
      firstAdministrator: null,
      administratorsEpoch: 0,
    };
    const entry = await record(
      ground,
      { tenant: tenant.id, who: planeItself },
      {
        kind: 'identity.tenant-created',
        keys: [`ambit:tenant/${tenant.id}`],
        changes: [addTenant(tenant)],
        detail: { name },
      },
    );
    return { tenant, entry };
  });
}
