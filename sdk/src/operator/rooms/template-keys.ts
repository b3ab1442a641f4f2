import type { AgentId, PersonId, TemplateId, TemplateKeyId } from '@ambit/protocol';
import type { Ending } from '../../wire/ending.ts';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

/** A static key for a client that can send one header and no more: it opens tasks of one template, from one place. */
export type TemplateKey = {
  readonly id: TemplateKeyId;
  readonly agent: AgentId;
  readonly label: string;
  readonly template: TemplateId;
  readonly parameters: Readonly<Record<string, string>>;
  /** The text of the purpose of each of its tasks. */
  readonly purpose: string;
  /** RFC 8705 §3.1: SHA-256 of the one certificate it is good with, base64url. */
  readonly x5t: string | null;
  /** Networks (`10.1.0.0/16`), one of which its connections have to come from. */
  readonly zone: readonly string[] | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly state: 'active' | 'revoked';
  /** Whether it may be used now. */
  readonly holds: boolean;
  readonly addedBy: PersonId;
  readonly addedAt: number;
  readonly replaces: TemplateKeyId | null;
  /** To within a few seconds; null where it never was. */
  readonly lastUsedAt: number | null;
  /** When it was last tried from elsewhere than it is bound to; noted once an hour. */
  readonly sharedAt: number | null;
};

/** The key itself, shown once: `ambk_…`. */
export type MadeTemplateKey = TemplateKey & { readonly secret: string };

/** At least one of `x5t` and `zone`; of both, both have to fit. */
export type NewTemplateKey = Pick<TemplateKey, 'label' | 'template' | 'parameters' | 'purpose' | 'expiresAt'> &
  Partial<Pick<TemplateKey, 'x5t' | 'zone'>>;

export type RevokedTemplateKey = Pick<TemplateKey, 'id' | 'agent' | 'state'> & { readonly ending: Ending };

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
