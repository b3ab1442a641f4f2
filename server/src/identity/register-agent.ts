import type { Authority, EntryId, PersonId, WorkloadKind } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { type AgeLimit, tooOldAt } from './age.ts';
import type { Agent } from './agent.ts';
import { isNameOfClient } from './own-client.ts';
import { requireMayOwnAgents, requireRole } from './person.ts';
import { agentResource, personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { addAgent, addSubject, listAgeLimits, personStands } from './store.ts';

export type NewAgent = Pick<
  Agent,
  'name' | 'team' | 'purpose' | 'environment' | 'zone' | 'expiresAt' | 'liveTasksMax'
> & {
  readonly ceiling: Authority;
  /** An agent unless given. */
  readonly kind?: WorkloadKind;
  /** The caller, unless an administrator names another person. */
  readonly owner?: PersonId | undefined;
};

const notOfAProgram = 'A name that begins with "console of" says that a person acts by hand: choose another one.';

/** Registers an agent as a draft: it has no power until its owner activates it. */
export function registerAgent(
  ground: Ground,
  by: PersonCaller,
  input: NewAgent,
): Promise<{ agent: Agent; entry: EntryId }> {
  return span('identity/register-agent', async () => {
    const owner = input.owner ?? by.person;
    requireRole(by, owner === by.person ? 'owner' : 'administrator');
    const answers = await requirePerson(ground, by.tenant, owner);
    requireMayOwnAgents(answers);
    if (isNameOfClient(input.name))
      throw refuse('request.malformed', `${input.name} is the name of a person’s own client`, notOfAProgram);
    const ages = await listAgeLimits(ground, by.tenant);
    const agent = draft(ground, by.person, { ...input, owner }, ages);
    const entry = await record(ground, by, {
      kind: 'identity.agent-registered',
      keys: [agentResource(agent.id), personResource(owner)],
      checks: [personStands(answers)],
      changes: [addAgent(agent), addSubject(agent.id, by.tenant)],
      detail: { agent },
    });
    return { agent, entry };
  });
}

function draft(
  ground: Ground,
  createdBy: PersonId,
  input: NewAgent & { readonly owner: PersonId },
  ages: readonly AgeLimit[],
): Agent {
  const { name, kind = 'agent', owner, team, purpose, environment, zone, expiresAt, ceiling, liveTasksMax } = input;
  const createdAt = ground.clock();
  if (expiresAt <= createdAt)
    throw refuse('request.malformed', 'expiresAt has passed', 'expiresAt must lie in the future.');
  return {
    id: ground.newId('agent'),
    name,
    kind,
    owner,
    team,
    purpose,
    environment,
    zone,
    expiresAt: Math.min(expiresAt, tooOldAt(ages, 'agent', createdAt)),
    ceiling,
    liveTasksMax,
    state: 'draft',
    createdBy,
    createdAt,
    activeSince: null,
    whenShared: null,
    epoch: 0,
  };
}
