import type {
  AgentId,
  AgentIdentityId,
  AgentUserId,
  EnforcementPointId,
  EnrolmentId,
  KeyId,
  PersonId,
  RefusalCode,
  SessionId,
  StandingGrantId,
  TenantId,
} from '@ambit/protocol';
import { type Change, type Check, check, type Ground, insert, remove, table, update } from '../foundation/index.ts';
import { type AgeLimit, aged, aging, tooOldAt } from './age.ts';
import type { Agent, AgentInstance, AgentKey, AgentUser } from './agent.ts';
import type { AgentIdentity } from './agent-identity.ts';
import type { EnforcementPoint } from './enforcement-point.ts';
import type { Enrolment } from './enrolment.ts';
import type { Passkey, Person, PersonKey } from './person.ts';
import type { Session } from './session.ts';
import type { SharedRule } from './shared-rule.ts';
import type { StandingGrant } from './standing-grant.ts';
import { plane, type Tenant } from './tenant.ts';

const tenants = table<Tenant>('tenants', {
  columns: {
    id: 'text',
    name: 'text',
    createdAt: 'integer',
    firstAdministrator: 'text',
    administratorsEpoch: 'integer',
  },
  key: ['id'],
  unique: [['name']],
  governed: true,
});

/** Whose tenant an id belongs to: callers who name only themselves are looked up here. Rows of the plane. */
type Subject = { readonly subject: string; readonly home: TenantId };
const subjects = table<Subject>('subjects', {
  columns: { subject: 'text', home: 'text' },
  key: ['subject'],
  governed: true,
});

const persons = table<Person>('persons', {
  columns: {
    id: 'text',
    name: 'text',
    email: 'text',
    roles: 'json',
    rolesSince: 'integer',
    state: 'text',
    delegable: 'json',
    createdAt: 'integer',
    epoch: 'integer',
  },
  key: ['id'],
  unique: [['email']],
  governed: true,
});

const personKeys = table<PersonKey>('person_keys', {
  columns: {
    id: 'text',
    person: 'text',
    jwk: 'json',
    thumbprint: 'text',
    label: 'text',
    kind: 'text',
    state: 'text',
    addedBy: 'text',
    addedAt: 'integer',
    passkey: 'json',
  },
  key: ['id'],
  unique: [['thumbprint']],
  indexes: [['person']],
  added: ['passkey'],
  governed: true,
});

const agents = table<Agent>('agents', {
  columns: {
    id: 'text',
    name: 'text',
    kind: 'text',
    owner: 'text',
    team: 'text',
    purpose: 'text',
    environment: 'text',
    zone: 'text',
    expiresAt: 'integer',
    ceiling: 'json',
    liveTasksMax: 'integer',
    state: 'text',
    createdBy: 'text',
    createdAt: 'integer',
    activeSince: 'integer',
    whenShared: 'text',
    epoch: 'integer',
  },
  key: ['id'],
  unique: [['name']],
  indexes: [['owner']],
  added: ['kind', 'activeSince', 'whenShared'],
  governed: true,
});

const agentKeys = table<AgentKey>('agent_keys', {
  columns: {
    id: 'text',
    agent: 'text',
    jwk: 'json',
    thumbprint: 'text',
    notBefore: 'integer',
    notAfter: 'integer',
    state: 'text',
    addedBy: 'text',
    addedAt: 'integer',
    successor: 'text',
    enrolledBy: 'text',
  },
  key: ['id'],
  unique: [['thumbprint']],
  indexes: [['agent']],
  added: ['successor', 'enrolledBy'],
  governed: true,
});

const agentIdentities = table<AgentIdentity>('agent_identities', {
  columns: {
    id: 'text',
    agent: 'text',
    method: 'text',
    issuer: 'text',
    subject: 'text',
    keySeconds: 'integer',
    addedBy: 'text',
    addedAt: 'integer',
    revokedAt: 'integer',
  },
  key: ['id'],
  // No two agents behind one name, until it is revoked.
  unique: [['method', 'issuer', 'subject', 'revokedAt']],
  indexes: [['agent', 'revokedAt']],
  added: ['keySeconds'],
  governed: true,
});

const agentInstances = table<AgentInstance>('agent_instances', {
  columns: {
    agent: 'text',
    jkt: 'text',
    firstSeenAt: 'integer',
    lastSeenAt: 'integer',
    agentKey: 'text',
    sharedAt: 'integer',
  },
  key: ['agent', 'jkt'],
  indexes: [['jkt']],
  added: ['agentKey', 'sharedAt'],
  governed: false,
});

const ageLimits = table<AgeLimit>('age_limits', {
  columns: { of: 'text', secondsMax: 'integer', reason: 'text', setAt: 'integer', setBy: 'text' },
  key: ['of'],
  governed: true,
});

const sharedRules = table<SharedRule>('shared_rules', {
  columns: { name: 'text', whenShared: 'text', reason: 'text', setAt: 'integer', setBy: 'text' },
  key: ['name'],
  governed: true,
});

const agentUsers = table<AgentUser>('agent_users', {
  columns: {
    id: 'text',
    agent: 'text',
    api: 'text',
    externalId: 'text',
    label: 'text',
    linkedBy: 'text',
    linkedAt: 'integer',
  },
  key: ['id'],
  // One record per agent and app, and no two agents behind one record: otherwise nobody could say who acted.
  unique: [
    ['agent', 'api'],
    ['api', 'externalId'],
  ],
  governed: true,
});

const standingGrants = table<StandingGrant>('standing_grants', {
  columns: {
    id: 'text',
    agent: 'text',
    owner: 'text',
    document: 'json',
    digest: 'text',
    signature: 'json',
    expiresAt: 'integer',
    state: 'text',
    signedAt: 'integer',
  },
  key: ['id'],
  unique: [['digest']],
  indexes: [['agent']],
  governed: true,
});

const enrolments = table<Enrolment>('enrolments', {
  columns: {
    id: 'text',
    person: 'text',
    codeHash: 'text',
    state: 'text',
    issuedBy: 'text',
    issuedAt: 'integer',
    expiresAt: 'integer',
  },
  key: ['id'],
  unique: [['codeHash']],
  indexes: [['person']],
  governed: true,
});

const sessions = table<Session>('sessions', {
  columns: {
    id: 'text',
    person: 'text',
    tokenHash: 'text',
    jkt: 'text',
    openedWith: 'text',
    state: 'text',
    openedAt: 'integer',
    expiresAt: 'integer',
    signIn: 'json',
  },
  key: ['id'],
  unique: [['tokenHash']],
  indexes: [['person']],
  added: ['signIn'],
  governed: true,
});

/**
 * What was accepted once. The insert is the single use: two of them cannot both succeed. Only what names a holder, the
 * key that it came with (a token from outside), is accepted again, and from that key alone.
 */
export type UsedProof = {
  readonly kind: 'dpop' | 'assertion' | 'outside';
  readonly hash: string;
  readonly expiresAt: number;
  readonly holder: string | null;
};
const usedProofs = table<UsedProof>('used_proofs', {
  columns: { kind: 'text', hash: 'text', expiresAt: 'integer', holder: 'text' },
  key: ['kind', 'hash'],
  indexes: [['expiresAt']],
  added: ['holder'],
  once: { kind: 'kind', kinds: ['dpop', 'assertion'], digest: 'hash', until: 'expiresAt' },
  governed: false,
});

const enforcementPoints = table<EnforcementPoint>('enforcement_points', {
  columns: {
    id: 'text',
    name: 'text',
    kind: 'text',
    domain: 'text',
    maySearch: 'json',
    jwk: 'json',
    secretHash: 'text',
    state: 'text',
    registeredBy: 'text',
    registeredAt: 'integer',
  },
  key: ['id'],
  unique: [['name'], ['secretHash']],
  added: ['domain', 'maySearch'],
  governed: true,
});

// ---- reads -------------------------------------------------------------------------------------------------------

type Store = Pick<Ground, 'database'>;
export type Page = { readonly after?: string; readonly limit: number };
const page = ({ after, limit }: Page) => ({ limit, ...(after === undefined ? {} : { after }) });
/** A person or an agent has few keys, grants and records: of more than these, only the newest are read. */
const belongingsMax = 200;

export const findTenant = ({ database }: Store, id: TenantId) => database.find(tenants, plane, { id });

export const listTenants = ({ database }: Store, ask: Page) =>
  database.list(tenants, plane, { order: ['id', 'asc'], ...page(ask) });

export async function tenantOfSubject({ database }: Store, subject: string): Promise<TenantId | undefined> {
  return (await database.find(subjects, plane, { subject }))?.home;
}

export const findPerson = ({ database }: Store, tenant: TenantId, id: PersonId) =>
  database.find(persons, tenant, { id });

export async function findPersonByEmail({ database }: Store, tenant: TenantId, email: string) {
  return (await database.list(persons, tenant, { where: { email }, limit: 1 }))[0];
}

export const listPersons = ({ database }: Store, tenant: TenantId, ask: Page) =>
  database.list(persons, tenant, { order: ['id', 'asc'], ...page(ask) });

export const listPersonKeys = ({ database }: Store, tenant: TenantId, person: PersonId) =>
  database.list(personKeys, tenant, { where: { person }, order: ['addedAt', 'desc'], limit: belongingsMax });

export const findPersonKey = ({ database }: Store, tenant: TenantId, id: KeyId) =>
  database.find(personKeys, tenant, { id });

/** How old things of the tenant may become: one row a kind, and few kinds. */
export const listAgeLimits = ({ database }: Store, tenant: TenantId) =>
  database.list(ageLimits, tenant, { order: ['of', 'asc'], limit: aging.length });

export const findSharedRule = ({ database }: Store, tenant: TenantId) =>
  database.find(sharedRules, tenant, { name: 'default' });

/** The agent as it holds now: one that is too old has ended when it became so. */
export async function findAgent(store: Store, tenant: TenantId, id: AgentId): Promise<Agent | undefined> {
  const row = await store.database.find(agents, tenant, { id });
  return row && agedAgent(row, await listAgeLimits(store, tenant));
}

const agedAgent = (row: Agent, limits: readonly AgeLimit[]) => aged(row, limits, 'agent', row.createdAt);

export async function listAgents(store: Store, tenant: TenantId, ask: Page & { readonly owner?: PersonId }) {
  const where = ask.owner === undefined ? {} : { where: { owner: ask.owner } };
  const rows = await store.database.list(agents, tenant, { order: ['id', 'asc'], ...where, ...page(ask) });
  const limits = await listAgeLimits(store, tenant);
  return rows.map((row) => agedAgent(row, limits));
}

/** Newest first, each as it holds: a key that is too old has ended. */
export async function listAgentKeys(store: Store, tenant: TenantId, agent: AgentId): Promise<AgentKey[]> {
  const ask = { where: { agent }, order: ['addedAt', 'desc'], limit: belongingsMax } as const;
  const rows = await store.database.list(agentKeys, tenant, ask);
  const limits = await listAgeLimits(store, tenant);
  return rows.map((key) => ({ ...key, notAfter: Math.min(key.notAfter, tooOldAt(limits, 'key', key.addedAt)) }));
}

/** Whether that key is a person's: one key belongs to one person or one agent. */
export const listPersonKeysWith = ({ database }: Store, tenant: TenantId, thumbprint: string) =>
  database.list(personKeys, tenant, { where: { thumbprint }, limit: 1 });

export const listAgentKeysWith = ({ database }: Store, tenant: TenantId, thumbprint: string) =>
  database.list(agentKeys, tenant, { where: { thumbprint }, limit: 1 });

export const findAgentKey = ({ database }: Store, tenant: TenantId, id: KeyId) =>
  database.find(agentKeys, tenant, { id });

/** Those that were not revoked. */
export const keysEnrolledBy = async (
  store: Store,
  tenant: TenantId,
  { id, agent }: Pick<AgentIdentity, 'id' | 'agent'>,
): Promise<AgentKey[]> =>
  (await listAgentKeys(store, tenant, agent)).filter((key) => key.enrolledBy === id && key.state === 'active');

export const findAgentIdentity = ({ database }: Store, tenant: TenantId, id: AgentIdentityId) =>
  database.find(agentIdentities, tenant, { id });

/** Those that hold. */
export const listAgentIdentities = ({ database }: Store, tenant: TenantId, agent: AgentId) =>
  database.list(agentIdentities, tenant, { where: { agent, revokedAt: 0 }, limit: belongingsMax });

/** Of all agents, those that hold. */
export const listIdentitiesBy = (
  { database }: Store,
  tenant: TenantId,
  { method, issuer }: Pick<AgentIdentity, 'method' | 'issuer'>,
  limit: number,
) => database.list(agentIdentities, tenant, { where: { method, issuer, revokedAt: 0 }, limit });

export async function findIdentityBySubject(
  { database }: Store,
  tenant: TenantId,
  named: Pick<AgentIdentity, 'method' | 'issuer' | 'subject'>,
) {
  const { method, issuer, subject } = named;
  const where = { method, issuer, subject, revokedAt: 0 };
  return (await database.list(agentIdentities, tenant, { where, limit: 1 }))[0];
}

export const findAgentInstance = ({ database }: Store, tenant: TenantId, agent: AgentId, jkt: string) =>
  database.find(agentInstances, tenant, { agent, jkt });

export const listAgentInstances = ({ database }: Store, tenant: TenantId, agent: AgentId) =>
  database.list(agentInstances, tenant, { where: { agent }, order: ['lastSeenAt', 'desc'], limit: belongingsMax });

/** Instances with this proof key, of any agent. */
export const listInstancesWith = ({ database }: Store, tenant: TenantId, jkt: string) =>
  database.list(agentInstances, tenant, { where: { jkt }, limit: belongingsMax });

/** Epoch milliseconds at which any instance of the agent was last seen; 0 where none was. */
export async function lastSeenOf({ database }: Store, tenant: TenantId, agent: AgentId): Promise<number> {
  const [last] = await database.list(agentInstances, tenant, {
    where: { agent },
    order: ['lastSeenAt', 'desc'],
    limit: 1,
  });
  return last?.lastSeenAt ?? 0;
}

export const listAgentUsers = ({ database }: Store, tenant: TenantId, agent: AgentId) =>
  database.list(agentUsers, tenant, { where: { agent }, limit: belongingsMax });

export const listAllAgentUsers = ({ database }: Store, tenant: TenantId, ask: Page) =>
  database.list(agentUsers, tenant, { order: ['id', 'asc'], ...page(ask) });

export const findAgentUser = ({ database }: Store, tenant: TenantId, id: AgentUserId) =>
  database.find(agentUsers, tenant, { id });

export const findStandingGrant = ({ database }: Store, tenant: TenantId, id: StandingGrantId) =>
  database.find(standingGrants, tenant, { id });

export const listStandingGrants = ({ database }: Store, tenant: TenantId, agent: AgentId) =>
  database.list(standingGrants, tenant, { where: { agent }, order: ['signedAt', 'desc'], limit: belongingsMax });

export const listActiveStandingGrants = ({ database }: Store, tenant: TenantId, agent: AgentId) =>
  database.list(standingGrants, tenant, { where: { agent, state: 'active' }, limit: belongingsMax });

export async function findEnrolmentByCode({ database }: Store, tenant: TenantId, codeHash: string) {
  return (await database.list(enrolments, tenant, { where: { codeHash }, limit: 1 }))[0];
}

export const listOpenEnrolments = ({ database }: Store, tenant: TenantId, person: PersonId) =>
  database.list(enrolments, tenant, { where: { person, state: 'open' }, limit: belongingsMax });

export async function findSessionByToken({ database }: Store, tenant: TenantId, tokenHash: string) {
  return (await database.list(sessions, tenant, { where: { tokenHash }, limit: 1 }))[0];
}

export const findEnforcementPoint = ({ database }: Store, tenant: TenantId, id: EnforcementPointId) =>
  database.find(enforcementPoints, tenant, { id });

export async function findEnforcementPointBySecret({ database }: Store, tenant: TenantId, secretHash: string) {
  return (await database.list(enforcementPoints, tenant, { where: { secretHash }, limit: 1 }))[0];
}

export const listEnforcementPoints = ({ database }: Store, tenant: TenantId, ask: Page) =>
  database.list(enforcementPoints, tenant, { order: ['id', 'asc'], ...page(ask) });

export const findOutsideToken = ({ database }: Store, tenant: TenantId, hash: string) =>
  database.find(usedProofs, tenant, { kind: 'outside', hash });

/** Those that are rows here, the oldest first: what counts once the embedded store keeps, and forgets, by itself. */
export const listUsedProofs = ({ database }: Store, tenant: TenantId, limit: number) =>
  database.list(usedProofs, tenant, { order: ['expiresAt', 'asc'], limit });

// ---- changes and checks ------------------------------------------------------------------------------------------

export const addTenant = (tenant: Tenant): Change => insert(tenants, tenant, 'thing.exists', plane);

export const nameFirstAdministrator = (tenant: TenantId, person: PersonId): Change =>
  update(
    tenants,
    { id: tenant },
    { firstAdministrator: person },
    { where: { firstAdministrator: null }, otherwise: 'tenant.started', tenant: plane },
  );

/** Two changes of who is administrator that read the same state cannot both commit. */
export const countAdministrators = (tenant: Tenant): Change =>
  update(
    tenants,
    { id: tenant.id },
    { administratorsEpoch: tenant.administratorsEpoch + 1 },
    { where: { administratorsEpoch: tenant.administratorsEpoch }, tenant: plane },
  );

export const addSubject = (subject: string, home: TenantId): Change =>
  insert(subjects, { subject, home }, 'thing.exists', plane);

export const addPerson = (person: Person): Change => insert(persons, person);

export const changePerson = (person: Person, set: Partial<Person>): Change =>
  update(persons, { id: person.id }, { ...set, epoch: person.epoch + 1 }, { where: { epoch: person.epoch } });

/** The person is still as read, and active. */
export const personStands = (person: Person): Check =>
  check(persons, { id: person.id }, { state: 'active', epoch: person.epoch }, 'state.changed');

export const addPersonKey = (key: PersonKey): Change => insert(personKeys, key, 'key.known');

export const revokePersonKeyRow = (key: PersonKey): Change =>
  update(personKeys, { id: key.id }, { state: 'revoked' }, { where: { state: 'active' }, otherwise: 'key.not_active' });

/** Two uses that read the same counter cannot both commit. */
export const usePasskey = (key: PersonKey, passkey: Passkey): Change =>
  update(personKeys, { id: key.id }, { passkey }, { where: { passkey: key.passkey } });

/** The key is still enrolled and not revoked. */
export const personKeyStands = (key: PersonKey, otherwise: RefusalCode = 'signature.invalid'): Check =>
  check(personKeys, { id: key.id }, { state: 'active' }, otherwise);

export const addAgent = (agent: Agent): Change => insert(agents, agent);

export const changeAgent = (agent: Agent, set: Partial<Agent>): Change =>
  update(agents, { id: agent.id }, { ...set, epoch: agent.epoch + 1 }, { where: { epoch: agent.epoch } });

/** The agent is still as read: active, the same epoch. */
export const agentStands = (agent: Agent): Check =>
  check(agents, { id: agent.id }, { state: 'active', epoch: agent.epoch }, 'state.changed');

export const agentUnchanged = (agent: Agent): Check =>
  check(agents, { id: agent.id }, { epoch: agent.epoch }, 'state.changed');

export const addAgentIdentityRow = (identity: AgentIdentity): Change =>
  insert(agentIdentities, identity, 'identity.taken');

export const revokeAgentIdentityRow = ({ id }: AgentIdentity, revokedAt: number): Change =>
  update(agentIdentities, { id }, { revokedAt }, { where: { revokedAt: 0 }, otherwise: 'thing.not_found' });

/** The name still proves the agent, and says what it said. */
export const agentIdentityStands = ({ id, keySeconds }: AgentIdentity): Check =>
  check(agentIdentities, { id }, { revokedAt: 0, keySeconds }, 'state.changed');

export const addAgentKeyRow = (key: AgentKey): Change => insert(agentKeys, key, 'key.known');

export const revokeAgentKeyRow = (key: AgentKey): Change =>
  update(agentKeys, { id: key.id }, { state: 'revoked' }, { where: { state: 'active' }, otherwise: 'key.not_active' });

export const endAgentKeyRow = (key: AgentKey, set: Pick<AgentKey, 'notAfter' | 'successor'>): Change =>
  update(agentKeys, { id: key.id }, set, {
    where: { state: 'active', notAfter: key.notAfter },
    otherwise: 'key.not_active',
  });

export const addAgentInstance = (instance: AgentInstance): Change => insert(agentInstances, instance);

export const touchAgentInstance = (
  { agent, jkt }: Pick<AgentInstance, 'agent' | 'jkt'>,
  set: Partial<AgentInstance>,
): Change => update(agentInstances, { agent, jkt }, set);

export const addAgeLimit = (limit: AgeLimit): Change => insert(ageLimits, limit, 'state.changed');

export const changeAgeLimit = (before: AgeLimit, limit: AgeLimit): Change =>
  update(ageLimits, { of: before.of }, limit, { where: { setAt: before.setAt } });

export const removeAgeLimitRow = ({ of }: AgeLimit): Change => remove(ageLimits, { of });

export const addSharedRule = (rule: SharedRule): Change => insert(sharedRules, rule, 'state.changed');

export const changeSharedRule = (before: SharedRule, rule: SharedRule): Change =>
  update(sharedRules, { name: before.name }, rule, { where: { setAt: before.setAt } });

export const addAgentUser = (user: AgentUser): Change => insert(agentUsers, user);

export const dropAgentUser = ({ id }: AgentUser): Change => remove(agentUsers, { id });

export const addStandingGrant = (grant: StandingGrant): Change => insert(standingGrants, grant);

export const revokeStandingGrantRow = (id: StandingGrantId): Change =>
  update(
    standingGrants,
    { id },
    { state: 'revoked' },
    { where: { state: 'active' }, otherwise: 'standing_grant.not_active' },
  );

/** The grant is still active; whoever opens a task under it has this in the unit. */
export const standingGrantStands = (
  { id }: Pick<StandingGrant, 'id'>,
  otherwise: RefusalCode = 'standing_grant.not_active',
): Check => check(standingGrants, { id }, { state: 'active' }, otherwise);

export const addEnrolment = (enrolment: Enrolment): Change => insert(enrolments, enrolment);

/** Single use: the second of two who bring the same code finds it used. */
export const useEnrolment = (id: EnrolmentId): Change =>
  update(enrolments, { id }, { state: 'used' }, { where: { state: 'open' }, otherwise: 'enrolment.refused' });

export const withdrawEnrolment = (id: EnrolmentId): Change =>
  update(enrolments, { id }, { state: 'withdrawn' }, { where: { state: 'open' } });

export const addSession = (session: Session): Change => insert(sessions, session);

export const closeSessionRow = (id: SessionId): Change =>
  update(sessions, { id }, { state: 'closed' }, { where: { state: 'open' }, otherwise: 'session.invalid' });

export const addUsedProof = (used: UsedProof, otherwise: RefusalCode): Change => insert(usedProofs, used, otherwise);

export const dropUsedProof = ({ kind, hash }: UsedProof): Change => remove(usedProofs, { kind, hash });

export const addEnforcementPoint = (point: EnforcementPoint): Change => insert(enforcementPoints, point);

export const retireEnforcementPointRow = (id: EnforcementPointId): Change =>
  update(enforcementPoints, { id }, { state: 'retired' }, { where: { state: 'active' } });
