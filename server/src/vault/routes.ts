import {
  type CredentialId,
  id,
  integer,
  list,
  object,
  oneOf,
  optional,
  parseId,
  type TenantId,
  text,
} from '@ambit/protocol';
import { type Ground, type Route, refuse, route, Secret } from '../foundation/index.ts';
import { type Credential, credentialKinds, isMade, originsMax } from './credential.ts';
import { disableCredential } from './disable-credential.ts';
import { rotateCredential } from './rotate-credential.ts';
import { findCredential, listCredentials } from './store.ts';
import { storeCredential } from './store-credential.ts';
import type { Vault } from './vault.ts';

const secretText = text({ max: 32_768 });

const newCredentialBody = object({
  name: text({ max: 64, pattern: /^[a-z0-9][a-z0-9-]*$/, must: 'must be a name of small letters, digits and dashes' }),
  kind: oneOf(...credentialKinds),
  place: optional(text({ max: 500 })),
  origins: list(text({ max: 512 }), { min: 1, max: originsMax }),
  api: optional(text({ max: 64 })),
  agentUser: optional(id('agentUser')),
  /** Left out where the plane makes what it lends. */
  secret: optional(secretText),
});

const rotationBody = object({
  secret: secretText,
  overlapSeconds: optional(integer({ min: 0, max: 30 * 24 * 3600 })),
});

const overlapSecondsByDefault = 3600;

/** Secrets go in here and never come out: no answer of these routes holds one, sealed or not. */
export function vaultRoutes(ground: Ground, { keyring, svids }: Vault): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/credentials',
      who: 'administrator',
      says: 'Stores a downstream credential for the origins it names.',
      body: newCredentialBody,
      run: async ({ caller, body }) => {
        const { place = null, api = null, agentUser = null, secret, ...rest } = body;
        if (isMade(rest.kind)) await svids.requireIssuable(place);
        const wanted = { ...rest, place, api, agentUser, secret: secret === undefined ? null : new Secret(secret) };
        return { status: 201, body: shown(await storeCredential(ground, keyring, caller, wanted)) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/credentials',
      who: 'administrator',
      says: 'Lists the downstream credentials, without their secrets.',
      run: async ({ caller }) => {
        const found = await listCredentials(ground, caller.tenant);
        return { status: 200, body: { credentials: found.map(shown) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/credentials/:credential',
      who: 'administrator',
      says: 'Shows one downstream credential, without its secret.',
      run: async ({ caller, params }) => {
        return { status: 200, body: shown(await existing(ground, caller.tenant, params.credential)) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/credentials/:credential/rotate',
      who: 'administrator',
      says: 'Puts a new secret in the place of the one in use.',
      body: rotationBody,
      run: async ({ caller, params, body }) => {
        const credential = readId(params.credential);
        const { overlapSeconds = overlapSecondsByDefault } = body;
        const wanted = { credential, secret: new Secret(body.secret), overlapSeconds };
        return { status: 200, body: shown(await rotateCredential(ground, keyring, caller, wanted)) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/credentials/:credential/disable',
      who: 'administrator',
      says: 'Ends a credential for good and erases its secret.',
      body: object({ reason: text({ max: 500 }) }),
      run: async ({ caller, params, body }) => {
        const wanted = { credential: readId(params.credential), reason: body.reason };
        return { status: 200, body: shown(await disableCredential(ground, caller, wanted)) };
      },
    }),
  ];
}

function readId(given: string | undefined): CredentialId {
  const read = parseId('credential', given);
  if (read === undefined) throw refuse('thing.not_found', 'the path holds no credential id');
  return read;
}

async function existing(ground: Ground, tenant: TenantId, given: string | undefined): Promise<Credential> {
  const found = await findCredential(ground, tenant, readId(given));
  if (found === undefined) throw refuse('thing.not_found', `no credential ${given}`);
  return found;
}

function shown(credential: Credential) {
  const { createdAt, flaggedAt, ...rest } = credential;
  const flagged = flaggedAt === null ? null : new Date(flaggedAt).toISOString();
  return { ...rest, createdAt: new Date(createdAt).toISOString(), flaggedAt: flagged };
}
