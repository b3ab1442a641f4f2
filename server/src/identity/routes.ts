import {
  type AgentId,
  anything,
  boolean,
  exactly,
  id,
  integer,
  list,
  nullable,
  numeral,
  object,
  oneOf,
  optional,
  type PersonId,
  text,
  workloadKinds,
} from '@ambit/protocol';
import type { AgentShown, Ending, Page } from '@ambit/protocol/wire';
import { authorityShape } from '../authority/index.ts';
import { type Ground, type PersonCaller, type Route, route } from '../foundation/index.ts';
import { activateAgent } from './activate-agent.ts';
import { addAgentIdentity } from './add-agent-identity.ts';
import { ageLimitRoutes } from './age-limit-routes.ts';
import { agentTold, keyHolds } from './agent.ts';
import type { IdentityMethods } from './agent-identity.ts';
import { agentKeyRoutes } from './agent-key-routes.ts';
import { proofOf, sessionOf } from './authenticate-person.ts';
import { closeSession } from './close-session.ts';
import { disablePerson } from './disable-person.ts';
import { pointTold } from './enforcement-point.ts';
import { enrolPersonKey } from './enrol-person-key.ts';
import { enrolledKeySecondsMax } from './enrolments/agent-enrolment.ts';
import { idIn } from './id-in.ts';
import { issueEnrolment } from './issue-enrolment.ts';
import { linkAgentUser } from './link-agent-user.ts';
import { lowersByCode, lowersByNewPerson, lowersByOwner, lowersForAgent, lowersForPerson } from './lowers.ts';
import { requireAgent } from './move-agent.ts';
import { openSession } from './open-session.ts';
import { type PasskeyDoor, passkeyRoutes } from './passkeys/routes.ts';
import { roles } from './person.ts';
import { reassignAgent } from './reassign-agent.ts';
import { registerAgent } from './register-agent.ts';
import { type HasDomain, registerEnforcementPoint } from './register-enforcement-point.ts';
import { registerPerson } from './register-person.ts';
import { requirePerson } from './require-person.ts';
import { resumeAgent } from './resume-agent.ts';
import { retireAgent } from './retire-agent.ts';
import { retireEnforcementPoint } from './retire-enforcement-point.ts';
import { revokeAgentIdentity } from './revoke-agent-identity.ts';
import { revokePersonKey } from './revoke-person-key.ts';
import { revokeStandingGrant } from './revoke-standing-grant.ts';
import { setDelegable } from './set-delegable.ts';
import { setRoles } from './set-roles.ts';
import { keyLabel, signatureShape } from './shapes.ts';
import { whenSharedOf } from './shared-rule.ts';
import { signStandingGrant } from './sign-standing-grant.ts';
import {
  findSharedRule,
  findTenant,
  listAgentIdentities,
  listAgentInstances,
  listAgentKeys,
  listAgents,
  listAgentUsers,
  listEnforcementPoints,
  listPersonKeys,
  listPersons,
  listStandingGrants,
} from './store.ts';
import { suspendAgent } from './suspend-agent.ts';
import { unlinkAgentUser } from './unlink-agent-user.ts';

const name = keyLabel;
const word = text({
  max: 64,
  pattern: /^[a-z0-9][a-z0-9._-]*$/,
  must: 'must be small letters, digits, dots and dashes',
});
const sentence = text({ max: 500 });
const time = integer({ min: 0, max: 253_402_300_799_000 });
const roleList = list(oneOf(...roles), { max: roles.length });

const personBody = object({
  name,
  email: optional(text({ max: 254, pattern: /^[^@\s]+@[^@\s]+$/, must: 'must be an e-mail address' })),
  roles: optional(roleList),
  delegable: optional(authorityShape),
});
const agentBody = object({
  name: word,
  kind: optional(oneOf(...workloadKinds)),
  team: word,
  purpose: sentence,
  environment: word,
  zone: word,
  expiresAt: time,
  ceiling: authorityShape,
  liveTasksMax: optional(integer({ min: 1, max: 10_000 })),
  owner: optional(id('person')),
});
const standingGrantBody = object({
  document: object({
    type: exactly('ambit_standing_grant'),
    tenant: id('tenant'),
    agent: id('agent'),
    owner: id('person'),
    authority: authorityShape,
    liveTasksMax: integer({ min: 1, max: 10_000 }),
    taskSecondsMax: integer({ min: 10, max: 31_536_000 }),
    issuedAt: time,
    expiresAt: time,
  }),
  signature: signatureShape,
});
const because = object({ reason: sentence });
const page = object({
  after: optional(text({ max: 64 })),
  limit: optional(numeral({ min: 1, max: 9999 })),
});
const limitMax = 500;

const pageOf = ({ after, limit = 100 }: Page) => ({
  limit: Math.min(limit, limitMax),
  ...(after === undefined ? {} : { after }),
});

/** End and list what hung on an agent or a person that was stopped: handed in, since tasks and tokens lie to the right. */
export type Ends = {
  readonly agent: (
    caller: PersonCaller,
    stopped: { readonly agent: AgentId; readonly reason: string },
  ) => Promise<Ending>;
  readonly person: (
    caller: PersonCaller,
    stopped: { readonly person: PersonId; readonly reason: string },
  ) => Promise<Ending>;
};

/** The people's API of this room. `door` is the public address that proofs must name, `issuer` that of assertions. */
export function identityRoutes(
  ground: Ground,
  door: PasskeyDoor & { readonly issuer: string },
  ends: Ends,
  methods: IdentityMethods = {},
  hasDomain?: HasDomain,
): readonly Route[] {
  return [
    ...sessionRoutes(ground, door),
    ...passkeyRoutes(ground, door),
    ...personRoutes(ground, ends),
    ...agentRoutes(ground, ends),
    ...agentIdentityRoutes(ground, methods),
    ...standingGrantRoutes(ground),
    ...enforcementPointRoutes(ground, hasDomain),
    ...ageLimitRoutes(ground),
  ];
}

function sessionRoutes(ground: Ground, door: PasskeyDoor & { readonly issuer: string }): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/sessions',
      who: 'public',
      says: 'Opens a session with an assertion signed by an enrolled key, bound to the key of the DPoP proof.',
      body: object({ assertion: text({ max: 8192 }) }),
      run: async ({ body, raw }) => {
        const proof = proofOf(door, raw, ground.clock());
        const { token, session, tenant, entry } = await openSession(ground, { ...body, proof, issuer: door.issuer });
        const { person, expiresAt } = session;
        const shown = { id: session.id, tenant, person, token: token.unwrap(), tokenType: 'DPoP', expiresAt } as const;
        return { status: 201, body: shown, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/sessions/current',
      who: 'person',
      says: 'Closes the session that the request came with.',
      run: async ({ caller }) => ({ status: 204, ...(await closeSession(ground, sessionOf(caller))) }),
    }),
    route({
      method: 'GET',
      path: '/v1/me',
      who: 'person',
      says: 'The person behind the session and the organisation they are in, with roles, keys and what they may delegate, and how they proved who they are.',
      run: async ({ caller }) => {
        const person = await requirePerson(ground, caller.tenant, caller.person);
        const keys = await listPersonKeys(ground, caller.tenant, caller.person);
        const { session: open, authenticatedAt = null, acr } = sessionOf(caller);
        const by = open.signIn === null ? 'key' : 'provider';
        const session = { by, authenticatedAt, acr, expiresAt: open.expiresAt } as const;
        const tenantName = (await findTenant(ground, caller.tenant))?.name ?? null;
        return { status: 200, body: { tenant: caller.tenant, tenantName, ...person, keys, session } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/enrolments',
      who: 'administrator',
      says: 'Issues a one-time code with which a person enrols a key; open codes of that person are withdrawn.',
      body: object({ person: id('person') }),
      lowers: ({ caller, body }) => lowersByCode(ground, caller, body.person),
      run: async ({ caller, body }) => {
        const { code, expiresAt, entry } = await issueEnrolment(ground, caller, body.person);
        return { status: 201, body: { person: body.person, code: code.unwrap(), expiresAt }, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/enrolments/redeem',
      who: 'public',
      says: 'Enrols the key that signed the DPoP proof for the person whom the one-time code was issued for.',
      body: object({ code: text({ max: 128 }), label: name }),
      run: async ({ body, raw }) => {
        const { key, entry } = await enrolPersonKey(ground, { ...body, proof: proofOf(door, raw, ground.clock()) });
        return { status: 201, body: key, entry };
      },
    }),
  ];
}

function personRoutes(ground: Ground, ends: Ends): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/persons',
      who: 'administrator',
      says: 'Registers a person and answers the one-time code for their first key.',
      body: personBody,
      lowers: async ({ body: { name: called, email = null, roles: given = [], delegable = [] } }) =>
        lowersByNewPerson(called, email, { roles: given, delegable }),
      run: async ({ caller, body }) => {
        const { email = null, roles: given = [], delegable = [] } = body;
        const made = await registerPerson(ground, caller, { name: body.name, email, roles: given, delegable });
        const { person, code, codeExpiresAt, entry } = made;
        return {
          status: 201,
          body: { ...person, enrolment: { code: code.unwrap(), expiresAt: codeExpiresAt } },
          entry,
        };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/persons',
      who: 'person',
      says: 'The persons of the tenant, by id: names, roles and states.',
      query: page,
      run: async ({ caller, query }) => {
        const rows = await listPersons(ground, caller.tenant, pageOf(query));
        return {
          status: 200,
          body: { persons: rows.map(({ id, name, roles, state }) => ({ id, name, roles, state })) },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/persons/:person',
      who: 'administrator',
      says: 'One person, with keys and what they may delegate.',
      run: async ({ caller, params }) => {
        const person = await requirePerson(ground, caller.tenant, idIn('person', params, 'person'));
        return { status: 200, body: { ...person, keys: await listPersonKeys(ground, caller.tenant, person.id) } };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/persons/:person/roles',
      who: 'administrator',
      says: 'Sets all roles of another person.',
      body: object({ roles: roleList }),
      lowers: ({ caller, params, body }) => lowersForPerson(ground, caller, idIn('person', params, 'person'), body),
      run: async ({ caller, params, body }) => {
        const { person, entry } = await setRoles(ground, caller, {
          person: idIn('person', params, 'person'),
          roles: body.roles,
        });
        return { status: 200, body: person, entry };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/persons/:person/delegable',
      who: 'administrator',
      says: 'Sets what a person may delegate to agents.',
      body: object({ delegable: authorityShape }),
      lowers: ({ caller, params, body }) => lowersForPerson(ground, caller, idIn('person', params, 'person'), body),
      run: async ({ caller, params, body }) => {
        const wanted = { person: idIn('person', params, 'person'), delegable: body.delegable };
        const { person, entry } = await setDelegable(ground, caller, wanted);
        return { status: 200, body: person, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/persons/:person/disable',
      who: 'administrator',
      says: 'Disables a person: their sessions, tasks and agents stop; answers what ended, and which agents are left without an owner.',
      body: because,
      run: async ({ caller, params, body }) => {
        const id = idIn('person', params, 'person');
        const { person, entry } = await disablePerson(ground, caller, { person: id, ...body });
        return { status: 200, body: { ...person, ending: await ends.person(caller, { person: id, ...body }) }, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/person-keys/:key',
      who: 'person',
      says: 'Revokes an enrolled key of one’s own; administrators revoke anybody’s.',
      run: async ({ caller, params }) => ({
        status: 204,
        ...(await revokePersonKey(ground, caller, idIn('key', params, 'key'))),
      }),
    }),
  ];
}

function agentIdentityRoutes(ground: Ground, methods: IdentityMethods): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/agents/:agent/identities',
      who: 'person',
      says: 'Registers a name that an authority outside gives to an agent; its owner or an administrator may.',
      body: object({
        method: text({ max: 100 }),
        issuer: text({ max: 500 }),
        subject: text({ max: 2048 }),
        /** Left out where the workload may enrol no keys. */
        keySeconds: optional(integer({ min: 60, max: enrolledKeySecondsMax })),
      }),
      lowers: ({ caller, params }) => lowersForAgent(ground, caller, idIn('agent', params, 'agent')),
      run: async ({ caller, params, body }) => {
        const wanted = { agent: idIn('agent', params, 'agent'), ...body };
        const { identity, entry } = await addAgentIdentity(ground, caller, methods, wanted);
        return { status: 201, body: identity, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/agents/:agent/identities/:identity',
      who: 'person',
      says: 'Revokes such a name; the owner of the agent or an administrator may.',
      run: async ({ caller, params }) => {
        const named = { agent: idIn('agent', params, 'agent'), identity: idIn('agentIdentity', params, 'identity') };
        return { status: 204, ...(await revokeAgentIdentity(ground, caller, named)) };
      },
    }),
  ];
}

function agentRoutes(ground: Ground, ends: Ends): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/agents',
      who: 'owner',
      says: 'Registers an agent as a draft; its owner is the caller unless an administrator names another person.',
      body: agentBody,
      run: async ({ caller, body }) => {
        const { agent, entry } = await registerAgent(ground, caller, { liveTasksMax: 20, ...body });
        return { status: 201, body: agentTold(agent), entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/agents',
      who: 'person',
      says: 'The agents of the tenant, by id.',
      query: page,
      run: async ({ caller, query }) => ({
        status: 200,
        body: { agents: (await listAgents(ground, caller.tenant, pageOf(query))).map(agentTold) },
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/agents/:agent',
      who: 'person',
      says: 'One agent with its keys, outside identities, seen instances, linked users and standing grants.',
      run: async ({ caller, params }) => ({
        status: 200,
        body: await shownAgent(ground, caller, idIn('agent', params, 'agent')),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/activate',
      who: 'person',
      says: 'The owner takes a draft on: from here on the agent may act.',
      run: async ({ caller, params }) => {
        const { agent, entry } = await activateAgent(ground, caller, idIn('agent', params, 'agent'));
        return { status: 200, body: agentTold(agent), entry };
      },
    }),
    stoppingRoute(ground, ends, 'suspend', suspendAgent, 'Stops an agent at once; its owner or an administrator may.'),
    movingRoute(ground, 'resume', resumeAgent, 'The owner lets a suspended agent act again.'),
    stoppingRoute(ground, ends, 'retire', retireAgent, 'Ends an agent for good; its owner or an administrator may.'),
    ...agentKeyRoutes(ground),
    route({
      method: 'POST',
      path: '/v1/agents/:agent/users',
      who: 'person',
      says: 'Links the user-shaped record that stands for the agent in a downstream app.',
      body: object({ api: word, externalId: text({ max: 256 }), label: name }),
      run: async ({ caller, params, body }) => {
        const { user, entry } = await linkAgentUser(ground, caller, { agent: idIn('agent', params, 'agent'), ...body });
        return { status: 201, body: user, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/agents/:agent/users/:user',
      who: 'person',
      says: 'Says that a linked user-shaped record was removed in the downstream app; its owner or an administrator may.',
      run: async ({ caller, params }) => {
        const named = { agent: idIn('agent', params, 'agent'), user: idIn('agentUser', params, 'user') };
        return { status: 204, ...(await unlinkAgentUser(ground, caller, named)) };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/agents/:agent/owner',
      who: 'administrator',
      says: 'Gives an agent another owner; standing grants of the one before give nothing any more.',
      body: object({ owner: id('person'), reason: sentence }),
      lowers: ({ caller, params, body }) => lowersByOwner(ground, caller, idIn('agent', params, 'agent'), body.owner),
      run: async ({ caller, params, body }) => {
        const { agent, entry } = await reassignAgent(ground, caller, {
          agent: idIn('agent', params, 'agent'),
          ...body,
        });
        return { status: 200, body: agentTold(agent), entry };
      },
    }),
  ];
}

function movingRoute(ground: Ground, move: 'resume', run: typeof suspendAgent, says: string): Route {
  return route({
    method: 'POST',
    path: `/v1/agents/:agent/${move}`,
    who: 'person',
    says,
    body: because,
    run: async ({ caller, params, body }) => {
      const { agent, entry } = await run(ground, caller, { agent: idIn('agent', params, 'agent'), ...body });
      return { status: 200, body: agentTold(agent), entry };
    },
  });
}

/** Everything of a stopped agent is dead by reading; `ends` also writes down and answers what that was. */
function stoppingRoute(
  ground: Ground,
  ends: Ends,
  move: 'suspend' | 'retire',
  run: typeof suspendAgent,
  says: string,
): Route {
  return route({
    method: 'POST',
    path: `/v1/agents/:agent/${move}`,
    who: 'person',
    says,
    body: because,
    run: async ({ caller, params, body }) => {
      const id = idIn('agent', params, 'agent');
      const { agent, entry } = await run(ground, caller, { agent: id, ...body });
      return {
        status: 200,
        body: { ...agentTold(agent), ending: await ends.agent(caller, { agent: id, ...body }) },
        entry,
      };
    },
  });
}

async function shownAgent(ground: Ground, { tenant }: PersonCaller, agentId: AgentId): Promise<AgentShown> {
  const agent = await requireAgent(ground, tenant, agentId);
  const [keys, identities, instances, users, standingGrants] = await Promise.all([
    listAgentKeys(ground, tenant, agentId),
    listAgentIdentities(ground, tenant, agentId),
    listAgentInstances(ground, tenant, agentId),
    listAgentUsers(ground, tenant, agentId),
    listStandingGrants(ground, tenant, agentId),
  ]);
  const now = ground.clock();
  return {
    ...agentTold(agent),
    doesWhenShared: whenSharedOf(agent, await findSharedRule(ground, tenant)),
    keys: keys.map((key) => ({ ...key, holds: keyHolds(key, now) })),
    identities,
    instances,
    users,
    standingGrants,
  };
}

function standingGrantRoutes(ground: Ground): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/standing-grants',
      who: 'person',
      says: 'Takes a standing grant that the owner of the agent has signed.',
      body: standingGrantBody,
      run: async ({ caller, body }) => {
        const { grant, entry } = await signStandingGrant(ground, caller, body);
        return { status: 201, body: grant, entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/standing-grants/:grant',
      who: 'person',
      says: 'Takes a standing grant back; the owner of the agent or an administrator may.',
      run: async ({ caller, params }) => ({
        status: 204,
        ...(await revokeStandingGrant(ground, caller, idIn('standingGrant', params, 'grant'))),
      }),
    }),
  ];
}

function enforcementPointRoutes(ground: Ground, hasDomain?: HasDomain): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/enforcement-points',
      who: 'administrator',
      says: 'Registers an enforcement point by its public key, or answers a secret for a proxy that can only send a header.',
      body: object({
        name,
        kind: oneOf('authzen', 'auth-request', 'signals'),
        domain: optional(nullable(word)),
        maySearch: optional(boolean()),
        jwk: optional(nullable(anything())),
      }),
      run: async ({ caller, body }) => {
        const { jwk, ...rest } = body;
        const given = { ...rest, ...(jwk == null ? {} : { jwk }) };
        const { point, secret, entry } = await registerEnforcementPoint(ground, caller, given, hasDomain);
        return { status: 201, body: { ...pointTold(point), secret: secret?.unwrap() ?? null }, entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/enforcement-points',
      who: 'administrator',
      says: 'The registered enforcement points, by id.',
      query: page,
      run: async ({ caller, query }) => {
        const points = await listEnforcementPoints(ground, caller.tenant, pageOf(query));
        return { status: 200, body: { enforcementPoints: points.map(pointTold) } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/enforcement-points/:point',
      who: 'administrator',
      says: 'Retires an enforcement point: from here on it is a stranger.',
      run: async ({ caller, params }) => ({
        status: 204,
        ...(await retireEnforcementPoint(ground, caller, idIn('enforcementPoint', params, 'point'))),
      }),
    }),
  ];
}
