import type { TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { findChain, type Task } from '../tasks/index.ts';

/** Those of the tasks that lie below none of the others: ending them ends them all, each once. */
export async function topsAmong(ground: Ground, tenant: TenantId, given: readonly Task[]): Promise<Task[]> {
  const ids = new Set(given.map((task) => task.id));
  const chains = await Promise.all(given.map((task) => findChain(ground, tenant, task.id)));
  // A broken chain has no ancestors to be ended by: the task is ended by itself.
  return given.filter((_, i) => !chains[i]?.slice(1).some((above) => ids.has(above.id)));
}
