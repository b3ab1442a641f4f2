import type { AgentId, TemplateKeyId, TenantId } from '@ambit/protocol';
import { type Change, type Check, check, type Ground, insert, table, update } from '../../foundation/index.ts';
import type { AgeLimit } from '../age.ts';
import { listAgeLimits } from '../store.ts';
import { type TemplateKey, templateKeyTooOldAt } from './template-key.ts';

const templateKeys = table<TemplateKey>('template_keys', {
  columns: {
    id: 'text',
    agent: 'text',
    label: 'text',
    template: 'text',
    parameters: 'json',
    templateDigest: 'text',
    purpose: 'text',
    secretHash: 'text',
    x5t: 'text',
    zone: 'json',
    expiresAt: 'integer',
    state: 'text',
    addedBy: 'text',
    addedAt: 'integer',
    replaces: 'text',
  },
  key: ['id'],
  unique: [['secretHash']],
  indexes: [['agent', 'state']],
  governed: true,
});

type Store = Pick<Ground, 'database'>;
/** An agent has few of them: of more than these, only the newest are listed. */
const listedMax = 200;

/** The key as it holds now: one that is too old has ended when it became so. */
const held = (row: TemplateKey, limits: readonly AgeLimit[]): TemplateKey => ({
  ...row,
  expiresAt: Math.min(row.expiresAt, templateKeyTooOldAt(limits, row.addedAt)),
});

export async function findTemplateKey(store: Store, tenant: TenantId, id: TemplateKeyId) {
  const row = await store.database.find(templateKeys, tenant, { id });
  return row && held(row, await listAgeLimits(store, tenant));
}

export async function findTemplateKeyBySecret(store: Store, tenant: TenantId, secretHash: string) {
  const [row] = await store.database.list(templateKeys, tenant, { where: { secretHash }, limit: 1 });
  return row && held(row, await listAgeLimits(store, tenant));
}

/** Newest first. */
export async function listTemplateKeys(store: Store, tenant: TenantId, agent: AgentId): Promise<TemplateKey[]> {
  const ask = { where: { agent }, order: ['addedAt', 'desc'], limit: listedMax } as const;
  const rows = await store.database.list(templateKeys, tenant, ask);
  const limits = await listAgeLimits(store, tenant);
  return rows.map((row) => held(row, limits));
}

export const addTemplateKeyRow = (key: TemplateKey): Change => insert(templateKeys, key);

export const endTemplateKeyRow = ({ id }: TemplateKey, set: Partial<TemplateKey>): Change =>
  update(templateKeys, { id }, set, { where: { state: 'active' }, otherwise: 'template_key.ended' });

/** The key was not revoked since it was read. */
export const templateKeyStands = ({ id }: Pick<TemplateKey, 'id'>): Check =>
  check(templateKeys, { id }, { state: 'active' }, 'template_key.ended');
