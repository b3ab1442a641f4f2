import { claim, fromBase64Url, jwtType, mediaType, statusMember, statusValid } from '@ambit/protocol';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { StatusPlace } from './caller.ts';
import { type Fetching, fetchFromIssuer, readAtMost } from './fetch-from-issuer.ts';
import { GuardRefusal } from './guard-refusal.ts';
import type { PublishedKeys } from './published-keys.ts';

export type StatusReading = {
  readonly issuer: string;
  readonly keys: PublishedKeys;
  readonly fetching: Fetching;
  readonly clock: () => number;
  readonly skewSeconds: number;
  readonly tokenAlgs: string[];
};

/** Lists are kept for so many windows of tokens; the one used last goes last. */
const listsMax = 64;
const bytesMax = 2_097_152;
/** How long nobody asks again after a list could not be had. */
const floorMs = 1000;

type List = {
  readonly bits: number;
  readonly statuses: Uint8Array;
  /** Epoch milliseconds by our own clock: counted from when it was asked for, less what a cache had it before. */
  readonly freshUntil: number;
  /** The issuer’s last word on how long it may be used where no other can be had. */
  readonly endsAt: number;
};

type Kept = { list: List | undefined; trying: Promise<void> | undefined; triedAt: number; trouble: string };

/**
 * Refuses a token that does not stand (draft-ietf-oauth-status-list §8.3): `token.revoked`. A list is fetched when its
 * `ttl` is over; where that fails the last one counts until its `exp`, and then nothing does: `guard.status_unreachable`.
 */
export function statusLists(reading: StatusReading): (place: StatusPlace) => Promise<void> {
  const { clock } = reading;
  const kept = new Map<string, Kept>();

  function keptFor(uri: string): Kept {
    const one = kept.get(uri) ?? { list: undefined, trying: undefined, triedAt: Number.NEGATIVE_INFINITY, trouble: '' };
    kept.delete(uri);
    kept.set(uri, one);
    const oldest = kept.size > listsMax ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
    return one;
  }

  async function refresh(one: Kept, uri: string): Promise<void> {
    if (one.trying === undefined) {
      if (clock() - one.triedAt < floorMs) return;
      one.triedAt = clock();
      one.trying = fetchList(reading, uri)
        .then(
          (list) => {
            one.list = list;
            // The floor is for failures: one that was had may be over at once.
            one.triedAt = Number.NEGATIVE_INFINITY;
          },
          (error: unknown) => {
            one.trouble = error instanceof Error ? error.message : String(error);
          },
        )
        .finally(() => {
          one.trying = undefined;
        });
    }
    await one.trying;
  }

  return async ({ index, uri }) => {
    const one = keptFor(uri);
    const startedAt = clock();
    if (one.list === undefined || startedAt >= one.list.freshUntil) await refresh(one, uri);
    const { list } = one;
    if (list === undefined || clock() >= list.endsAt)
      throw new GuardRefusal('guard.status_unreachable', `${uri}: ${one.trouble || 'its list is over'}`);
    const status = statusAt(list, index);
    if (status !== statusValid) throw new GuardRefusal('token.revoked', `the status list has ${status} at ${index}`);
  };
}

/** An index outside the list has no status, and what has none does not stand. */
function statusAt({ bits, statuses }: List, index: number): number | 'nothing' {
  const perByte = 8 / bits;
  const byte = statuses[Math.floor(index / perByte)];
  return byte === undefined ? 'nothing' : (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
}

async function fetchList(reading: StatusReading, uri: string): Promise<List> {
  const { fetching, clock } = reading;
  const askedAt = clock();
  const { text, ageSeconds, type } = await fetchFromIssuer(fetching, uri, { accept: mediaType.statusList, bytesMax });
  if (type !== mediaType.statusList) throw new Error(`it is ${type}, not ${mediaType.statusList}`);
  const claims = await verified(reading, text, uri);
  const { [statusMember.timeToLive]: ttl, exp = 0, iat = Number.POSITIVE_INFINITY } = claims;
  if (typeof ttl !== 'number' || !(ttl > 0)) throw new Error('ttl is no number of seconds');
  if (iat * 1000 > askedAt + reading.skewSeconds * 1000) throw new Error('the list is from the future');
  const { [statusMember.bits]: bits, [statusMember.statuses]: packed } = objectOf(claims[statusMember.list]);
  if (typeof bits !== 'number' || ![1, 2, 4, 8].includes(bits)) throw new Error('bits is not 1, 2, 4 or 8');
  if (typeof packed !== 'string') throw new Error('lst is no text');
  return {
    bits,
    statuses: await unpack(packed),
    freshUntil: askedAt + (ttl - ageSeconds) * 1000,
    endsAt: exp * 1000,
  };
}

async function verified(
  { keys, issuer, tokenAlgs, clock, skewSeconds }: StatusReading,
  text: string,
  uri: string,
): Promise<JWTPayload> {
  try {
    const key = await keys.keyFor(decodeProtectedHeader(text).kid);
    const { payload } = await jwtVerify(text, key, {
      typ: jwtType.statusList,
      algorithms: tokenAlgs,
      issuer,
      // §8.3: the list is the one that was asked for.
      subject: uri,
      requiredClaims: [claim.issuedAt, claim.expires],
      currentDate: new Date(clock()),
      clockTolerance: skewSeconds,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw new Error(`the list does not hold: ${error.message}`);
    throw error;
  }
}

function objectOf(value: unknown): { readonly [name: string]: unknown } {
  if (typeof value === 'object' && value !== null) return value as { readonly [name: string]: unknown };
  throw new Error('status_list is no object');
}

/** §4.1: zlib (RFC 1950), which the web calls `deflate`. */
function unpack(packed: string): Promise<Uint8Array> {
  const bytes = fromBase64Url(packed);
  if (bytes === undefined) throw new Error('lst is no base64url');
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('deflate'));
  return readAtMost(stream, bytesMax);
}
