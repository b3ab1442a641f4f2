import { id, integer, list, nullable, object, oneOf, optional, text } from '@ambit/protocol';
import { authorityShape } from '../../authority/index.ts';
import { type Route, route, Secret } from '../../foundation/index.ts';
import { proofOf, sessionOf } from '../authenticate-person.ts';
import { idIn } from '../id-in.ts';
import { openKey } from '../key.ts';
import { isMore } from '../lowers.ts';
import { roles } from '../person.ts';
import { finishSignIn } from './finish-sign-in.ts';
import { linkPerson, unlinkPerson } from './link-person.ts';
import { issueOwnEnrolment, lowersByOwnCode } from './own-enrolment.ts';
import { removeProvider } from './remove-provider.ts';
import { removeGroup, setGroup } from './set-group.ts';
import { requireProvider, setProvider } from './set-provider.ts';
import { clientAuths, type SignInProvider } from './sign-in-provider.ts';
import { redirectUriOf, type SignInParts, startSignIn } from './start-sign-in.ts';
import { findGroup, listGroups, listLinks, listProviders } from './store.ts';

const subject = text({ max: 255 });
const group = text({ max: 300 });
const held = list(oneOf(...roles), { max: roles.length });
const domain = text({
  max: 253,
  pattern: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
  must: 'must be a domain in small letters',
});

const providerBody = object({
  name: text({ max: 80, pattern: /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, must: 'must be a name of letters and digits' }),
  issuer: text({ max: 500 }),
  clientId: text({ max: 500 }),
  clientAuth: optional(oneOf(...clientAuths)),
  secret: optional(text({ max: 1000 })),
  emailDomains: optional(list(domain, { max: 100 })),
  creates: optional(nullable(held)),
  groupsClaim: optional(nullable(text({ max: 100 }))),
});

/** How people sign in through a provider of the organisation, and what administrators say of it. */
export const signInRoutes = (parts: SignInParts): readonly Route[] => [
  ...flowRoutes(parts),
  ...ownRoutes(parts),
  ...providerRoutes(parts),
  ...belongingRoutes(parts),
];

function flowRoutes(parts: SignInParts): readonly Route[] {
  const { ground, door } = parts;
  return [
    route({
      method: 'POST',
      path: '/v1/sign-in/oidc/start',
      who: 'public',
      says: 'Begins to sign in through a provider, for the key of the DPoP proof; answers where the browser goes.',
      body: object({
        provider: id('signInProvider'),
        maxAgeSeconds: optional(integer({ min: 0, max: 31_536_000 })),
        acrValues: optional(text({ max: 500 })),
      }),
      run: async ({ body, raw }) => ({
        status: 200,
        body: await startSignIn(parts, { ...body, proof: proofOf(door, raw, ground.clock()) }),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/sign-in/oidc/finish',
      who: 'public',
      says: 'Opens a session with what the provider sent back by the browser, for the key that began it.',
      body: object({
        state: text({ max: 4096 }),
        code: optional(text({ max: 4096 })),
        iss: optional(text({ max: 500 })),
        error: optional(text({ max: 200 })),
      }),
      run: async ({ body, raw }) => {
        const proof = proofOf(door, raw, ground.clock());
        const { token, session, tenant, entry, ...signedIn } = await finishSignIn(parts, { ...body, proof });
        const { person, expiresAt } = session;
        const opened = { id: session.id, tenant, person, token: token.unwrap(), tokenType: 'DPoP', expiresAt };
        return { status: 201, body: { ...opened, ...signedIn }, entry };
      },
    }),
  ];
}

function ownRoutes({ ground }: SignInParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/sign-in/enrolment',
      who: 'person',
      says: 'Issues a one-time code for the first key, or passkey, of the caller, who signed in through a provider within five minutes.',
      lowers: ({ caller }) => lowersByOwnCode(ground, sessionOf(caller)),
      run: async ({ caller }) => {
        const { code, expiresAt, entry } = await issueOwnEnrolment(ground, sessionOf(caller));
        return { status: 201, body: { person: caller.person, code: code.unwrap(), expiresAt }, entry };
      },
    }),
  ];
}

function providerRoutes({ ground, seal, door }: SignInParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/sign-in/providers',
      who: 'administrator',
      says: 'Registers an OpenID provider through which people sign in, or changes what is known of the one with that issuer.',
      body: providerBody,
      // Its word opens the sessions of whoever it names.
      lowers: async ({ body: { secret: _secret, ...provider } }) => ({
        says: `${provider.issuer} would say who signs in here, by what is set of it.`,
        changes: { provider },
      }),
      run: async ({ caller, body }) => {
        const { secret, ...rest } = body;
        const { provider, entry } = await setProvider(ground, seal, caller, {
          clientAuth: secret === undefined ? 'private_key_jwt' : 'client_secret_basic',
          emailDomains: [],
          creates: null,
          groupsClaim: null,
          ...rest,
          secret: secret === undefined ? null : new Secret(secret),
        });
        return { status: 201, body: shown(provider, door), entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/sign-in/providers',
      who: 'administrator',
      says: 'The providers through which people sign in.',
      run: async ({ caller }) => {
        const found = await listProviders(ground, caller.tenant);
        return { status: 200, body: { providers: found.map((one) => shown(one, door)) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/sign-in/providers/:provider',
      who: 'administrator',
      says: 'One provider, with who its subjects are here and what its groups give.',
      run: async ({ caller, params }) => {
        const provider = await requireProvider(ground, caller, idIn('signInProvider', params, 'provider'));
        const [persons, groups] = await Promise.all([
          listLinks(ground, caller.tenant, provider.id),
          listGroups(ground, caller.tenant, provider.id),
        ]);
        return { status: 200, body: { ...shown(provider, door), persons, groups } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/sign-in/providers/:provider',
      who: 'administrator',
      says: 'Removes a provider: sessions that it opened end, and what its groups gave is gone.',
      run: async ({ caller, params }) => {
        const provider = idIn('signInProvider', params, 'provider');
        const { unlinked, entry } = await removeProvider(ground, caller, provider);
        return { status: 200, body: { id: provider, unlinked }, entry };
      },
    }),
  ];
}

function belongingRoutes({ ground }: SignInParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/sign-in/providers/:provider/persons',
      who: 'administrator',
      says: 'Says which person a subject of a provider is.',
      body: object({ subject, person: id('person') }),
      lowers: async ({ params, body }) => ({
        says: `${body.subject} of the provider would be ${body.person}.`,
        changes: { provider: params.provider, ...body },
        gains: body.person,
      }),
      run: async ({ caller, params, body }) => {
        const provider = idIn('signInProvider', params, 'provider');
        const { link, entry } = await linkPerson(ground, caller, { provider, ...body });
        return { status: 201, body: link, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/sign-in/providers/:provider/persons/forget',
      who: 'administrator',
      says: 'Says that a subject of a provider is nobody here any more: sessions of it end.',
      body: object({ subject }),
      run: async ({ caller, params, body }) => {
        const provider = idIn('signInProvider', params, 'provider');
        return { status: 204, ...(await unlinkPerson(ground, caller, { provider, ...body })) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/sign-in/providers/:provider/groups',
      who: 'administrator',
      says: 'Sets what a group of a provider gives to its members when they sign in: roles, and what they may delegate.',
      body: object({ group, roles: held, delegable: authorityShape }),
      lowers: async ({ caller, params, body }) => {
        const provider = idIn('signInProvider', params, 'provider');
        const { roles: now = [], delegable = [] } =
          (await findGroup(ground, caller.tenant, provider, body.group)) ?? {};
        const before = { roles: now, delegable };
        const says = `Whoever is in ${body.group} would hold more than before.`;
        return isMore(body, before) ? { says, changes: { provider, group: body.group, before, after: body } } : null;
      },
      run: async ({ caller, params, body }) => {
        const provider = idIn('signInProvider', params, 'provider');
        const { group: set, entry } = await setGroup(ground, caller, { provider, ...body });
        return { status: 201, body: set, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/sign-in/providers/:provider/groups/forget',
      who: 'administrator',
      says: 'Says that a group of a provider gives nothing any more; its members lose it when they next sign in.',
      body: object({ group }),
      run: async ({ caller, params, body }) => {
        const provider = idIn('signInProvider', params, 'provider');
        return { status: 204, ...(await removeGroup(ground, caller, { provider, ...body })) };
      },
    }),
  ];
}

/** With what an administrator registers there: the address it sends browsers back to, and the public key of the client. */
function shown({ sealed: _sealed, ...provider }: SignInProvider, door: SignInParts['door']) {
  const { clientKey: key } = provider;
  const clientKey = key && ({ ...key, kid: openKey(key).thumbprint, use: 'sig', alg: 'ES256' } as const);
  return { ...provider, clientKey, redirectUri: redirectUriOf(door) };
}
