import type { PersonId } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { type Agent, listActiveStandingGrants, listAgents, revokeStandingGrantRow } from '../identity/index.ts';
import { tasksOfAgent, tasksOfRequester } from '../tasks/index.ts';
import { liveTokensOfAgent, revokeTokenRow } from '../tokens/index.ts';
import { type Beside, type Ending, endAll, type Reach } from './end.ts';
import { endedOf, unfinished } from './hanging.ts';
import { topsAmong } from './tops.ts';

/**
 * Ends, in one unit, everything that stands on a person who was disabled: the tasks they asked for, all tasks and tokens
 * of the agents they own, and the standing grants they signed. One entry lists it, and names the agents that are left
 * without an owner.
 */
export function endPerson(
  reach: Reach,
  by: Pick<PersonCaller, 'tenant' | 'who'>,
  { person, reason }: { readonly person: PersonId; readonly reason: string },
): Promise<Ending> {
  return span('endings/end-person', async () => {
    const { ground } = reach;
    const { tenant } = by;
    const tops = async () => {
      const owned = await ownedBy(ground, by.tenant, person);
      const lists = await Promise.all([
        tasksOfRequester(ground, tenant, person, unfinished),
        ...owned.map((agent) => tasksOfAgent(ground, tenant, agent.id, unfinished)),
      ]);
      return topsAmong(ground, tenant, [...new Map(lists.flat().map((task) => [task.id, task])).values()]);
    };
    const cause = { state: 'revoked', who: by.who, because: reason } as const;
    return endAll(reach, tenant, tops, () => cause, {
      beside: () => besidePerson(ground, by, person),
      tell: (sum) =>
        entry({
          id: ground.newId('entry'),
          kind: 'person.ended',
          who: by.who,
          keys: [`ambit:person/${person}`],
          code: 'disabled',
          detail: { person, because: reason, ...sum },
        }),
    });
  });
}

async function besidePerson(
  ground: Ground,
  { tenant }: Pick<PersonCaller, 'tenant'>,
  person: PersonId,
): Promise<Beside> {
  const owned = await ownedBy(ground, tenant, person);
  const tokens = (await Promise.all(owned.map((agent) => liveTokensOfAgent(ground, tenant, agent.id)))).flat();
  const grants = (await Promise.all(owned.map((agent) => listActiveStandingGrants(ground, tenant, agent.id)))).flat();
  const signed = grants.filter((grant) => grant.owner === person);
  return {
    changes: [...tokens.map(revokeTokenRow), ...signed.map((grant) => revokeStandingGrantRow(grant.id))],
    ended: [
      ...endedOf({ tasks: [], tokens, approvals: [] }),
      ...signed.map((grant) => ({ kind: 'standing-grant', id: grant.id, of: grant.agent }) as const),
    ],
    left: owned.map((agent) => ({ kind: 'agent', id: agent.id, of: person })),
  };
}

const ownedMax = 10_000;

/** Whatever state they are in, short of retired. */
async function ownedBy(ground: Ground, tenant: PersonCaller['tenant'], owner: PersonId): Promise<Agent[]> {
  const owned = await listAgents(ground, tenant, { owner, limit: ownedMax });
  return owned.filter((agent) => agent.state !== 'retired');
}
