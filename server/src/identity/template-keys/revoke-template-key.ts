import type { AgentId, EntryId, TemplateKeyId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { requireOwnerOrAdministrator } from '../agent.ts';
import { requireAgent } from '../move-agent.ts';
import { agentResource, record } from '../record.ts';
import { changeAgent } from '../store.ts';
import { endTemplateKeyRow, findTemplateKey } from './store.ts';
import type { TemplateKey } from './template-key.ts';

/** A key of that agent, for who may look after it: its owner or an administrator. */
export async function requireTemplateKey(
  ground: Ground,
  by: PersonCaller,
  named: { readonly agent: AgentId; readonly key: TemplateKeyId },
): Promise<TemplateKey> {
  requireOwnerOrAdministrator(by, await requireAgent(ground, by.tenant, named.agent));
  const key = await findTemplateKey(ground, by.tenant, named.key);
  if (key?.agent === named.agent) return key;
  throw refuse('thing.not_found', `agent ${named.agent} has no template key ${named.key}`);
}

/** Revokes a static key. The agent's epoch goes on: what that key has under way is decided anew. */
export function revokeTemplateKey(
  ground: Ground,
  by: PersonCaller,
  named: { readonly agent: AgentId; readonly key: TemplateKeyId },
): Promise<{ key: TemplateKey; entry: EntryId }> {
  return span('identity/revoke-template-key', async (): Promise<{ key: TemplateKey; entry: EntryId }> => {
    const key = await requireTemplateKey(ground, by, named);
    const agent = await requireAgent(ground, by.tenant, named.agent);
    const entry = await record(ground, by, {
      kind: 'identity.template-key-revoked',
      keys: [agentResource(agent.id)],
      changes: [endTemplateKeyRow(key, { state: 'revoked' }), changeAgent(agent, {})],
      detail: { agent: agent.id, key: key.id },
    });
    return { key: { ...key, state: 'revoked' }, entry };
  });
}
