import {
  type Constraint,
  type DenialParts,
  type EntryId,
  type Grant,
  JsonNumber,
  type JsonValue,
  type RefusalCode,
  refusalRow,
} from '@ambit/protocol';
import { asRefusal, entry, Refusal, refuse, span } from '../foundation/index.ts';
import { plane } from '../identity/index.ts';
import type { Facts } from '../policy/index.ts';
import { challenged, endpoint, metadataOf, schemeOf } from '../tokens/index.ts';
import type { Call } from './call.ts';
import { type Asking, watched } from './caller.ts';
import type { Ruled } from './enforce.ts';
import type { Incoming } from './incoming.ts';
import { callDetail, decisionDetail, whoOf } from './record.ts';
import type { Rooms } from './rooms.ts';

type Denied = {
  readonly code: RefusalCode;
  readonly because: string;
  /** None where nothing but the code is known. */
  readonly parts?: DenialParts;
  readonly says: string | null;
  readonly retryAfterSeconds?: number | null;
  readonly maxAgeSeconds?: number | null;
  readonly acrs?: readonly string[];
  readonly policyVersion?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A denial of an agent that proved itself: an entry of its own, written together with the spending of its proof. */
export function refuseCall(
  rooms: Rooms,
  asking: Asking,
  call: Call | null,
  denied: Denied,
  facts?: Facts,
): Promise<Ruled> {
  return span('gateway/refuse', async (): Promise<Ruled> => {
    const refusal = heard(rooms, denied, asking, call);
    const { tenant } = asking;
    if (!rooms.nodes.isStanding()) return refuseCutOff(rooms, asking, denied);
    // An agent that is denied again and again rests; that it rests is no new failure.
    if (call !== null && !denied.code.startsWith('limits.'))
      rooms.watch.learn(watched(asking, call), rooms.ground.clock(), 'denied');
    try {
      return { kind: 'refused', tenant, refusal, entry: await writeDenial(rooms, asking, call, denied, facts) };
    } catch (error) {
      // A replayed proof, or a store that is gone: that is what the caller hears, and what is recorded if anything can be.
      const worse = asRefusal(error);
      if (worse.code === 'store.unavailable' || worse.code === 'store.row_unexplained') {
        rooms.complain('a refusal', worse);
        return { kind: 'refused', tenant, refusal: challengedHere(rooms, worse, asking), entry: undefined };
      }
      // A proof that was spent before cannot be spent again; whatever else went wrong is told without what it was about.
      const isReplay = worse.code === 'proof.replayed';
      const entry = isReplay
        ? await writeDenial(rooms, { ...asking, spend: [] }, call, worse, facts)
        : await writeDenial(rooms, asking, null, { ...denied, because: worse.because, parts: { is: 'code' } });
      return { kind: 'refused', tenant, refusal: challengedHere(rooms, worse, asking), entry };
    }
  });
}

/** Nothing can be written now: the agent hears so at once, and it is counted until the store is back. */
async function refuseCutOff(rooms: Rooms, { tenant, caller, request }: Asking, { because }: Denied): Promise<Ruled> {
  const cutOff = refuse('plane.cut_off', because, undefined, { 'retry-after': '2' });
  const refusal = challengedHere(rooms, cutOff, { caller });
  const source = { source: caller.agent, channel: 'gateway', token: null, request: request.line };
  await rooms.unproved.record(refusal, source);
  return { kind: 'refused', tenant, refusal, entry: undefined };
}

async function writeDenial(
  rooms: Rooms,
  asking: Asking,
  call: Call | null,
  denied: Denied,
  facts?: Facts,
): Promise<EntryId> {
  const { ground } = rooms;
  const id = ground.newId('entry');
  const { policyVersion = '', because, parts = { is: 'code' } } = denied;
  const run = facts?.chain[0].root ?? (await rooms.runOf(asking.tenant, asking.task));
  await ground.database.commit({
    tenant: asking.tenant,
    changes: asking.spend,
    entries: [
      entry({
        id,
        kind: 'call.decided',
        who: whoOf(asking, facts),
        task: asking.task,
        run,
        about: asking.parked?.approval.entry ?? null,
        action: call?.action.id ?? null,
        decision: 'deny',
        code: denied.code,
        keys: call?.resources ?? [],
        detail: {
          ...(call === null ? { request: asking.request.line, trace: asking.request.trace } : callDetail(asking, call)),
          ...(call === null || facts === undefined
            ? {}
            : decisionDetail(asking, call, facts, { because: [], policyVersion })),
          because,
          denied: parts,
          says: denied.says ?? refusalRow(denied.code).says,
        },
      }),
    ],
  });
  return id;
}

/** What the agent hears. THREATS: oracle. Rules, approvers and other people's sums stay in the log. */
function heard(
  rooms: Rooms,
  { code, because, says, retryAfterSeconds, maxAgeSeconds, acrs = [], headers }: Denied,
  asking: Pick<Asking, 'caller'>,
  call: Call | null,
): Refusal {
  const more = retryAfterSeconds == null ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) };
  const members = {
    ...(code === 'authority.not_covered' && call !== null ? missing(rooms, call) : {}),
    ...(maxAgeSeconds == null ? {} : { max_age: maxAgeSeconds }),
    ...(acrs.length === 0 ? {} : { acr_values: acrs.join(' ') }),
  };
  const refusal = new Refusal(code, because, says ?? refusalRow(code).says, { ...headers, ...more }, members);
  return challengedHere(rooms, refusal, asking);
}

const challengedHere = (rooms: Rooms, refusal: Refusal, { caller }: Pick<Asking, 'caller'>): Refusal =>
  challenged(refusal, schemeOf(caller), metadataOf({ url: rooms.tags.issuer }, 'task'));

/** What would cover this very call, and where to ask for it: made of the call itself, and of nothing that bounds it. */
const missing = (rooms: Rooms, call: Call) => ({
  authorization_details: [grantOf(call)],
  elevation_endpoint: rooms.tags.issuer + endpoint.elevations,
});

function grantOf({ action, arguments: given }: Call): Grant {
  const where = Object.fromEntries([...given].map(([name, value]) => [name, { all: [constraintOf(value)] }] as const));
  return { type: 'ambit_grant', actions: [action.id], ...(given.size === 0 ? {} : { where }) };
}

function constraintOf(value: JsonValue): Constraint {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return { equals: value };
  const isPlain = value instanceof JsonNumber && String(Number(value.text)) === value.text;
  return isPlain ? { equals: Number(value.text) } : { any: true };
}

/** A refusal before anyone proved anything: counted by source and minute, or told in the run whose token was shown. */
export function refuseRequest(rooms: Rooms, incoming: Incoming, refusal: Refusal): Promise<Ruled> {
  return span('gateway/refuse', async (): Promise<Ruled> => {
    const shown = incoming.tokenShown();
    const heardBy =
      shown === null ? refusal : challenged(refusal, 'DPoP', metadataOf({ url: rooms.tags.issuer }, 'task'));
    const recorded = await rooms.unproved.record(refusal, {
      source: incoming.remoteAddress,
      channel: 'gateway',
      token: shown,
      request: incoming.request.line,
    });
    return { kind: 'refused', tenant: shown?.tenant ?? plane, refusal: heardBy, entry: recorded };
  });
}
