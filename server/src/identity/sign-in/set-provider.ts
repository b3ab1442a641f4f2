import { generateKeyPairSync } from 'node:crypto';
import type { EntryId, SignInProviderId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, type Secret, span } from '../../foundation/index.ts';
import { type PublicJwk, readPublicKey } from '../key.ts';
import type { Role } from '../person.ts';
import { record } from '../record.ts';
import { addSubject } from '../store.ts';
import { boundTo, type Seal } from './provider-clients.ts';
import { providerResource, type SignInProvider } from './sign-in-provider.ts';
import {
  addProvider,
  changeProvider,
  findProvider,
  findProviderByIssuer,
  listProviders,
  providersMax,
} from './store.ts';

export type NewProvider = {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientAuth: SignInProvider['clientAuth'];
  readonly secret: Secret | null;
  readonly emailDomains: readonly string[];
  readonly creates: readonly Role[] | null;
  readonly groupsClaim: string | null;
};

type Client = Pick<SignInProvider, 'sealed' | 'clientKey'>;

/** Registers a provider of sign-ins, or changes what is known of the one with that issuer. */
export function setProvider(
  ground: Ground,
  seal: Seal,
  by: PersonCaller,
  { secret, ...wanted }: NewProvider,
): Promise<{ provider: SignInProvider; entry: EntryId }> {
  return span('identity/set-sign-in-provider', async () => {
    requireSense({ secret, ...wanted });
    const known = await findProviderByIssuer(ground, by.tenant, wanted.issuer);
    if (known === undefined && (await listProviders(ground, by.tenant)).length >= providersMax)
      throw refuse('state.changed', 'too many providers', `Remove one first: there are at most ${providersMax}.`);
    const id = known?.id ?? ground.newId('signInProvider');
    const client = clientOf(seal, boundTo(by.tenant, id), known, secret);
    const provider: SignInProvider = {
      id,
      ...wanted,
      ...client,
      state: 'active',
      setBy: by.person,
      setAt: ground.clock(),
    };
    const { sealed: _sealed, ...told } = provider;
    const entry = await record(ground, by, {
      kind: 'identity.sign-in-provider-set',
      keys: [providerResource(id)],
      changes:
        known === undefined ? [addProvider(provider), addSubject(id, by.tenant)] : [changeProvider(known, provider)],
      detail: { provider: told },
    });
    return { provider, entry };
  });
}

function requireSense({ issuer, clientAuth, secret, emailDomains, creates }: NewProvider): void {
  const no = (says: string) => refuse('sign_in.provider_invalid', says, says);
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '' && !/[?#]/.test(issuer);
  if (!isPlain) throw no('An issuer is an https address without a user, a query or a fragment.');
  if ((clientAuth === 'private_key_jwt') !== (secret === null))
    throw no('A client with private_key_jwt brings no secret: Ambit makes its key. The others bring one.');
  if (creates !== null && emailDomains.length === 0)
    throw no('Name the domains of those who are registered when they first sign in.');
  if (creates?.includes('administrator') === true) throw no('Nobody becomes an administrator by signing in.');
}

/** The key that is there stays: its public half is what the provider knows. */
function clientOf(seal: Seal, bound: string, known: SignInProvider | undefined, secret: Secret | null): Client {
  if (secret !== null) return { sealed: seal.seal(secret.unwrap(), bound), clientKey: null };
  if (known !== undefined && known.clientKey !== null) return { sealed: known.sealed, clientKey: known.clientKey };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const clientKey: PublicJwk = readPublicKey(publicKey.export({ format: 'jwk' })).jwk;
  return { sealed: seal.seal(JSON.stringify(privateKey.export({ format: 'jwk' })), bound), clientKey };
}

export async function requireProvider(ground: Ground, by: PersonCaller, id: SignInProviderId): Promise<SignInProvider> {
  const found = await findProvider(ground, by.tenant, id);
  if (found?.state !== 'active') throw refuse('thing.not_found', `no provider ${id}`);
  return found;
}
