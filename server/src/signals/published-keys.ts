import { type JsonValue, parseJson, plainJson, type TenantId } from '@ambit/protocol';
import type { JSONWebKeySet } from 'jose';
import { type Outbound, refuse } from '../foundation/index.ts';
import type { Transmitter } from './stream.ts';

const bytesMax = 262_144;
const keptMs = 300_000;
/** However many SETs come with keys that are not known: the key set is fetched at most once in this time. */
const againMs = 10_000;
const keptMax = 1000;

export type PublishedKeys = (
  tenant: TenantId,
  transmitter: Transmitter,
  wanted: { readonly kid: string | undefined; readonly now: number },
) => Promise<JSONWebKeySet>;

type Kept = { readonly at: number; readonly keys: Promise<JSONWebKeySet> };

/** The keys that a transmitter publishes, fetched through the one door out, and kept for five minutes. */
export function createPublishedKeys(outbound: Outbound): PublishedKeys {
  const kept = new Map<string, Kept>();
  return async (tenant, transmitter, { kid, now }) => {
    const name = `${tenant}|${transmitter.id}`;
    const known = kept.get(name);
    if (known !== undefined && now - known.at < keptMs) {
      const keys = await known.keys.catch(() => undefined);
      const has = keys?.keys.some((key) => kid === undefined || key.kid === kid) === true;
      if (has || now - known.at < againMs) return known.keys;
    }
    if (kept.size >= keptMax) kept.clear();
    const fetched = fetchKeys(outbound, tenant, transmitter.jwksUrl);
    kept.set(name, { at: now, keys: fetched });
    return fetched;
  };
}

async function fetchKeys(outbound: Outbound, tenant: TenantId, url: string): Promise<JSONWebKeySet> {
  const { text } = await outbound.fetchText(url, { tenant, bytesMax });
  const set = plainJson(parseJson(text) as JsonValue) as { readonly keys?: unknown };
  if (!Array.isArray(set?.keys)) throw refuse('signal.keys_unreadable', `${url} answers no JWK set`);
  return { keys: set.keys };
}
