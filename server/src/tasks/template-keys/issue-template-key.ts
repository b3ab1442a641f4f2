import type { Authority } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import {
  type AddedTemplateKey,
  addTemplateKey,
  type NewTemplateKey,
  requireTemplateKey,
  rotateTemplateKey,
  type TemplateKey,
  type TemplateKeyRotation,
} from '../../identity/index.ts';
import { draftOwnTask, type OpenLimits, requireKnown } from '../open.ts';
import type { Template } from '../template.ts';
import { requireTemplate, templateDigest, templateOfKey } from './key-template.ts';
import { openingOf } from './task-of-key.ts';

export type WantedTemplateKey = Omit<NewTemplateKey, 'templateDigest'>;

/**
 * Makes a static key for a client that can send one header and no more. It is made where a task of it could be opened now:
 * within a standing grant that the owner of the agent signed, of actions that are known and can be taken back.
 */
export function issueTemplateKey(
  ground: Ground,
  by: PersonCaller,
  wanted: WantedTemplateKey,
  limits: OpenLimits,
): Promise<AddedTemplateKey> {
  return span('tasks/issue-template-key', async () => {
    const template = await requireTemplate(ground, by.tenant, wanted.template);
    await requireOpens(ground, by, template, wanted, limits);
    return addTemplateKey(ground, by, { ...wanted, templateDigest: templateDigest(template) });
  });
}

/** The same key anew, where what it is for is still what it was. */
export function renewTemplateKey(
  ground: Ground,
  by: PersonCaller,
  named: Parameters<typeof requireTemplateKey>[2],
  rotation: TemplateKeyRotation,
  limits: OpenLimits,
): Promise<AddedTemplateKey & { readonly old: TemplateKey }> {
  return span('tasks/renew-template-key', async () => {
    const old = await requireTemplateKey(ground, by, named);
    await requireOpens(ground, by, await templateOfKey(ground, by.tenant, old), old, limits);
    return rotateTemplateKey(ground, by, old, rotation);
  });
}

async function requireOpens(
  ground: Ground,
  { tenant }: PersonCaller,
  template: Template,
  key: Parameters<typeof openingOf>[1],
  limits: OpenLimits,
): Promise<void> {
  const { task } = await draftOwnTask(ground, tenant, openingOf(template, key), limits);
  await requireKnown(task.authority, tenant, limits);
  await requireReversible(task.authority, tenant, limits);
}

/** Each call is looked at again, as its action is classified then: this only tells its maker early. */
async function requireReversible(
  authority: Authority,
  tenant: PersonCaller['tenant'],
  { actions }: OpenLimits,
): Promise<void> {
  const known = await actions?.(tenant);
  const final = authority
    .flatMap((grant) => grant.actions)
    .find((id) => known?.get(id)?.reversibility === 'irreversible');
  if (final === undefined) return;
  const says = `${final} cannot be taken back: no static key is made for it.`;
  throw refuse('template_key.irreversible', `${final} is irreversible`, says);
}
