import { type AgentId, canonicalJson, type JsonValue, type TenantId } from '@ambit/protocol';

/** RFC 9493 §3: a subject identifier, by the formats that are spoken here. */
export type SimpleSubject =
  | { readonly format: 'opaque'; readonly id: string }
  | { readonly format: 'iss_sub'; readonly iss: string; readonly sub: string }
  | { readonly format: 'jwt_id'; readonly iss: string; readonly jti: string };

/** SSF 1.0 §3: several simple ones, each under the name of what it is. */
export type ComplexSubject = { readonly format: 'complex' } & { readonly [member: string]: SimpleSubject | 'complex' };

export type Subject = SimpleSubject | ComplexSubject;

export type About = {
  readonly tenant: TenantId;
  /** A person, or an agent that asks by itself. */
  readonly user?: string | null;
  readonly agent?: AgentId | string | null;
  readonly task?: string | null;
  readonly token?: string;
  readonly credential?: string;
};

/** Always with its tenant, so that nobody takes an event for one of a neighbour. */
export function subjectOf(iss: string, { tenant, user, agent, task, token, credential }: About): ComplexSubject {
  const named = (sub: string): SimpleSubject => ({ format: 'iss_sub', iss, sub });
  const opaque = (id: string): SimpleSubject => ({ format: 'opaque', id });
  return {
    format: 'complex',
    tenant: opaque(tenant),
    ...(user != null && { user: named(user) }),
    ...(agent != null && { application: named(agent) }),
    ...(token === undefined
      ? task != null && { session: opaque(task) }
      : { session: { format: 'jwt_id', iss, jti: token } }),
    ...(credential !== undefined && { credential: opaque(credential) }),
  };
}

const membersOf = (subject: Subject): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(subject)
      .filter(([name]) => name !== 'format')
      .map(([name, value]) => [name, canonicalJson(value as JsonValue)]),
  );

/**
 * SSF 1.0 §8.1.3.1: whether what a stream named covers what an event is about. A simple subject covers an event that has
 * it under any name; of a complex one each member that the event has too must be the same, and one at least must be there.
 */
export function covers(named: Subject, about: ComplexSubject): boolean {
  const has = membersOf(about);
  if (named.format !== 'complex') return [...has.values()].includes(canonicalJson(named as JsonValue));
  const shared = [...membersOf(named)].filter(([name]) => has.has(name));
  return shared.length > 0 && shared.every(([name, value]) => has.get(name) === value);
}
