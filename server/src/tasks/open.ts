import type { AgentId, Authority, TaskId, TemplateId, TenantId } from '@ambit/protocol';
import { parseAuthority } from '../authority/index.ts';
import type { Action } from '../catalog/index.ts';
import { type AgentCaller, check, type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import {
  type Agent,
  findAgent,
  findPerson,
  kindOf,
  type LiveStandingGrant,
  listAgeLimits,
  liveStandingGrants,
  type Person,
  requireActsFor,
  standingGrantStands,
  tooOldAt,
} from '../identity/index.ts';
import { authenticatedBy } from './authenticate.ts';
import { commitOpened } from './commit-opened.ts';
import { isWithin, requireNarrower } from './require-narrower.ts';
import { openWithRoom, roomOfAgent, roomUnderGrant } from './room.ts';
import { findChain, findTemplate, purposeTypes, tasks } from './store.ts';
import { type Chain, isLive, type Task } from './task.ts';
import { fillTemplate, type Template } from './template.ts';
import { unknownPart } from './unknown-part.ts';

export type OpenTask = {
  readonly agent: AgentId;
  readonly purpose: { readonly type: string; readonly text: string };
  readonly ttlSeconds: number;
  /** Which agents may take over part of it; any, unless said. */
  readonly delegates?: readonly AgentId[] | undefined;
  readonly authority?: unknown;
  /** A live task of the same agent and key: what is opened belongs to its run, and ends no later. For an agent's own alone. */
  readonly beside?: TaskId | undefined;
  readonly template?: { readonly id: TemplateId; readonly parameters: Readonly<Record<string, string>> };
};

export type OpenLimits = {
  readonly taskTtlSecondsMax: number;
  /** The catalog as it is now, so that a person hears early of a task that could never work. It permits nothing. */
  readonly actions?: (tenant: TenantId) => Promise<ReadonlyMap<string, Action>>;
};

/**
 * A person opens a task in their own name: the session they proved is the proof.
 * INVARIANT (asked): a task names a person only with that person's proof.
 */
export function openTask(ground: Ground, caller: PersonCaller, input: OpenTask, limits: OpenLimits): Promise<Task> {
  return span('tasks/open', async () => {
    const { task, agent } = await draftAskedTask(ground, caller, input, limits);
    await openWithRoom(ground, caller.tenant, [roomOfAgent(agent)], (changes) =>
      commitOpened(ground, caller.tenant, { ...caller.who, kind: kindOf(agent) }, task, { changes }),
    );
    return task;
  });
}

/** What a person may open in their own name: within what they may delegate, and within the agent's ceiling. */
export async function draftAskedTask(
  ground: Ground,
  caller: PersonCaller,
  input: OpenTask,
  limits: OpenLimits,
): Promise<{ readonly task: Task; readonly agent: Agent }> {
  const person = await requirePerson(ground, caller);
  const agent = await requireAgent(ground, caller.tenant, input.agent);
  requireActsFor(agent, caller.person);
  const { authority, template } = await authorityOf(ground, caller.tenant, input);
  await requireKnown(authority, caller.tenant, limits);
  requireNarrower(authority, person.delegable, 'task.beyond_delegable', 'what you may delegate');
  requireNarrower(authority, agent.ceiling, 'task.beyond_ceiling', `the ceiling of ${agent.name}`);
  const draft = await taskDraft(ground, caller.tenant, input, agent, limitsWith(template, limits));
  const task: Task = {
    ...draft,
    requester: caller.person,
    authority,
    template: template?.id ?? null,
    origin: { by: 'person', proof: caller.who.proof },
    authenticated: authenticatedBy(caller),
  };
  return { task, agent };
}

/**
 * An agent opens a task unasked, within a grant that its owner signed; the agent itself is the requester.
 * INVARIANT (asked): nothing in the input can name a person.
 */
export function openOwnTask(ground: Ground, caller: AgentCaller, input: OpenTask, limits: OpenLimits): Promise<Task> {
  return span('tasks/open', async () => {
    if (input.agent !== caller.agent) {
      throw refuse('task.not_yours', `${caller.agent} tried to open a task for ${input.agent}`);
    }
    const { task: draft, agent, grant } = await draftOwnTask(ground, caller.tenant, input, limits);
    const beside = input.beside === undefined ? null : await requireBeside(ground, caller, input.beside);
    const task: Task = {
      ...draft,
      root: beside?.[0].root ?? draft.root,
      expiresAt: Math.min(draft.expiresAt, ...(beside ?? []).map((link) => link.expiresAt)),
    };
    const checks = [standingGrantStands(grant.row), ...(beside ?? []).map(stillLive)];
    await openWithRoom(ground, caller.tenant, [roomOfAgent(agent), roomUnderGrant(grant)], (changes) =>
      commitOpened(ground, caller.tenant, caller.who, task, { checks, changes }),
    );
    return task;
  });
}

/** A task that nobody asked for, and what it stands on. */
export type OwnTask = { readonly task: Task; readonly agent: Agent; readonly grant: LiveStandingGrant };

/** What an agent may open by itself: within its ceiling, what its owner may delegate, and what the owner signed. */
export async function draftOwnTask(
  ground: Ground,
  tenant: TenantId,
  input: OpenTask,
  limits: OpenLimits,
): Promise<OwnTask> {
  const agent = await requireAgent(ground, tenant, input.agent);
  requireActsFor(agent, null);
  const { authority, template } = await authorityOf(ground, tenant, input);
  requireNarrower(authority, agent.ceiling, 'task.beyond_ceiling', `the ceiling of ${agent.name}`);
  const owner = await findPerson(ground, tenant, agent.owner);
  const { name } = owner ?? { name: 'its owner' };
  requireNarrower(authority, owner?.delegable ?? [], 'task.beyond_delegable', `what ${name} may delegate`);
  const grant = await standingGrantFor(ground, tenant, agent, authority);
  const draft = await taskDraft(ground, tenant, input, agent, limitsWith(template, limits));
  const task: Task = {
    ...draft,
    template: template?.id ?? null,
    expiresAt: Math.min(draft.expiresAt, grant.expiresAt, draft.openedAt + grant.taskSecondsMax * 1000),
    authority,
    origin: { by: 'standing-grant', grant: grant.id },
  };
  return { task, agent, grant };
}

const stillLive = ({ id, state, epoch }: Task) => check(tasks, { id }, { state, epoch }, 'task.ended');

/**
 * Mixed work: in one run an agent acts on behalf of a person in one step and by itself in the next, each under a task of
 * its own. Neither lends the other anything: what the agent does by itself stands on what its owner signed.
 */
async function requireBeside(ground: Ground, caller: AgentCaller, id: TaskId): Promise<Chain> {
  const chain = await findChain(ground, caller.tenant, id);
  // What belongs to others looks like what does not exist; and a copy of the agent's key finds the task taken.
  if (chain?.[0].agent !== caller.agent || chain[0].acceptedJkt !== caller.jkt)
    throw refuse('thing.not_found', `no task ${id} that ${caller.agent} accepted with ${caller.jkt}`);
  if (chain.every((link) => isLive(link, ground.clock()))) return chain;
  throw refuse('task.ended', `task ${id} or one above it has ended`);
}

async function requirePerson(ground: Ground, caller: PersonCaller): Promise<Person> {
  const person = await findPerson(ground, caller.tenant, caller.person);
  if (person?.state === 'active') return person;
  throw refuse('caller.not_allowed', `person ${caller.person} is not active`);
}

export async function requireKnown(authority: Authority, tenant: TenantId, { actions }: OpenLimits): Promise<void> {
  const says = actions && unknownPart(authority, await actions(tenant));
  if (says !== undefined) throw refuse('task.not_in_catalog', says, says);
}

async function requireAgent(ground: Ground, tenant: TenantId, id: AgentId): Promise<Agent> {
  const agent = await findAgent(ground, tenant, id);
  if (agent === undefined) throw refuse('thing.not_found', `no agent ${id}`);
  if (agent.state === 'active' && ground.clock() < agent.expiresAt) return agent;
  throw refuse(
    'task.agent_not_active',
    `agent ${id} is ${agent.state}, until ${new Date(agent.expiresAt).toISOString()}`,
  );
}

async function authorityOf(
  ground: Ground,
  tenant: TenantId,
  input: OpenTask,
): Promise<{ authority: Authority; template?: Template }> {
  if (input.template === undefined) return { authority: parseAuthority(input.authority) };
  if (input.authority !== undefined) {
    throw refuse('request.malformed', 'both authority and template', 'Send either authority or a template, not both.');
  }
  const template = await findTemplate(ground, tenant, input.template.id);
  if (template?.state !== 'active') throw refuse('thing.not_found', `no active template ${input.template.id}`);
  if (template.purposeType !== input.purpose.type) {
    throw refuse('task.purpose_unknown', `template ${template.name} is for ${template.purposeType}`);
  }
  return { authority: parseAuthority(fillTemplate(template, input.template.parameters)), template };
}

/** A task from a template lives no longer than the template says. */
function limitsWith(template: Template | undefined, { taskTtlSecondsMax }: OpenLimits): OpenLimits {
  return { taskTtlSecondsMax: Math.min(taskTtlSecondsMax, template?.ttlSecondsMax ?? taskTtlSecondsMax) };
}

async function standingGrantFor(ground: Ground, tenant: TenantId, agent: Agent, authority: Authority) {
  const grants = await liveStandingGrants(ground, tenant, agent.id);
  if (grants.length === 0) throw refuse('task.no_standing_grant', `agent ${agent.id} has no live standing grant`);
  const fitting = grants.find((grant) => isWithin(authority, grant.authority));
  if (fitting !== undefined) return fitting;
  throw refuse('task.beyond_standing_grant', `no standing grant of ${agent.id} covers the task`);
}

async function taskDraft(
  ground: Ground,
  tenant: TenantId,
  input: OpenTask,
  agent: Agent,
  limits: OpenLimits,
): Promise<Task> {
  const type = await ground.database.find(purposeTypes, tenant, { name: input.purpose.type });
  if (type?.state !== 'active') throw refuse('task.purpose_unknown', `no purpose type ${input.purpose.type}`);
  const id = ground.newId('task');
  const ages = await listAgeLimits(ground, tenant);
  const openedAt = ground.clock();
  return {
    id,
    parent: null,
    root: id,
    depth: 0,
    requester: null,
    agent: agent.id,
    purposeType: input.purpose.type,
    purposeText: input.purpose.text,
    authority: [],
    origin: { by: 'person', proof: 'none' },
    template: null,
    authenticated: null,
    delegates: await knownDelegates(ground, tenant, input.delegates),
    state: 'approved',
    epoch: 1,
    openedAt,
    expiresAt: Math.min(
      openedAt + Math.min(input.ttlSeconds, limits.taskTtlSecondsMax) * 1000,
      agent.expiresAt,
      tooOldAt(ages, 'task', openedAt),
    ),
    acceptedJkt: null,
    acceptedKey: null,
    endedAt: null,
    endedBecause: null,
  };
}

/** A name that nobody has would let nobody take over, and look like a restriction that somebody meant. */
async function knownDelegates(ground: Ground, tenant: TenantId, delegates: readonly AgentId[] | undefined) {
  if (delegates === undefined) return null;
  for (const id of delegates) {
    if ((await findAgent(ground, tenant, id)) === undefined) throw refuse('thing.not_found', `no agent ${id}`);
  }
  return [...new Set(delegates)];
}
