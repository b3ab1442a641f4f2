import { hash } from 'node:crypto';
import { canonicalJson, type TemplateId, type TenantId } from '@ambit/protocol';
import { type Ground, refuse } from '../../foundation/index.ts';
import type { TemplateKey } from '../../identity/index.ts';
import { findTemplate } from '../store.ts';
import type { Template } from '../template.ts';

/** What a key is made for, of a template: whatever a task from it could do. Its name is no part of that. */
export const templateDigest = ({ grants, parameters, purposeType, ttlSecondsMax }: Template): string =>
  `sha-256:${hash('sha256', canonicalJson({ grants, parameters, purposeType, ttlSecondsMax } as never), 'base64url')}`;

export async function requireTemplate(ground: Ground, tenant: TenantId, id: TemplateId): Promise<Template> {
  const template = await findTemplate(ground, tenant, id);
  if (template?.state === 'active') return template;
  throw refuse('thing.not_found', `no active template ${id}`);
}

/**
 * The template of a key. INVARIANT (one template): what it would open is what its maker saw; of a template that was put in
 * its place the key opens nothing.
 */
export async function templateOfKey(ground: Ground, tenant: TenantId, key: TemplateKey): Promise<Template> {
  const template = await findTemplate(ground, tenant, key.template);
  if (template?.state === 'active' && templateDigest(template) === key.templateDigest) return template;
  throw refuse(
    'template_key.template_changed',
    `${key.template} is ${template?.state ?? 'gone'}, or says something else`,
  );
}
