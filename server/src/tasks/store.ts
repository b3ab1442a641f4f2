import {
  type ApprovalId,
  type ElevationId,
  type EntryId,
  type PersonId,
  parseId,
  type RememberedId,
  type TaskId,
  type TemplateId,
  type TenantId,
} from '@ambit/protocol';
import type { PurposeType } from '@ambit/protocol/wire';
import { type Check, check, type Fields, type Ground, type Table, table } from '../foundation/index.ts';
import { aged, listAgeLimits } from '../identity/index.ts';
import type { Elevation } from './elevation.ts';
import type { Remembered } from './remembered.ts';
import { type Chain, depthMax, type Task } from './task.ts';
import type { Template } from './template.ts';

export type { PurposeType };

export const tasks: Table<Task> = table<Task>('tasks', {
  columns: {
    id: 'text',
    parent: 'text',
    root: 'text',
    depth: 'integer',
    requester: 'text',
    agent: 'text',
    purposeType: 'text',
    purposeText: 'text',
    authority: 'json',
    origin: 'json',
    template: 'text',
    state: 'text',
    epoch: 'integer',
    openedAt: 'integer',
    expiresAt: 'integer',
    acceptedJkt: 'text',
    acceptedKey: 'text',
    endedAt: 'integer',
    endedBecause: 'text',
    delegates: 'json',
    authenticated: 'json',
  },
  key: ['id'],
  added: ['delegates', 'authenticated'],
  indexes: [['root'], ['parent'], ['agent', 'state', 'expiresAt'], ['requester', 'state'], ['state', 'expiresAt']],
  governed: true,
});

/** The newest attempt to take a call back: one row for each call. */
export type Undo = { readonly entry: EntryId; readonly task: TaskId };
export const undos: Table<Undo> = table<Undo>('undos', {
  columns: { entry: 'text', task: 'text' },
  key: ['entry'],
  governed: true,
});

export const findUndo = ({ database }: Ground, tenant: TenantId, entry: EntryId) =>
  database.find(undos, tenant, { entry });

export const elevations: Table<Elevation> = table<Elevation>('elevations', {
  columns: {
    id: 'text',
    task: 'text',
    run: 'text',
    agent: 'text',
    authority: 'json',
    approval: 'text',
    state: 'text',
    grantedAt: 'integer',
    expiresAt: 'integer',
    endedAt: 'integer',
  },
  key: ['id'],
  unique: [['approval']],
  indexes: [['task', 'state'], ['run'], ['state', 'expiresAt']],
  governed: true,
});

export const rememberedAnswers: Table<Remembered> = table<Remembered>('remembered_answers', {
  columns: {
    id: 'text',
    task: 'text',
    run: 'text',
    agent: 'text',
    action: 'text',
    approval: 'text',
    answered: 'text',
    person: 'text',
    bounds: 'json',
    state: 'text',
    rememberedAt: 'integer',
    expiresAt: 'integer',
    endedAt: 'integer',
  },
  key: ['id'],
  unique: [['approval']],
  indexes: [['task', 'state'], ['run'], ['person', 'state'], ['state', 'expiresAt']],
  governed: true,
});

export const templates: Table<Template> = table<Template>('task_templates', {
  columns: {
    id: 'text',
    name: 'text',
    purposeType: 'text',
    grants: 'json',
    parameters: 'json',
    ttlSecondsMax: 'integer',
    state: 'text',
  },
  key: ['id'],
  unique: [['name']],
  governed: true,
});
export const purposeTypes: Table<PurposeType> = table<PurposeType>('purpose_types', {
  columns: { name: 'text', says: 'text', state: 'text' },
  key: ['name'],
  governed: true,
});

/** The task as it holds now: one that is too old has ended when it became so. */
export async function findTask(ground: Ground, tenant: TenantId, id: TaskId): Promise<Task | undefined> {
  const row = await ground.database.find(tasks, tenant, { id });
  return row && aged(row, await listAgeLimits(ground, tenant), 'task', row.openedAt);
}

/** The task and its ancestors; undefined where any of them is missing, since a broken chain holds no authority. */
export async function findChain(ground: Ground, tenant: TenantId, id: TaskId): Promise<Chain | undefined> {
  const first = await findTask(ground, tenant, id);
  if (first === undefined) return undefined;
  const chain: [Task, ...Task[]] = [first];
  for (let link = first; link.parent !== null; ) {
    const above = chain.length > depthMax ? undefined : await findTask(ground, tenant, link.parent);
    if (above === undefined) return undefined;
    chain.push(above);
    link = above;
  }
  return chain;
}

/** The task that another node changed, where it is one. */
export const taskIn = (change: { readonly table: string; readonly key: Fields }): TaskId | undefined =>
  change.table === tasks.name ? parseId('task', change.key.id) : undefined;

/** Every task of a run, the root first. */
export async function tasksOfRun(ground: Ground, tenant: TenantId, root: TaskId): Promise<Task[]> {
  const run = await ground.database.list(tasks, tenant, {
    where: { root },
    order: ['openedAt', 'asc'],
    limit: pageMax,
  });
  // A parent and its child may be of one millisecond.
  return run.sort((a, b) => a.openedAt - b.openedAt || a.depth - b.depth);
}

const pageMax = 10_000;
/** So that a question has an end, however wide a tree is. */
const askedAtOnceMax = 200;

/** Every task below these, whatever its state, each after the one it was handed on from. */
export async function tasksBelow(ground: Ground, tenant: TenantId, tops: readonly TaskId[]): Promise<Task[]> {
  const found: Task[] = [];
  let above = tops;
  for (let depth = 0; above.length > 0 && depth <= depthMax; depth++) {
    const level: Task[] = [];
    for (let i = 0; i < above.length; i += askedAtOnceMax) {
      level.push(...(await childrenOf(ground, tenant, above.slice(i, i + askedAtOnceMax))));
    }
    found.push(...level.sort((a, b) => a.openedAt - b.openedAt));
    above = level.map(({ id }) => id);
  }
  return found;
}

async function childrenOf({ database }: Ground, tenant: TenantId, parent: readonly TaskId[]): Promise<Task[]> {
  const found: Task[] = [];
  for (let page: Task[] | undefined; page === undefined || page.length === pageMax; found.push(...page)) {
    const after = page?.at(-1)?.id;
    const more = after === undefined ? {} : { after };
    page = await database.list(tasks, tenant, { where: { parent }, order: ['id', 'asc'], limit: pageMax, ...more });
  }
  return found;
}

export function tasksOfAgent(
  ground: Ground,
  tenant: TenantId,
  agent: Task['agent'],
  states: Task['state'][],
): Promise<Task[]> {
  return ground.database.list(tasks, tenant, { where: { agent, state: states }, limit: pageMax });
}

export const newestTasksOfAgent = ({ database }: Ground, tenant: TenantId, agent: Task['agent'], limit: number) =>
  database.list(tasks, tenant, { where: { agent }, order: ['openedAt', 'desc'], limit });

/** How many of the agent's tasks are live. */
export function countLiveTasks({ database, clock }: Ground, tenant: TenantId, agent: Task['agent']): Promise<number> {
  const where = { agent, state: ['approved', 'active'] } as const;
  return database.count(tasks, tenant, { where, order: ['expiresAt', 'asc'], after: clock() });
}

export function tasksOfRequester(
  ground: Ground,
  tenant: TenantId,
  requester: PersonId,
  states?: Task['state'][],
): Promise<Task[]> {
  if (states === undefined)
    return ground.database.list(tasks, tenant, { where: { requester }, order: ['openedAt', 'desc'], limit: 1000 });
  return ground.database.list(tasks, tenant, { where: { requester, state: states }, limit: 10_000 });
}

export function findTemplate(ground: Ground, tenant: TenantId, id: TemplateId): Promise<Template | undefined> {
  return ground.database.find(templates, tenant, { id });
}

/** What stands beside the authority of these tasks, as their rows say; some may have run out since. */
export async function standingElevations(
  { database }: Pick<Ground, 'database'>,
  tenant: TenantId,
  of: readonly TaskId[],
): Promise<readonly Elevation[]> {
  const found: Elevation[] = [];
  for (let i = 0; i < of.length; i += askedAtOnceMax) {
    const where = { task: of.slice(i, i + askedAtOnceMax), state: 'standing' } as const;
    found.push(...(await database.list(elevations, tenant, { where, limit: 10_000 })));
  }
  return found;
}

/** Every elevation that a run had, the oldest first. */
export const elevationsOfRun = ({ database }: Ground, tenant: TenantId, run: TaskId): Promise<Elevation[]> =>
  database.list(elevations, tenant, { where: { run }, order: ['grantedAt', 'asc'], limit: 1000 });

export const findElevation = ({ database }: Ground, tenant: TenantId, id: ElevationId) =>
  database.find(elevations, tenant, { id });

export async function elevationOfApproval({ database }: Ground, tenant: TenantId, approval: ApprovalId) {
  return (await database.list(elevations, tenant, { where: { approval }, limit: 1 }))[0];
}

/** What must still be so where a unit relies on it. */
export const elevationStands = ({ id }: Pick<Elevation, 'id'>): Check =>
  check(elevations, { id }, { state: 'standing' }, 'state.changed');

/** Yeses that are remembered for these tasks, as their rows say; some may have run out since. */
export async function standingRemembered(
  { database }: Pick<Ground, 'database'>,
  tenant: TenantId,
  of: readonly TaskId[],
): Promise<readonly Remembered[]> {
  const found: Remembered[] = [];
  for (let i = 0; i < of.length; i += askedAtOnceMax) {
    const where = { task: of.slice(i, i + askedAtOnceMax), state: 'standing' } as const;
    found.push(...(await database.list(rememberedAnswers, tenant, { where, limit: 10_000 })));
  }
  return found;
}

/** Every yes that was remembered in a run, the oldest first. */
export const rememberedOfRun = ({ database }: Ground, tenant: TenantId, run: TaskId): Promise<Remembered[]> =>
  database.list(rememberedAnswers, tenant, { where: { run }, order: ['rememberedAt', 'asc'], limit: 1000 });

/** What a person had remembered and still stands. */
export const rememberedBy = ({ database }: Ground, tenant: TenantId, person: PersonId): Promise<Remembered[]> =>
  database.list(rememberedAnswers, tenant, { where: { person, state: 'standing' }, limit: 1000 });

export const findRemembered = ({ database }: Ground, tenant: TenantId, id: RememberedId) =>
  database.find(rememberedAnswers, tenant, { id });

/** What must still be so where a call is admitted by it. */
export const rememberedStands = ({ id, bounds }: Pick<Remembered, 'id' | 'bounds'>): Check =>
  check(rememberedAnswers, { id }, { state: 'standing', bounds }, 'state.changed');
