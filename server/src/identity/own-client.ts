import type { Authority } from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import { type Ground, type PersonCaller, Refusal, refuse, span } from '../foundation/index.ts';
import { tooOldAt } from './age.ts';
import { type Agent, kindOf } from './agent.ts';
import { moveAgent } from './move-agent.ts';
import type { Person } from './person.ts';
import { agentResource, personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { addAgent, addSubject, listAgeLimits, listAgents, personStands } from './store.ts';

const purpose = 'Does what its owner does by hand in the console. It has no key: no program can be it.';
const lifeMs = 365 * 86_400_000;
const liveTasksMax = 20;
const agentsMax = 1000;

/** Where a person acts, and what they have to be able to do there. */
export type OwnPlace = Pick<Agent, 'environment' | 'zone'> & { readonly covers: Authority };

/**
 * The person's own client (of the kind `client`) by which they act themselves, registered when it is first needed. Its
 * ceiling is what they may delegate, and it has no keys: nobody but its owner, in a session, makes a call by it.
 */
export function ownClient(ground: Ground, by: PersonCaller, place: OwnPlace): Promise<Agent> {
  return span('identity/own-client', async () => {
    const owner = await requirePerson(ground, by.tenant, by.person);
    const beyond = whyBeyond(owner, place.covers);
    if (beyond !== null) throw refuse('task.beyond_delegable', beyond, beyond);
    const known = await findOwnClient(ground, by, place);
    if (known !== undefined) return known;
    const id = ground.newId('agent');
    try {
      return await register(ground, by, owner, { ...place, id, name: nameFor(owner) });
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'thing.exists') throw error;
      // Another person is called the same, or this one acts in another place too, or at this very moment.
      const name = `${nameFor(owner)} ${id.slice(-5)}`;
      return (await findOwnClient(ground, by, place)) ?? register(ground, by, owner, { ...place, id, name });
    }
  });
}

/** Why that person may not do this themselves; null where they may. */
export function whyBeyond({ id, delegable }: Pick<Person, 'id' | 'delegable'>, covers: Authority): string | null {
  const within = narrows(covers, delegable, 'what you may delegate');
  if (within.narrower) return null;
  return `${within.says} Whoever may has to do it, or an administrator widens that: ambit person delegable ${id} <file>.`;
}

const prefix = 'console of ';
const nameFor = ({ name }: Person): string => `${prefix}${name}`.slice(0, 58);

/** Such a name says that a person acts by hand: no program is registered by one. THREATS: lying-text. */
export const isNameOfClient = (name: string): boolean => name.toLowerCase().startsWith(prefix);

async function findOwnClient(ground: Ground, { tenant, person }: PersonCaller, place: OwnPlace) {
  const now = ground.clock();
  const owned = (await listAgents(ground, tenant, { owner: person, limit: agentsMax })).filter(
    (agent) =>
      kindOf(agent) === 'client' &&
      agent.purpose === purpose &&
      now < agent.expiresAt &&
      agent.environment === place.environment &&
      agent.zone === place.zone,
  );
  // Whoever stopped it meant what it does, and not its name: another one would go on.
  const stopped = owned.find(({ state }) => state === 'suspended');
  if (stopped !== undefined)
    throw refuse(
      'agent.not_active',
      `${stopped.id} is suspended`,
      `Your own client, ${stopped.name}, is suspended. Let it act again first, by ambit agent resume or on its page.`,
    );
  return owned.find(({ state, ceiling }) => state === 'active' && narrows(place.covers, ceiling).narrower);
}

type Registering = OwnPlace & Pick<Agent, 'id' | 'name'>;

async function register(
  ground: Ground,
  by: PersonCaller,
  owner: Person,
  { id, name, environment, zone }: Registering,
): Promise<Agent> {
  const ages = await listAgeLimits(ground, by.tenant);
  const createdAt = ground.clock();
  const agent: Agent = {
    id,
    name,
    kind: 'client',
    owner: owner.id,
    team: 'console',
    purpose,
    environment,
    zone,
    expiresAt: Math.min(createdAt + lifeMs, tooOldAt(ages, 'agent', createdAt)),
    ceiling: owner.delegable,
    liveTasksMax,
    state: 'draft',
    createdBy: owner.id,
    createdAt,
    activeSince: null,
    whenShared: null,
    epoch: 0,
  };
  await record(ground, by, {
    kind: 'identity.agent-registered',
    keys: [agentResource(agent.id), personResource(owner.id)],
    checks: [personStands(owner)],
    changes: [addAgent(agent), addSubject(agent.id, by.tenant)],
    detail: { agent },
  });
  return (await moveAgent(ground, by, agent, 'activate', 'Its owner acts by hand.')).agent;
}
