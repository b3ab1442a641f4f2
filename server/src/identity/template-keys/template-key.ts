import type { AgentId, PersonId, TemplateId, TemplateKeyId, TenantId } from '@ambit/protocol';
import { Secret } from '../../foundation/index.ts';
import { type AgeLimit, tooOldAt } from '../age.ts';
import { bearerHash, mintBearer, tenantOfBearer } from '../bearer.ts';
import type { Binding } from './binding.ts';

/**
 * A static key for a client that can send one header and no more. It opens tasks of one template with these very parameters,
 * from where it is bound to and until it expires. The key itself is nowhere kept.
 */
export type TemplateKey = Binding & {
  readonly id: TemplateKeyId;
  readonly agent: AgentId;
  readonly label: string;
  readonly template: TemplateId;
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the template as it was when the key was made: of another one the key is no key. */
  readonly templateDigest: string;
  /** The text of the purpose of each task. */
  readonly purpose: string;
  readonly secretHash: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly state: 'active' | 'revoked';
  readonly addedBy: PersonId;
  readonly addedAt: number;
  /** The one that it replaced. */
  readonly replaces: TemplateKeyId | null;
};

/** What scanners for leaked secrets look for: `ambk_ten_<20 to 32 characters>.<43 characters>`. */
export const templateKeyPrefix = 'ambk_';

export const mintTemplateKey = (tenant: TenantId): Secret =>
  new Secret(`${templateKeyPrefix}${mintBearer(tenant).unwrap()}`);

/** The tenant among whose rows to look, or undefined for what was never such a key. */
export const tenantOfTemplateKey = (text: string): TenantId | undefined =>
  text.startsWith(templateKeyPrefix) ? tenantOfBearer(text.slice(templateKeyPrefix.length)) : undefined;

/** By which it is looked up: nothing is ever compared with the key, so no comparison takes a telling time. */
export const templateKeyHash = (text: string): string => bearerHash(text);

/** Where the organisation has set nothing. */
export const defaultSecondsMax = 90 * 86_400;

/** Epoch milliseconds at which a key of that time is too old: by the limit of such keys, and by that of all keys. */
export function templateKeyTooOldAt(limits: readonly AgeLimit[], addedAt: number): number {
  const isSet = limits.some((one) => one.of === 'template-key');
  const own = isSet ? tooOldAt(limits, 'template-key', addedAt) : addedAt + defaultSecondsMax * 1000;
  return Math.min(own, tooOldAt(limits, 'key', addedAt));
}

export const templateKeyHolds = ({ state, expiresAt }: TemplateKey, now: number): boolean =>
  state === 'active' && now < expiresAt;
