import { JsonFault, JsonNumber, type JsonObject, type JsonValue, parseJson, type TenantId } from '@ambit/protocol';
import { asRefusal, type Clock, refuse } from '../../foundation/index.ts';
import { type OutsideKey, readOutsideKey } from './outside-key.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { FetchText } from './trust-domain.ts';

/** The keys of issuers, as this node fetched them. */
export type IssuerKeys = {
  /** Those that may have signed: the one of that `kid`, or all. Refuses where nothing good enough is known of the issuer. */
  readonly keysFor: (tenant: TenantId, issuer: TokenIssuer, kid: string | undefined) => Promise<readonly OutsideKey[]>;
};

type Known = { readonly keys: readonly OutsideKey[]; readonly fetchedAt: number };
type Kept = { known: Known | null; triedAt: number; running: Promise<void> | null; trouble: string };

const freshMs = 600_000;
/** Whoever sends tokens with made-up kids must not make this plane ask without end. */
const againMs = 30_000;
/** How long keys count while their address does not answer. */
const keptMsMax = 3_600_000;
const issuersMax = 1000;
const bytesMax = 262_144;
const keysMax = 64;

export function createIssuerKeys(fetchText: FetchText, clock: Clock): IssuerKeys {
  // By tenant too: each fetches over connections of its own.
  const all = new Map<string, Kept>();

  function keptOf(tenant: TenantId, { id, setAt }: TokenIssuer): Kept {
    const name = `${tenant} ${id} ${setAt}`;
    const found = all.get(name) ?? { known: null, triedAt: Number.NEGATIVE_INFINITY, running: null, trouble: '' };
    if (!all.has(name) && all.size >= issuersMax) all.delete(all.keys().next().value ?? '');
    all.set(name, found);
    return found;
  }

  async function refresh(tenant: TenantId, issuer: TokenIssuer, kept: Kept): Promise<void> {
    if (kept.running === null) {
      if (clock() - kept.triedAt < againMs) return;
      kept.triedAt = clock();
      kept.running = fetchKeys(fetchText, tenant, issuer)
        .then(
          (keys) => {
            kept.known = { keys, fetchedAt: clock() };
            kept.trouble = '';
          },
          (error: unknown) => {
            kept.trouble = asRefusal(error).because;
          },
        )
        .finally(() => {
          kept.running = null;
        });
    }
    await kept.running;
  }

  return {
    async keysFor(tenant, issuer, kid) {
      const kept = keptOf(tenant, issuer);
      const pick = () => kept.known?.keys.filter((key) => kid === undefined || key.kid === kid) ?? [];
      const isFresh = () => kept.known !== null && clock() - kept.known.fetchedAt < freshMs;
      // RFC 7517 §4.5: a kid that is not known may be that of a key which came since.
      if (!isFresh() || pick().length === 0) await refresh(tenant, issuer, kept);
      if (kept.known !== null && clock() - kept.known.fetchedAt < keptMsMax) return pick();
      const because = `the keys of ${issuer.issuer} are not known: ${kept.trouble || 'they were not fetched yet'}`;
      throw refuse('workload_token.untrusted', because);
    },
  };
}

async function fetchKeys(fetchText: FetchText, tenant: TenantId, issuer: TokenIssuer): Promise<readonly OutsideKey[]> {
  const { keys } = await fetchObject(fetchText, tenant, issuer.jwksUrl ?? (await jwksUriOf(fetchText, tenant, issuer)));
  if (!Array.isArray(keys) || keys.length > keysMax) throw bad(issuer, `its keys are no list of at most ${keysMax}`);
  const read = keys.flatMap((one) => {
    const jwk = isObject(one as JsonValue) ? (one as JsonObject) : {};
    const key = jwk.use === undefined || jwk.use === 'sig' ? readOutsideKey(jwk) : 'another use';
    // Issuers publish keys of kinds that nobody here knows: who signs by one of these is not let in.
    return typeof key === 'string' ? [] : [key];
  });
  if (read.length === 0) throw bad(issuer, 'it has no key that could be used');
  return read;
}

/**
 * OpenID Connect Discovery §4. INVARIANT (mix-up): the metadata is that of this very issuer, and its keys are at the
 * issuer's own origin; keys that are elsewhere are an administrator's to name.
 */
async function jwksUriOf(fetchText: FetchText, tenant: TenantId, issuer: TokenIssuer): Promise<string> {
  const url = `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { issuer: said, jwks_uri: at } = await fetchObject(fetchText, tenant, url);
  if (said !== issuer.issuer) throw bad(issuer, 'its metadata is that of another issuer');
  if (typeof at !== 'string' || !URL.canParse(at)) throw bad(issuer, 'its metadata has no jwks_uri');
  if (new URL(at).origin === new URL(issuer.issuer).origin) return at;
  throw bad(issuer, `its keys are at ${at.slice(0, 200)}, another origin: name that address yourself if they are`);
}

async function fetchObject(fetchText: FetchText, tenant: TenantId, url: string): Promise<JsonObject> {
  const { text } = await fetchText(url, { tenant, bytesMax });
  try {
    const value = parseJson(text, { depthMax: 8, nodesMax: 4096 });
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  throw refuse('workload_token.untrusted', `${url} answers no JSON object of one meaning`);
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);

const bad = ({ issuer }: TokenIssuer, because: string) => refuse('workload_token.untrusted', `${issuer}: ${because}`);
