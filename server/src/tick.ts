import type { TenantId } from '@ambit/protocol';
import type { Ground } from './foundation/index.ts';
import { listTenants } from './identity/index.ts';

const tickMilliseconds = 1000;
const tenantsPerPage = 1000;

/** One page after the other: a plane may have more than fit into one. */
export async function* everyTenant(ground: Ground) {
  let page = await listTenants(ground, { limit: tenantsPerPage });
  while (page.length > 0) {
    yield* page;
    page = await listTenants(ground, { limit: tenantsPerPage, after: page.at(-1)?.id ?? '' });
  }
}

type Upkeep = { readonly tenant: (tenant: TenantId) => Promise<void>; readonly plane: () => Promise<void> };

/** The plane's own upkeep, for every tenant in turn. The first tick is start-up: what was left open is taken up again. */
export function startTicking(ground: Ground, upkeep: Upkeep): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let current = Promise.resolve();
  const failed = (of: string) => (error: unknown) =>
    console.error(`upkeep of ${of} failed, and is tried again:`, error instanceof Error ? error.message : error);
  const once = async () => {
    // One tenant's trouble holds up nobody else's upkeep, nor the checkpoints of the log they share.
    for await (const tenant of everyTenant(ground)) {
      if (stopped) return;
      await upkeep.tenant(tenant.id).catch(failed(tenant.id));
    }
    await upkeep.plane();
  };
  const next = () => {
    current = once()
      .catch(failed('the plane'))
      .finally(() => {
        if (!stopped) timer = setTimeout(next, tickMilliseconds);
      });
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}
