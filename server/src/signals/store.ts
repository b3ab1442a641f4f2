import { hash } from 'node:crypto';
import type { StreamId } from '@ambit/protocol';
import { canonicalJson, type EnforcementPointId, type JsonValue, type TenantId } from '@ambit/protocol';
import { type Change, type Ground, insert, remove, table, update } from '../foundation/index.ts';
import type { Mapped, Position, Received, RemovedSubject, Stream, Transmitter, Waiting } from './stream.ts';
import type { Subject } from './subject.ts';

const streams = table<Stream>('signal_streams', {
  columns: {
    id: 'text',
    point: 'text',
    method: 'text',
    endpointUrl: 'text',
    authorization: 'text',
    eventsRequested: 'json',
    description: 'text',
    status: 'text',
    reason: 'text',
    createdAt: 'integer',
    epoch: 'integer',
  },
  key: ['id'],
  indexes: [['point']],
  governed: true,
});

// Not governed: they follow the log, and move with every event. What was told stands in the log itself.
const positions = table<Position>('signal_positions', {
  columns: {
    stream: 'text',
    next: 'integer',
    skip: 'integer',
    holder: 'text',
    failures: 'integer',
    retryAt: 'integer',
    verifiedAt: 'integer',
  },
  key: ['stream'],
  governed: false,
});

const waiting = table<Waiting>('signal_waiting', {
  columns: { stream: 'text', jti: 'text', place: 'integer', claims: 'json' },
  key: ['stream', 'jti'],
  indexes: [['stream', 'place']],
  governed: false,
});

const removedSubjects = table<RemovedSubject>('signal_removed_subjects', {
  columns: { stream: 'text', hash: 'text', subject: 'json' },
  key: ['stream', 'hash'],
  governed: true,
});

const transmitters = table<Transmitter>('signal_transmitters', {
  columns: {
    id: 'text',
    name: 'text',
    issuer: 'text',
    jwksUrl: 'text',
    audience: 'text',
    pollUrl: 'text',
    authorization: 'text',
    disablesOn: 'json',
    agents: 'text',
    successor: 'text',
    state: 'text',
    registeredBy: 'text',
    registeredAt: 'integer',
  },
  key: ['id'],
  unique: [['name']],
  governed: true,
});

const mapped = table<Mapped>('signal_persons', {
  columns: { transmitter: 'text', iss: 'text', sub: 'text', person: 'text' },
  key: ['transmitter', 'iss', 'sub'],
  governed: true,
});

const received = table<Received>('signal_received', {
  columns: { transmitter: 'text', jti: 'text', type: 'text', person: 'text', state: 'text', at: 'integer' },
  key: ['transmitter', 'jti'],
  indexes: [['state', 'at']],
  governed: false,
});

type Store = Pick<Ground, 'database'>;
/** Streams of one receiver, subjects that one stream removed, transmitters of one tenant: more are refused. */
export const streamsMax = 8;
export const subjectsMax = 1000;
const listMax = 1000;

export const findStream = ({ database }: Store, tenant: TenantId, id: StreamId) =>
  database.find(streams, tenant, { id });
export const listStreams = ({ database }: Store, tenant: TenantId, point?: EnforcementPointId) =>
  database.list(streams, tenant, { ...(point && { where: { point } }), order: ['id', 'asc'], limit: listMax });
export const findPosition = ({ database }: Store, tenant: TenantId, stream: StreamId) =>
  database.find(positions, tenant, { stream });
export const listWaiting = ({ database }: Store, tenant: TenantId, stream: StreamId, limit: number) =>
  database.list(waiting, tenant, { where: { stream }, order: ['place', 'asc'], limit });
export const countWaiting = ({ database }: Store, tenant: TenantId, stream: StreamId) =>
  database.count(waiting, tenant, { where: { stream } });
export const findWaiting = ({ database }: Store, tenant: TenantId, stream: StreamId, jti: string) =>
  database.find(waiting, tenant, { stream, jti });
export const listRemovedSubjects = ({ database }: Store, tenant: TenantId, stream: StreamId) =>
  database.list(removedSubjects, tenant, { where: { stream }, limit: subjectsMax });
export const listTransmitters = ({ database }: Store, tenant: TenantId) =>
  database.list(transmitters, tenant, { order: ['id', 'asc'], limit: listMax });
export const findTransmitter = ({ database }: Store, tenant: TenantId, id: Transmitter['id']) =>
  database.find(transmitters, tenant, { id });
export const findMapped = ({ database }: Store, tenant: TenantId, key: Omit<Mapped, 'person'>) =>
  database.find(mapped, tenant, key);
export const listMapped = ({ database }: Store, tenant: TenantId, transmitter: Transmitter['id']) =>
  database.list(mapped, tenant, { where: { transmitter }, limit: listMax });
export const listReceived = ({ database }: Store, tenant: TenantId, state: Received['state'], limit: number) =>
  database.list(received, tenant, { where: { state }, order: ['at', 'asc'], limit });

export const addStream = (stream: Stream): Change => insert(streams, stream);
export const changeStream = (stream: Stream, set: Partial<Stream>): Change =>
  update(streams, { id: stream.id }, { ...set, epoch: stream.epoch + 1 }, { where: { epoch: stream.epoch } });
export const dropStream = ({ id }: Stream): Change => remove(streams, { id });
export const addPosition = (position: Position): Change => insert(positions, position);
export const dropPosition = (stream: StreamId): Change => remove(positions, { stream });
/** Compare and set: of two nodes that read the same position, one moves it. */
export const movePosition = ({ stream, next, skip }: Position, set: Partial<Position>): Change =>
  update(positions, { stream }, set, { where: { next, skip } });
export const holdPosition = ({ stream, holder }: Position, set: Partial<Position>): Change =>
  update(positions, { stream }, set, { where: { holder } });
export const verifiedNow = ({ stream, verifiedAt }: Position, now: number): Change =>
  update(positions, { stream }, { verifiedAt: now }, { where: { verifiedAt }, otherwise: 'signal.too_soon' });
export const addWaiting = (one: Waiting): Change => insert(waiting, one);
export const dropWaiting = ({ stream, jti }: Pick<Waiting, 'stream' | 'jti'>): Change =>
  remove(waiting, { stream, jti });
export const subjectHash = (subject: Subject): string =>
  hash('sha256', canonicalJson(subject as JsonValue), 'base64url');
export const removeSubject = (stream: StreamId, subject: Subject): Change =>
  insert(removedSubjects, { stream, hash: subjectHash(subject), subject });
export const addSubjectAgain = ({ stream, hash }: RemovedSubject): Change => remove(removedSubjects, { stream, hash });
export const addTransmitter = (one: Transmitter): Change => insert(transmitters, one);
export const retireTransmitterRow = (id: Transmitter['id']): Change =>
  update(transmitters, { id }, { state: 'retired' }, { where: { state: 'active' } });
export const addMapped = (one: Mapped): Change => insert(mapped, one);
export const dropMapped = ({ transmitter, iss, sub }: Omit<Mapped, 'person'>): Change =>
  remove(mapped, { transmitter, iss, sub });
/** The insert is the single use of a `jti`. */
export const addReceived = (one: Received): Change => insert(received, one, 'signal.replayed');
export const applied = ({ transmitter, jti }: Received): Change =>
  update(received, { transmitter, jti }, { state: 'applied' }, { where: { state: 'received' } });
export const forgetReceived = ({ transmitter, jti }: Received): Change => remove(received, { transmitter, jti });
