import type { AgentId, TemplateKeyId } from '@ambit/protocol';
import type { MadeTemplateKey, NewTemplateKey, RevokedTemplateKey, TemplateKey } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type TemplateKeys = ReturnType<typeof templateKeysRoom>;

/** For the owner of the agent or an administrator. */
export function templateKeysRoom({ json }: Ask) {
  const of = (agent: AgentId) => at('/v1/agents/', agent, '/template-keys');
  const one = (agent: AgentId, key: TemplateKeyId, verb: string) =>
    at('/v1/agents/', agent, '/template-keys/', key, `/${verb}`);
  return {
    add: (agent: AgentId, key: NewTemplateKey) => json<MadeTemplateKey>('POST', of(agent), key),
    /** Newest first. */
    list: async (agent: AgentId) => (await json<{ keys: readonly TemplateKey[] }>('GET', of(agent))).keys,
    /** The same key anew; the old one ends at `endsAt`, within 7 days. */
    rotate: (agent: AgentId, key: TemplateKeyId, when: { readonly endsAt: number; readonly expiresAt: number }) =>
      json<{ key: MadeTemplateKey; old: TemplateKey }>('POST', one(agent, key, 'rotate'), when),
    /** Ends the task that it has open, too. */
    revoke: (agent: AgentId, key: TemplateKeyId, reason: string) =>
      json<RevokedTemplateKey>('POST', one(agent, key, 'revoke'), { reason }),
  };
}
