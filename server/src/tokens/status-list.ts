import type { TenantId } from '@ambit/protocol';
import type { Issuer } from './issuer.ts';

/**
 * Token Status Lists (draft-ietf-oauth-status-list). A tenant has one list for all tokens that it is issued in ten
 * minutes, of a fixed length, and each token a place in it at random: neither a place nor a list tells how many tokens
 * there are.
 */
export const placesMax = 2 ** 20;
/** With half of all places taken, one token in a million finds none free. */
export const placeTriesMax = 20;

const listSeconds = 600;
/** As long as any setting lets a token live. */
const lifeSecondsMax = 3600;

/** The list of tokens that are issued at that time (epoch milliseconds). */
export const listOf = (at: number): string => String(Math.floor(at / 1000 / listSeconds));

/** Whether tokens of that list may live now: until then it is published, for tenants without any token too. */
export function isPublished(list: string, now: number): boolean {
  if (!/^[1-9][0-9]{0,11}$/.test(list)) return false;
  const beginsAt = Number(list) * listSeconds;
  return beginsAt <= now / 1000 && now / 1000 < beginsAt + listSeconds + lifeSecondsMax;
}

export const statusPath = '/oauth/status';

export const statusListUri = (issuer: Pick<Issuer, 'url'>, tenant: TenantId, list: string): string =>
  `${issuer.url}${statusPath}/${tenant}/${list}`;
