import type { EntryHeader } from '@ambit/protocol';
import type { Fields } from '../foundation/index.ts';
import { eventType } from './names.ts';
import type { Told } from './stream.ts';
import { type About, subjectOf } from './subject.ts';

/** An entry whose kind says something to receivers, with its opened detail. */
export type Read = { readonly header: EntryHeader; readonly detail: Fields };

type Row = (read: Read, tell: Tell) => readonly Told[];
type Tell = (type: Told['type'], about: Omit<About, 'tenant'>, event?: object) => Told;

type EndedOne = { readonly kind: string; readonly id: string; readonly of: string };
const endedIn = ({ detail }: Read, kind: string): readonly EndedOne[] =>
  ((detail.ended ?? []) as readonly EndedOne[]).filter((one) => one.kind === kind);

const says = (en: string) => ({ reason_admin: { en } });
const text = (value: unknown): string => String(value);

const agentRisk =
  (current_level: 'LOW' | 'HIGH', risk_reason: string): Row =>
  ({ detail }, tell) => [
    tell(
      eventType.riskLevelChange,
      { agent: text(detail.agent) },
      {
        principal: 'APPLICATION',
        current_level,
        previous_level: current_level === 'HIGH' ? 'LOW' : 'HIGH',
        risk_reason,
      },
    ),
  ];

/** CAEP 1.0 §3.3 lets both sides agree on more types of credentials than it lists. */
const keyChange =
  (of: 'agent' | 'person', change_type: 'create' | 'update' | 'revoke', credential_type = 'public-key'): Row =>
  ({ detail }, tell) => {
    const about = of === 'agent' ? { agent: text(detail.agent) } : { user: text(detail.person) };
    const event = { credential_type, change_type, friendly_name: text(detail.key) };
    return [tell(eventType.credentialChange, about, event)];
  };

/** The names by which workloads prove that they are an agent, added or ended: several where what vouched for them was removed. */
const identityChange =
  (change_type: 'create' | 'revoke'): Row =>
  ({ detail }, tell) => {
    const one = detail.identity as Identity | undefined;
    const all = one === undefined ? ((detail.revoked ?? []) as readonly Identity[]) : [one];
    return all.map(({ id, agent }) =>
      tell(
        eventType.credentialChange,
        { agent: text(agent) },
        { credential_type: 'workload-identity', change_type, friendly_name: text(id) },
      ),
    );
  };

type Identity = { readonly id: string; readonly agent: string };

/** Tokens say what they said; what introspection and the gateway make of them is more for a while, or is so no longer. */
const elevationChange =
  (standing: boolean): Row =>
  ({ header, detail }, tell) => {
    const { who, task } = header;
    // Whoever takes it back stands in the entry in the place of who asked for the task.
    const about = { user: who.initiator === 'plane' ? who.requester : null, agent: who.agent, task };
    const elevation = {
      id: text(detail.elevation),
      standing,
      ...(standing && { expires_at: seconds(detail.expiresAt) }),
    };
    return [
      tell(eventType.tokenClaimsChange, about, { claims: { mission: { id: task }, ambit_elevation: elevation } }),
    ];
  };

const seconds = (milliseconds: unknown) => Math.floor(Number(milliseconds) / 1000);

/**
 * What each kind of entry tells. INVARIANT (told from the log): nothing is told by hand, so what did not commit is not
 * told; and of a detail only ids go out, never what a person wrote.
 */
const rows: { readonly [kind: string]: Row } = {
  'task.ended': (read, tell) =>
    endedIn(read, 'task').map(({ id, of }) =>
      tell(eventType.sessionRevoked, { user: read.header.who.requester, agent: of, task: id }, says('The task ended.')),
    ),
  'token.revoked': (read, tell) =>
    endedIn(read, 'token').map(({ id }) =>
      tell(eventType.sessionRevoked, { token: id }, says('The token was revoked.')),
    ),
  'agent.ended': (read, tell) => {
    if (read.header.code === 'tasks-ended') return [];
    const agent = text(read.detail.agent);
    return [
      tell(eventType.sessionRevoked, { agent }, says('The agent was stopped.')),
      ...endedIn(read, 'token').map(({ id }) =>
        tell(eventType.sessionRevoked, { agent, token: id }, says('The agent was stopped.')),
      ),
    ];
  },
  'person.ended': (read, tell) =>
    endedIn(read, 'token').map(({ id, of }) =>
      tell(eventType.sessionRevoked, { agent: of, token: id }, says('The owner of the agent was disabled.')),
    ),
  'task.narrowed': ({ header, detail }, tell) => {
    const claims = { mission: { id: header.task, authority_hash: detail.authorityHash } };
    return [
      tell(
        eventType.tokenClaimsChange,
        { user: header.who.requester, agent: header.who.agent, task: header.task },
        { claims },
      ),
    ];
  },
  'elevation.granted': elevationChange(true),
  'elevation.ended': elevationChange(false),
  'elevation.expired': elevationChange(false),
  'identity.agent-identity-added': identityChange('create'),
  'identity.agent-identity-revoked': identityChange('revoke'),
  'identity.token-issuer-removed': identityChange('revoke'),
  'identity.trust-domain-removed': identityChange('revoke'),
  'identity.template-key-added': keyChange('agent', 'create', 'api-key'),
  'identity.template-key-rotated': keyChange('agent', 'update', 'api-key'),
  'identity.template-key-revoked': keyChange('agent', 'revoke', 'api-key'),
  'identity.agent-key-added': keyChange('agent', 'create'),
  'identity.agent-key-enrolled': keyChange('agent', 'create'),
  'identity.agent-key-rotated': keyChange('agent', 'update'),
  'identity.agent-key-revoked': keyChange('agent', 'revoke'),
  'identity.person-key-enrolled': keyChange('person', 'create'),
  'identity.person-key-revoked': keyChange('person', 'revoke'),
  'identity.person-disabled': ({ detail }, tell) => [
    tell(eventType.sessionRevoked, { user: text(detail.person) }, says('The person was disabled.')),
    tell(eventType.accountDisabled, { user: text(detail.person) }),
  ],
  'identity.agent-suspended': agentRisk('HIGH', 'AGENT_SUSPENDED'),
  'identity.agent-retired': agentRisk('HIGH', 'AGENT_RETIRED'),
  'identity.agent-resumed': agentRisk('LOW', 'AGENT_RESUMED'),
  'credential.flagged': ({ detail }, tell) => [
    tell(
      eventType.riskLevelChange,
      { credential: text(detail.credential) },
      {
        principal: 'CREDENTIAL',
        current_level: 'HIGH',
        previous_level: 'LOW',
        risk_reason: 'CREDENTIAL_IN_DOUBT',
      },
    ),
  ],
  'credential.rotated': ({ detail }, tell) => [
    tell(
      eventType.credentialChange,
      { credential: text(detail.credential) },
      {
        credential_type: 'downstream-secret',
        change_type: 'update',
      },
    ),
  ],
};

/** A call that a breaker turned away: of many in a row one is told. It needs no detail. */
export const isBreaker = ({ kind, code }: EntryHeader): boolean =>
  kind === 'call.decided' && code === 'limits.caller_resting';

export const isTold = ({ kind }: EntryHeader): boolean => Object.hasOwn(rows, kind);

export function eventsOf(read: Read, issuer: string): readonly Told[] {
  const { header } = read;
  const common = { event_timestamp: Math.floor(header.at / 1000), initiating_entity: initiatorOf(header) };
  const tell: Tell = (type, about, event = {}) => ({
    type,
    subject: subjectOf(issuer, { tenant: header.tenant, ...about }),
    event: { ...common, ...event },
  });
  if (isBreaker(header)) {
    const event = {
      principal: 'APPLICATION',
      current_level: 'MEDIUM',
      previous_level: 'LOW',
      risk_reason: 'BREAKER_OPEN',
    };
    return [tell(eventType.riskLevelChange, { agent: header.who.agent, task: header.task }, event)];
  }
  return isTold(header) ? (rows[header.kind]?.(read, tell) ?? []) : [];
}

/** CAEP 1.0 §2: who made it happen. */
function initiatorOf({ who }: EntryHeader): 'admin' | 'user' | 'system' {
  if (who.initiator.startsWith('psn_')) return 'admin';
  return who.initiator.startsWith('agt_') ? 'user' : 'system';
}
