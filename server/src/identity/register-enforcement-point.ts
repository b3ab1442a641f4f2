import type { EntryId, TenantId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, type Secret, span } from '../foundation/index.ts';
import { bearerHash, mintBearer } from './bearer.ts';
import type { EnforcementPoint } from './enforcement-point.ts';
import { readPublicKey } from './key.ts';
import { requireRole } from './person.ts';
import { record } from './record.ts';
import { addEnforcementPoint, addSubject } from './store.ts';

export type NewEnforcementPoint = {
  readonly name: string;
  readonly kind: EnforcementPoint['kind'];
  readonly domain?: string | null;
  readonly maySearch?: boolean;
  /** Its public key; without one a secret is made for it. */
  readonly jwk?: unknown;
};

/** Whether a domain of that name was ever published: handed in, since domains lie to the right. */
export type HasDomain = (tenant: TenantId, name: string) => Promise<boolean>;

/** Registers a gate that may ask for decisions. `secret` is shown once, and null where the gate has a key. */
export function registerEnforcementPoint(
  ground: Ground,
  by: PersonCaller,
  { name, kind, domain = null, maySearch = false, jwk }: NewEnforcementPoint,
  hasDomain: HasDomain = async () => false,
): Promise<{ point: EnforcementPoint; secret: Secret | null; entry: EntryId }> {
  return span('identity/register-enforcement-point', async () => {
    requireRole(by, 'administrator');
    if (kind !== 'authzen' && (domain !== null || maySearch))
      throw refuse(
        'request.malformed',
        `${kind} has neither`,
        'Only a point of kind authzen has a domain or may search.',
      );
    if (domain !== null && !(await hasDomain(by.tenant, domain)))
      throw refuse('enforcement_point.domain_unknown', `no domain ${domain}`);
    const secret = jwk === undefined ? mintBearer(by.tenant) : null;
    const point: EnforcementPoint = {
      id: ground.newId('enforcementPoint'),
      name,
      kind,
      domain,
      maySearch,
      jwk: jwk === undefined ? null : readPublicKey(jwk).jwk,
      secretHash: secret === null ? null : bearerHash(secret.unwrap()),
      state: 'active',
      registeredBy: by.person,
      registeredAt: ground.clock(),
    };
    const entry = await record(ground, by, {
      kind: 'identity.enforcement-point-registered',
      keys: [`ambit:enforcement-point/${point.id}`],
      changes: [addEnforcementPoint(point), addSubject(point.id, by.tenant)],
      detail: { point: point.id, name, kind, domain, maySearch, proves: secret === null ? 'key' : 'secret' },
    });
    return { point, secret, entry };
  });
}
