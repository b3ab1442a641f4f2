import { mediaType } from '@ambit/protocol';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type Fetching, fetchFromIssuer } from './fetch-from-issuer.ts';
import { GuardRefusal } from './guard-refusal.ts';

/** The keys that the issuer publishes. Throws `GuardRefusal`: `token.invalid`, `guard.keys_unreachable`. */
export type PublishedKeys = { readonly keyFor: (kid: unknown) => Promise<JWTVerifyGetKey> };

const freshMs = 600_000;
/** Beyond it, keys that cannot be fetched anew count for nothing: one of them may have been withdrawn. */
const keptMs = 3_600_000;
/** A stranger who makes up names of keys makes nobody fetch more often than this. */
const floorMs = 10_000;
const bytesMax = 262_144;

type Known = { readonly kids: ReadonlySet<unknown>; readonly get: JWTVerifyGetKey; readonly at: number };

export function publishedKeys(issuer: string, fetching: Fetching, clock: () => number): PublishedKeys {
  let known: Known | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let trying: Promise<void> | undefined;
  let trouble: string | undefined;

  async function refresh(): Promise<void> {
    if (trying === undefined && clock() - triedAt < floorMs) return;
    triedAt = trying === undefined ? clock() : triedAt;
    trying ??= fetchKeys(issuer, fetching)
      .then(
        (keys) => {
          known = { ...keys, at: clock() };
          trouble = undefined;
        },
        (error: unknown) => {
          trouble = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        trying = undefined;
      });
    await trying;
  }

  return {
    async keyFor(kid) {
      const isKnown = () => known !== undefined && clock() - known.at < freshMs && known.kids.has(kid);
      if (!isKnown()) await refresh();
      if (known === undefined || clock() - known.at >= keptMs)
        throw new GuardRefusal('guard.keys_unreachable', `${issuer}: ${trouble ?? 'not fetched yet'}`);
      if (!known.kids.has(kid)) throw new GuardRefusal('token.invalid', 'kid is none of the issuer’s keys');
      return known.get;
    },
  };
}

/** RFC 8414 §3.3: the issuer’s own description says where its keys are, and has to be about that very issuer. */
async function fetchKeys(issuer: string, fetching: Fetching): Promise<Omit<Known, 'at'>> {
  const ask = { accept: mediaType.json, bytesMax };
  const described = await fetchFromIssuer(fetching, `${issuer}/.well-known/oauth-authorization-server`, ask);
  const metadata = JSON.parse(described.text) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  const { jwks_uri: address } = metadata;
  if (metadata.issuer !== issuer) throw new Error('the metadata is of another issuer');
  if (typeof address !== 'string' || !address.startsWith(`${issuer}/`))
    throw new Error('jwks_uri is not at the issuer');
  const jwks = JSON.parse((await fetchFromIssuer(fetching, address, ask)).text) as JSONWebKeySet;
  return {
    kids: new Set(jwks.keys.map(({ kid }) => kid).filter((kid) => kid !== undefined)),
    get: createLocalJWKSet(jwks),
  };
}
