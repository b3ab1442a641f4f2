import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, type Secret, span } from '../../foundation/index.ts';
import { type Agent, requireOwnerOrAdministrator } from '../agent.ts';
import { requireAgent } from '../move-agent.ts';
import { agentResource, record } from '../record.ts';
import { agentUnchanged, listAgeLimits } from '../store.ts';
import { requireBound } from './binding.ts';
import { addTemplateKeyRow, listTemplateKeys } from './store.ts';
import {
  mintTemplateKey,
  type TemplateKey,
  templateKeyHash,
  templateKeyHolds,
  templateKeyTooOldAt,
} from './template-key.ts';

export type NewTemplateKey = Pick<
  TemplateKey,
  'label' | 'template' | 'parameters' | 'templateDigest' | 'purpose' | 'expiresAt' | 'x5t' | 'zone'
> & { readonly agent: AgentId };

export type AddedTemplateKey = {
  readonly key: TemplateKey;
  /** Shown once. */
  readonly secret: Secret;
  readonly entry: EntryId;
};

const keysMax = 20;

/** Makes a static key of an agent; its owner or an administrator may. Whether its template can work is looked at before. */
export function addTemplateKey(ground: Ground, by: PersonCaller, wanted: NewTemplateKey): Promise<AddedTemplateKey> {
  return span('identity/add-template-key', async () => {
    const agent = await requireAgent(ground, by.tenant, wanted.agent);
    requireOwnerOrAdministrator(by, agent);
    const all = await listTemplateKeys(ground, by.tenant, agent.id);
    const holding = all.filter((key) => templateKeyHolds(key, ground.clock()));
    if (holding.length >= keysMax) throw refuse('template_key.too_many', `${agent.id} has ${holding.length} of them`);
    const { key, secret } = await newTemplateKey(ground, by, agent, wanted);
    const { secretHash: _, id, ...told } = key;
    const entry = await record(ground, by, {
      kind: 'identity.template-key-added',
      keys: [agentResource(agent.id)],
      checks: [agentUnchanged(agent)],
      changes: [addTemplateKeyRow(key)],
      detail: { key: id, ...told },
    });
    return { key, secret, entry };
  });
}

/** A row that may be added: bound, and not for longer than the agent or the organisation's limits. */
export async function newTemplateKey(
  ground: Ground,
  by: PersonCaller,
  agent: Agent,
  wanted: NewTemplateKey & { readonly replaces?: TemplateKey['replaces'] },
): Promise<{ key: TemplateKey; secret: Secret }> {
  requireBound(wanted);
  const addedAt = ground.clock();
  const latest = Math.min(agent.expiresAt, templateKeyTooOldAt(await listAgeLimits(ground, by.tenant), addedAt));
  if (wanted.expiresAt <= addedAt || wanted.expiresAt > latest) {
    const until = new Date(latest).toISOString();
    const says = `It has to expire in the future, and by ${until}: the end of the agent, or the greatest age of such keys.`;
    throw refuse('template_key.lifetime', `it would expire at ${wanted.expiresAt}, at the latest ${latest}`, says);
  }
  const secret = mintTemplateKey(by.tenant);
  const key: TemplateKey = {
    replaces: null,
    ...wanted,
    id: ground.newId('templateKey'),
    secretHash: templateKeyHash(secret.unwrap()),
    state: 'active',
    addedBy: by.person,
    addedAt,
  };
  return { key, secret };
}
