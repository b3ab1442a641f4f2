import type { EntryId, PersonId } from '@ambit/protocol';
import { type Change, entry, type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { addSubject, findPerson, requireRole } from '../identity/index.ts';
import { requireEndpoint, requireHeader } from './endpoint.ts';
import { eventType } from './names.ts';
import type { Seal } from './seal.ts';
import { addMapped, addTransmitter, dropMapped, findMapped, findTransmitter, retireTransmitterRow } from './store.ts';
import type { Mapped, Transmitter } from './stream.ts';

export type NewTransmitter = {
  readonly name: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly pollUrl?: string | undefined;
  readonly pollHeader?: string | undefined;
  readonly disablesOn?: readonly ('session-revoked' | 'account-disabled')[] | undefined;
  readonly agents?: Transmitter['agents'] | undefined;
  readonly successor?: PersonId | undefined;
};

const disabling = {
  'session-revoked': eventType.sessionRevoked,
  'account-disabled': eventType.accountDisabled,
} as const;

async function told(
  ground: Ground,
  by: PersonCaller,
  kind: `signal.${string}`,
  changes: readonly Change[],
  detail: object,
): Promise<{ entry: EntryId }> {
  requireRole(by, 'administrator');
  const id = ground.newId('entry');
  const draft = entry({ id, kind, who: by.who, detail: { ...detail } });
  await ground.database.commit({ tenant: by.tenant, changes, entries: [draft] });
  return { entry: id };
}

/** Whose word about persons counts here, for which events, and what becomes of their agents. */
export function registerTransmitter(
  ground: Ground,
  seal: Seal,
  by: PersonCaller,
  given: NewTransmitter,
): Promise<{ transmitter: Transmitter; entry: EntryId }> {
  return span('signals/register-transmitter', async () => {
    for (const url of [given.jwksUrl, given.pollUrl ?? given.jwksUrl]) requireEndpoint(url);
    const { agents = 'suspend', successor = null } = given;
    if ((agents === 'reassign') !== (successor !== null))
      throw refuse('signal.successor_needed', `agents is ${agents}, and the successor is ${successor}`);
    if (successor !== null && (await findPerson(ground, by.tenant, successor))?.state !== 'active')
      throw refuse('person.not_active', `${successor} is not active here`);
    const id = ground.newId('transmitter');
    const transmitter: Transmitter = {
      id,
      name: given.name,
      issuer: given.issuer,
      jwksUrl: given.jwksUrl,
      audience: given.audience,
      pollUrl: given.pollUrl ?? null,
      authorization: given.pollHeader === undefined ? null : seal.seal(requireHeader(given.pollHeader), id),
      disablesOn: (given.disablesOn ?? ['session-revoked', 'account-disabled']).map((name) => disabling[name]),
      agents,
      successor,
      state: 'active',
      registeredBy: by.person,
      registeredAt: ground.clock(),
    };
    const { authorization: _sealed, ...shown } = transmitter;
    const { entry } = await told(
      ground,
      by,
      'signal.transmitter-registered',
      [addTransmitter(transmitter), addSubject(id, by.tenant)],
      shown,
    );
    return { transmitter, entry };
  });
}

export function retireTransmitter(
  ground: Ground,
  by: PersonCaller,
  id: Transmitter['id'],
): Promise<{ entry: EntryId }> {
  return span('signals/retire-transmitter', async () => {
    if ((await findTransmitter(ground, by.tenant, id)) === undefined)
      throw refuse('thing.not_found', `no transmitter ${id}`);
    return told(ground, by, 'signal.transmitter-retired', [retireTransmitterRow(id)], { transmitter: id });
  });
}

/** The explicit rule by which an event finds a person. */
export function mapPerson(ground: Ground, by: PersonCaller, rule: Mapped): Promise<{ entry: EntryId }> {
  return span('signals/map-person', async () => {
    if ((await findTransmitter(ground, by.tenant, rule.transmitter))?.state !== 'active')
      throw refuse('thing.not_found', `no active transmitter ${rule.transmitter}`);
    if ((await findPerson(ground, by.tenant, rule.person)) === undefined)
      throw refuse('thing.not_found', `no person ${rule.person}`);
    return told(ground, by, 'signal.person-mapped', [addMapped(rule)], rule);
  });
}

export function unmapPerson(
  ground: Ground,
  by: PersonCaller,
  key: Omit<Mapped, 'person'>,
): Promise<{ entry: EntryId }> {
  return span('signals/unmap-person', async () => {
    const rule = await findMapped(ground, by.tenant, key);
    if (rule === undefined) throw refuse('thing.not_found', `${key.sub} is nobody for ${key.transmitter}`);
    return told(ground, by, 'signal.person-unmapped', [dropMapped(rule)], rule);
  });
}
