import type { AgentId, TemplateKeyId } from '@ambit/protocol';
import type { NewTemplateKey } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type TemplateKeys = ReturnType<typeof templateKeysRoom>;

/** For the owner of the agent or an administrator. */
export function templateKeysRoom({ json }: Ask) {
  return {
    add: (agent: AgentId, key: NewTemplateKey) =>
      json('POST /v1/agents/:agent/template-keys', { at: { agent }, body: key }),
    /** Newest first. */
    list: async (agent: AgentId) => (await json('GET /v1/agents/:agent/template-keys', { at: { agent } })).keys,
    /** The same key anew; the old one ends at `endsAt`, within 7 days. */
    rotate: (agent: AgentId, key: TemplateKeyId, when: { readonly endsAt: number; readonly expiresAt: number }) =>
      json('POST /v1/agents/:agent/template-keys/:key/rotate', { at: { agent, key }, body: when }),
    /** Ends the task that it has open, too. */
    revoke: (agent: AgentId, key: TemplateKeyId, reason: string) =>
      json('POST /v1/agents/:agent/template-keys/:key/revoke', { at: { agent, key }, body: { reason } }),
  };
}
