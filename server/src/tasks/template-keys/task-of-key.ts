import type { TenantId } from '@ambit/protocol';
import { type Ground, planeItself, Refusal, span } from '../../foundation/index.ts';
import {
  kindOf,
  liveStandingGrants,
  standingGrantStands,
  type TemplateKey,
  templateKeyStands,
} from '../../identity/index.ts';
import { commitOpened } from '../commit-opened.ts';
import { draftOwnTask, type OpenLimits, type OpenTask } from '../open.ts';
import { openWithRoom, roomOfAgent, roomUnderGrant } from '../room.ts';
import { findTask } from '../store.ts';
import { isLive, type Task } from '../task.ts';
import type { Template } from '../template.ts';
import { templateOfKey } from './key-template.ts';
import { findKeyTask, nameKeyTask } from './store.ts';

/**
 * The task that a static key works under: the one it opened last, while that lives and its standing grant does, or a new one.
 * Such a client cannot ask for a task, so its first call does. INVARIANT (one task): a key has one live task at a time, however
 * many calls come at once.
 */
export function taskOfKey(ground: Ground, tenant: TenantId, key: TemplateKey, limits: OpenLimits): Promise<Task> {
  return span('tasks/task-of-key', async () => {
    const template = await templateOfKey(ground, tenant, key);
    for (let race = 1; ; race++) {
      const last = await findKeyTask(ground, tenant, key.id);
      const task = last && (await findTask(ground, tenant, last.task));
      if (task !== undefined && (await stillServes(ground, tenant, task))) return task;
      try {
        return await open(ground, tenant, { key, template, last }, limits);
      } catch (error) {
        const isOpened = (await findKeyTask(ground, tenant, key.id))?.task !== last?.task;
        if (!(error instanceof Refusal) || !isOpened || race === racesMax) throw error;
      }
    }
  });
}

/** Another call of the same key has opened one meanwhile, whatever this one heard for it: then there is one to take. */
const racesMax = 5;

/** What a task of that key would be. */
export const openingOf = (
  { purposeType, ttlSecondsMax }: Template,
  { agent, purpose, template, parameters }: Pick<TemplateKey, 'agent' | 'purpose' | 'template' | 'parameters'>,
): OpenTask => ({
  agent,
  purpose: { type: purposeType, text: purpose },
  ttlSeconds: ttlSecondsMax,
  template: { id: template, parameters },
  delegates: [],
});

async function stillServes(ground: Ground, tenant: TenantId, task: Task): Promise<boolean> {
  const { origin } = task;
  if (task.state !== 'active' || !isLive(task, ground.clock()) || origin.by !== 'standing-grant') return false;
  return (await liveStandingGrants(ground, tenant, task.agent)).some(({ id }) => id === origin.grant);
}

type Opening = {
  readonly key: TemplateKey;
  readonly template: Template;
  readonly last: Awaited<ReturnType<typeof findKeyTask>>;
};

async function open(
  ground: Ground,
  tenant: TenantId,
  { key, template, last }: Opening,
  limits: OpenLimits,
): Promise<Task> {
  const { task: draft, agent, grant } = await draftOwnTask(ground, tenant, openingOf(template, key), limits);
  // Nobody else can take it: no proof and no certificate has the id of a key as its thumbprint.
  const task: Task = {
    ...draft,
    expiresAt: Math.min(draft.expiresAt, key.expiresAt),
    origin: { by: 'standing-grant', grant: grant.id, templateKey: key.id },
    state: 'active',
    acceptedJkt: key.id,
    acceptedKey: key.id,
  };
  const checks = [standingGrantStands(grant.row), templateKeyStands(key)];
  const who = { ...planeItself, initiator: agent.id, kind: kindOf(agent), instance: key.id, proof: 'template-key' };
  await openWithRoom(ground, tenant, [roomOfAgent(agent), roomUnderGrant(grant)], (taken) =>
    commitOpened(ground, tenant, who, task, { checks, changes: [...taken, nameKeyTask(key.id, task.id, last)] }),
  );
  return task;
}
