import { parseId, type TenantId } from '@ambit/protocol';
import type { Ground } from './foundation/index.ts';
import { findAgent, findPerson } from './identity/index.ts';

/** Who those are, for people who read a run. */
export async function namesOf(
  ground: Ground,
  tenant: TenantId,
  ids: readonly string[],
): Promise<Record<string, string>> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const [person, agent] = [parseId('person', id), parseId('agent', id)];
      if (person !== undefined) return (await findPerson(ground, tenant, person))?.name;
      return agent === undefined ? undefined : (await findAgent(ground, tenant, agent))?.name;
    }),
  );
  return Object.fromEntries(ids.flatMap((id, i) => (found[i] === undefined ? [] : [[id, found[i]]])));
}
