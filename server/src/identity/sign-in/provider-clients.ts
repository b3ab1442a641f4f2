import type { TenantId } from '@ambit/protocol';
import {
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  clockSkew,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  PrivateKeyJwt,
} from 'openid-client';
import { type Clock, refuse } from '../../foundation/index.ts';
import { openKey } from '../key.ts';
import { createRecent } from '../recent.ts';
import type { SignInProvider } from './sign-in-provider.ts';

/** Boxes that this plane alone opens, each for what it was sealed for. */
export type Seal = {
  readonly seal: (plain: string, bound: string) => string;
  readonly open: (box: string, bound: string) => string;
};

/** The one door out, for connections of one tenant to one provider. */
export type FetchFor = (
  tenant: TenantId,
  provider: string,
) => (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  },
) => Promise<Response>;

/** What is known of providers, as clients of theirs know it. */
export type ProviderClients = {
  /** Refuses with `sign_in.provider_failed` where a provider does not answer as it should. */
  readonly of: (tenant: TenantId, provider: SignInProvider) => Promise<Configuration>;
};

export const boundTo = (tenant: TenantId, id: string): string => `${tenant} ${id}`;

const freshMs = 600_000;
/** Anybody may begin to sign in: a provider that does not answer is not asked again at once. */
const againMs = 10_000;

type Known = { readonly until: number; readonly asked: Promise<Configuration> };

export function createProviderClients(seal: Seal, fetchFor: FetchFor, clock: Clock): ProviderClients {
  const known = createRecent<Known>(100);
  return {
    of(tenant, provider) {
      const name = `${tenant} ${provider.id} ${provider.setAt}`;
      const found = known.get(name);
      if (found !== undefined && clock() < found.until) return found.asked;
      const asked = discovered(seal, fetchFor, clock, tenant, provider);
      known.put(name, { until: clock() + freshMs, asked });
      asked.catch(() => known.put(name, { until: clock() + againMs, asked }));
      return asked;
    },
  };
}

async function discovered(
  seal: Seal,
  fetchFor: FetchFor,
  clock: Clock,
  tenant: TenantId,
  provider: SignInProvider,
): Promise<Configuration> {
  const secret = seal.open(provider.sealed, boundTo(tenant, provider.id));
  const skew = Math.round((clock() - Date.now()) / 1000);
  try {
    const client = await discovery(
      new URL(provider.issuer),
      provider.clientId,
      { [clockSkew]: skew },
      await clientAuthOf(provider, secret),
      {
        [customFetch]: fetchFor(tenant, provider.id),
        // INVARIANT (who signed): an ID token counts by its signature, whatever connection it came over.
        execute: [enableNonRepudiationChecks],
      },
    );
    requireMetadata(client, provider);
    return client;
  } catch (error) {
    throw providerFailed(provider, error);
  }
}

async function clientAuthOf({ clientAuth, clientKey }: SignInProvider, secret: string) {
  if (clientAuth === 'client_secret_basic') return ClientSecretBasic(secret);
  if (clientAuth === 'client_secret_post') return ClientSecretPost(secret);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('jwk', JSON.parse(secret), algorithm, false, ['sign']);
  return PrivateKeyJwt({ key, ...(clientKey !== null && { kid: openKey(clientKey).thumbprint }) });
}

function requireMetadata(client: Configuration, { issuer }: SignInProvider): void {
  const {
    issuer: said,
    authorization_endpoint: at = '',
    code_challenge_methods_supported: pkce,
  } = client.serverMetadata();
  if (said !== issuer) throw new Error('its metadata is that of another issuer');
  if (!URL.canParse(at) || new URL(at).protocol !== 'https:')
    throw new Error('its authorization_endpoint is not https');
  if (pkce !== undefined && !pkce.includes('S256')) throw new Error('it does not take PKCE with S256');
}

/** What the log keeps is where it failed, never what was sent. */
export function becauseOf(error: unknown): string {
  const parts: string[] = [];
  for (let one = error; one instanceof Error && parts.length < 4; one = one.cause) {
    const { code, error: said } = one as { code?: unknown; error?: unknown };
    parts.push([one.message, code, said].filter((part) => typeof part === 'string').join(' '));
  }
  return parts.join(': ').slice(0, 500) || 'something not an error was thrown';
}

export const providerFailed = ({ issuer }: SignInProvider, error: unknown) =>
  refuse('sign_in.provider_failed', `${issuer}: ${becauseOf(error)}`);
