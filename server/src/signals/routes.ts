import {
  anything,
  boolean,
  either,
  exactly,
  id,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  parseId,
  record,
  text,
} from '@ambit/protocol';
import type { Transmitter as TransmitterTold } from '@ambit/protocol/wire';
import { type Ground, type PointCaller, type Route, refuse, route } from '../foundation/index.ts';
import { opensPerson } from '../identity/index.ts';
import { askVerification, verificationSecondsMin } from './ask-verification.ts';
import { createStream, deleteStream, requireStream, setStatus, updateStream } from './change-stream.ts';
import { chooseSubject } from './choose-subjects.ts';
import { transmitterMetadata } from './metadata.ts';
import { delivery, endpoint, eventsSupported } from './names.ts';
import { pollStream } from './poll.ts';
import { type Receiver, receivePushed } from './receive.ts';
import { mapPerson, registerTransmitter, retireTransmitter, unmapPerson } from './register-transmitter.ts';
import type { Seal } from './seal.ts';
import type { Issuing } from './sign-set.ts';
import { listMapped, listStreams, listTransmitters } from './store.ts';
import type { Stream, Transmitter } from './stream.ts';

const address = text({ max: 2048 });
const word = text({ max: 256 });
// What is not for a receiver to set (SSF 1.0 §8.1.1) may come back with a PUT, and is passed over.
const configuration = {
  delivery: optional(
    either(
      object({ method: exactly(delivery.poll), endpoint_url: optional(anything()) }),
      object({
        method: exactly(delivery.push),
        endpoint_url: address,
        authorization_header: optional(nullable(text({ max: 4096 }))),
      }),
    ),
  ),
  events_requested: optional(list(address, { max: 64 })),
  description: optional(nullable(text({ max: 500 }))),
  ...Object.fromEntries(
    ['iss', 'aud', 'events_supported', 'events_delivered', 'min_verification_interval', 'inactivity_timeout'].map(
      (name) => [name, optional(anything())],
    ),
  ),
};
const creating = object({ ...configuration, stream_id: optional(anything()) });
const changing = object({ ...configuration, stream_id: id('stream') });
const simple = either(
  object({ format: exactly('opaque'), id: word }),
  object({ format: exactly('iss_sub'), iss: address, sub: word }),
  object({ format: exactly('jwt_id'), iss: address, jti: word }),
);
const complex = object({
  format: exactly('complex'),
  ...Object.fromEntries(
    ['user', 'application', 'session', 'tenant', 'credential', 'device', 'org_unit', 'group'].map((name) => [
      name,
      optional(simple),
    ]),
  ),
});
const subject = either(simple, complex);
const choosing = object({ stream_id: id('stream'), subject, verified: optional(boolean()) });
const jtis = list(text({ max: 200 }), { max: 1000 });
const polling = object({
  maxEvents: optional(integer({ min: 0, max: 10_000 })),
  returnImmediately: optional(boolean()),
  ack: optional(jtis),
  setErrs: optional(
    record(object({ err: text({ max: 100 }), description: optional(text({ min: 0, max: 500 })) }), {
      max: 1000,
      name: text({ max: 200 }),
    }),
  ),
});

/** SSF 1.0 §8.1.1: the stream as its receiver reads it. The header it entrusted to us is not among it. */
function shownStream({ url }: Issuing, stream: Stream): object {
  return {
    stream_id: stream.id,
    iss: url,
    aud: stream.point,
    delivery: {
      method: stream.method,
      endpoint_url: stream.endpointUrl ?? `${url}${endpoint.poll}/${stream.id}`,
    },
    events_supported: eventsSupported,
    events_requested: stream.eventsRequested,
    events_delivered: eventsSupported.filter((type) => stream.eventsRequested.includes(type)),
    min_verification_interval: verificationSecondsMin,
    ...(stream.description !== null && { description: stream.description }),
  };
}

const shownStatus = ({ id: stream_id, status, reason }: Stream) => ({
  stream_id,
  status,
  ...(reason !== null && { reason }),
});

/** THREATS: door-misuse. What was registered for another door manages no streams, and gets none. */
function requireReceiver(caller: PointCaller): PointCaller {
  if (caller.who.channel === 'signals') return caller;
  throw refuse('enforcement_point.unauthenticated', `${caller.point} is registered as ${caller.who.channel}`);
}

function streamIn(given: string | undefined) {
  const found = parseId('stream', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is no stream id`);
  return found;
}

type TransmitterParts = {
  readonly ground: Ground;
  readonly issuer: Issuing;
  readonly seal: Seal;
  readonly waitMsMax: number;
};

/** What receivers call: stream management (SSF 1.0 §8.1) and polling (RFC 8936), on the agents' listener. */
export function transmitterRoutes({ ground, issuer, seal, waitMsMax }: TransmitterParts): readonly Route[] {
  const who = 'enforcement-point';
  return [
    route({
      method: 'GET',
      path: endpoint.metadata,
      who: 'public',
      says: 'Describes the transmitter of signals (SSF 1.0).',
      run: async () => ({ status: 200, body: transmitterMetadata(issuer) }),
    }),
    route({
      method: 'POST',
      path: endpoint.streams,
      who,
      body: creating,
      says: 'Makes a stream of events for a receiver: a point of kind signals.',
      run: async ({ caller, body }) => ({
        status: 201,
        body: shownStream(issuer, await createStream(ground, seal, requireReceiver(caller), body as never)),
      }),
    }),
    route({
      method: 'GET',
      path: endpoint.streams,
      who,
      query: object({ stream_id: optional(id('stream')) }),
      says: 'One stream of the receiver, or all of them.',
      run: async ({ caller, query }) => {
        requireReceiver(caller);
        if (query.stream_id !== undefined)
          return { status: 200, body: shownStream(issuer, await requireStream(ground, caller, query.stream_id)) };
        const own = await listStreams(ground, caller.tenant, caller.point);
        return { status: 200, body: own.map((stream) => shownStream(issuer, stream)) };
      },
    }),
    ...(['PATCH', 'PUT'] as const).map((method) =>
      route({
        method,
        path: endpoint.streams,
        who,
        body: changing,
        says: method === 'PUT' ? 'Replaces what a stream is set to.' : 'Changes part of what a stream is set to.',
        run: async ({ caller, body }) => {
          const { stream_id, ...wanted } = body;
          const change = { id: stream_id, wanted: wanted as never, whole: method === 'PUT' };
          const stream = await updateStream(ground, seal, requireReceiver(caller), change);
          return { status: 200, body: shownStream(issuer, stream) };
        },
      }),
    ),
    route({
      method: 'DELETE',
      path: endpoint.streams,
      who,
      query: object({ stream_id: id('stream') }),
      says: 'Ends a stream, with what waits in it.',
      run: async ({ caller, query }) => ({
        status: 204,
        entry: await deleteStream(ground, requireReceiver(caller), query.stream_id),
      }),
    }),
    route({
      method: 'GET',
      path: endpoint.status,
      who,
      query: object({ stream_id: id('stream') }),
      says: 'Whether a stream is enabled, paused or disabled.',
      run: async ({ caller, query }) => ({
        status: 200,
        body: shownStatus(await requireStream(ground, requireReceiver(caller), query.stream_id)),
      }),
    }),
    route({
      method: 'POST',
      path: endpoint.status,
      who,
      body: object({
        stream_id: id('stream'),
        status: oneOf('enabled', 'paused', 'disabled'),
        reason: optional(text({ max: 500 })),
      }),
      says: 'Enables, pauses (what happens is told later) or disables (it is not) a stream.',
      run: async ({ caller, body }) => {
        const wanted = { id: body.stream_id, status: body.status, reason: body.reason ?? null };
        return { status: 200, body: shownStatus(await setStatus(ground, requireReceiver(caller), wanted)) };
      },
    }),
    route({
      method: 'POST',
      path: endpoint.addSubject,
      who,
      body: choosing,
      says: 'Tells a stream about a subject again that it had removed.',
      run: async ({ caller, body }) => {
        const choice = { id: body.stream_id, subject: body.subject as never, move: 'add' } as const;
        await chooseSubject(ground, requireReceiver(caller), choice);
        return { status: 200 };
      },
    }),
    route({
      method: 'POST',
      path: endpoint.removeSubject,
      who,
      body: choosing,
      says: 'Tells a stream about a subject no more.',
      run: async ({ caller, body }) => {
        const choice = { id: body.stream_id, subject: body.subject as never, move: 'remove' } as const;
        await chooseSubject(ground, requireReceiver(caller), choice);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: endpoint.verification,
      who,
      body: object({ stream_id: id('stream'), state: optional(text({ max: 1024 })) }),
      says: 'Sends a verification event through a stream.',
      run: async ({ caller, body }) => {
        const asked = { id: body.stream_id, state: body.state ?? null };
        await askVerification(ground, requireReceiver(caller), asked);
        return { status: 204 };
      },
    }),
    route({
      method: 'POST',
      path: `${endpoint.poll}/:stream`,
      who,
      load: 'waits',
      body: polling,
      says: 'What waits in a stream (RFC 8936); what is acknowledged does not come again.',
      run: async ({ caller, params, body, gone }) => {
        const asked = { id: streamIn(params.stream), poll: body, gone, waitMsMax };
        return { status: 200, body: await pollStream(ground, issuer, requireReceiver(caller), asked) };
      },
    }),
  ];
}

/** Where somebody else's transmitter pushes to (RFC 8935): it proves itself by what it signed. */
export function receiverRoutes(receiver: Receiver): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: `${endpoint.events}/:transmitter`,
      who: 'public',
      wire: 'secevent',
      says: 'Takes a signed event of a registered transmitter (RFC 8935); what it does here, its registration says.',
      run: async ({ params, raw }) => {
        await receivePushed(receiver, params.transmitter, raw);
        return { status: 202 };
      },
    }),
  ];
}

const shownTransmitter = (
  { authorization, ...one }: Transmitter,
  issuer: Issuing | { readonly url: string },
): TransmitterTold => ({
  ...one,
  polls: authorization === null ? 'without a header' : 'with a header',
  pushTo: `${issuer.url}${endpoint.events}/${one.id}`,
});

function transmitterIn(given: string | undefined): Transmitter['id'] {
  const found = parseId('transmitter', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is no id of a transmitter`);
  return found;
}

/** What administrators call: which transmitters are believed, and who their subjects are. */
export function signalsOperatorRoutes(parts: {
  readonly ground: Ground;
  readonly issuer: { readonly url: string };
  readonly seal: Seal;
}): readonly Route[] {
  const { ground, issuer, seal } = parts;
  const who = 'administrator';
  const mapping = object({ iss: address, sub: word, person: id('person') });
  return [
    route({
      method: 'GET',
      path: '/v1/signals/streams',
      who,
      says: 'The streams of all receivers of the tenant.',
      run: async ({ caller }) => {
        const all = await listStreams(ground, caller.tenant);
        return { status: 200, body: { streams: all.map(({ authorization: _sealed, ...stream }) => stream) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/signals/transmitters',
      who,
      body: object({
        name: text({ max: 80 }),
        issuer: address,
        jwksUrl: address,
        audience: address,
        pollUrl: optional(address),
        pollHeader: optional(text({ max: 4096 })),
        disablesOn: optional(list(oneOf('session-revoked', 'account-disabled'), { max: 2 })),
        agents: optional(oneOf('suspend', 'reassign')),
        successor: optional(id('person')),
      }),
      says: 'Registers a transmitter whose word about a person counts here, such as the identity provider.',
      // Its word would give agents of others to somebody.
      lowers: async ({ caller, body: { pollHeader: _secret, ...transmitter } }) => {
        const { issuer: its, successor } = transmitter;
        if (successor === undefined) return null;
        const says = `${successor} would own the agents of whoever ${its} says is gone, and could act as them.`;
        const opens = await opensPerson(ground, caller, successor);
        return { says, changes: { transmitter, opens }, gains: successor };
      },
      run: async ({ caller, body }) => {
        const { transmitter, entry } = await registerTransmitter(ground, seal, caller, body);
        return { status: 201, body: shownTransmitter(transmitter, issuer), entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/signals/transmitters',
      who,
      says: 'The registered transmitters, and who their subjects are.',
      run: async ({ caller }) => {
        const all = await listTransmitters(ground, caller.tenant);
        const persons = await Promise.all(all.map(({ id: of }) => listMapped(ground, caller.tenant, of)));
        const transmitters = all.map((one, i) => ({ ...shownTransmitter(one, issuer), persons: persons[i] ?? [] }));
        return { status: 200, body: { transmitters } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/signals/transmitters/:transmitter',
      who,
      says: 'Retires a transmitter: it is believed no more.',
      run: async ({ caller, params }) => ({
        status: 204,
        ...(await retireTransmitter(ground, caller, transmitterIn(params.transmitter))),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/signals/transmitters/:transmitter/persons',
      who,
      body: mapping,
      says: 'Says which person a subject of a transmitter is.',
      run: async ({ caller, params, body }) => {
        const { entry } = await mapPerson(ground, caller, { transmitter: transmitterIn(params.transmitter), ...body });
        return { status: 201, body, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/signals/transmitters/:transmitter/persons/forget',
      who,
      body: object({ iss: address, sub: word }),
      says: 'Says that a subject of a transmitter is nobody here any more.',
      run: async ({ caller, params, body }) => ({
        status: 204,
        ...(await unmapPerson(ground, caller, { transmitter: transmitterIn(params.transmitter), ...body })),
      }),
    }),
  ];
}
