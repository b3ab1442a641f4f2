import type { TenantId } from '@ambit/protocol';
import type { TemplateKey as KeyTold } from '@ambit/protocol/wire';
import { Secret } from '../../foundation/index.ts';
import { type AgeLimit, tooOldAt } from '../age.ts';
import { bearerHash, mintBearer, tenantOfBearer } from '../bearer.ts';

/** As it is kept. The key itself is nowhere kept. */
export type TemplateKey = Omit<KeyTold, 'holds' | 'lastUsedAt' | 'sharedAt'> & {
  /** Of the template as it was when the key was made: of another one the key is no key. */
  readonly templateDigest: string;
  readonly secretHash: string;
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
