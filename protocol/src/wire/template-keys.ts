import type { AgentId, PersonId, TemplateId, TemplateKeyId } from '../ids.ts';
import type { Ending } from './endings.ts';

/**
 * A static key for a client that can send one header and no more. It opens tasks of one template with these very parameters,
 * from where it is bound to and until it expires.
 */
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
  /** The one that it replaced. */
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
