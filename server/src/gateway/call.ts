import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import {
  type AgentId,
  type CredentialId,
  callDigest,
  contentDigest,
  type JsonValue,
  jsonDigest,
  type TaskId,
  type TenantId,
} from '@ambit/protocol';
import { type Money, readMoney } from '../authority/index.ts';
import type { Action, Api, MatchedCall } from '../catalog/index.ts';
import type { Header } from '../foundation/index.ts';

/** What the agent says of the call: its claim, kept as such, trusted for nothing. */
export type AgentClaim = {
  readonly reason: string | null;
  readonly step: string | null;
  readonly toolCall: string | null;
};

/** One concrete thing that an agent wants to do now. Parsed once; what is sent later is printed from this. */
export type Call = {
  readonly api: Pick<Api, 'name' | 'origin' | 'zone' | 'environment' | 'wantsTags'>;
  readonly action: Action;
  readonly method: string;
  readonly origin: string;
  /** Percent-encoded, as it will be sent. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: CallBody | null;
  readonly arguments: ReadonlyMap<string, JsonValue>;
  /** Undefined where the action moves no money, or the amount cannot be read. */
  readonly money: Money | undefined;
  /** `shop:order/1042`. */
  readonly resources: readonly string[];
  readonly catalogVersion: string;
  readonly claim: AgentClaim;
  /** The trace that the call belongs to: passed on, no part of the decision. */
  readonly trace: readonly Header[];
};

export type CallBody =
  | { readonly mediaType: string; readonly bytes: Uint8Array }
  /** Unread: only where the owner declared that the body carries no power. */
  | { readonly mediaType: string; readonly stream: Readable; readonly bytesLength: number | null };

export type CallContext = {
  readonly headers: Readonly<Record<string, string>>;
  readonly catalogVersion: string;
  readonly claim: AgentClaim;
  readonly trace?: readonly Header[];
  /** The body as it arrives, for the one kind of action that passes it on unread. */
  readonly stream?: { readonly from: Readable; readonly bytesLength: number | null };
};

export function callOf(matched: MatchedCall, api: Call['api'], more: CallContext): Call {
  const { action } = matched;
  return {
    api,
    action,
    method: action.method,
    origin: api.origin,
    path: matched.path,
    query: matched.query,
    headers: more.headers,
    body: bodyOf(matched, more.stream),
    arguments: matched.arguments,
    money: moneyOf(action, matched.arguments),
    resources: matched.resources,
    catalogVersion: more.catalogVersion,
    claim: more.claim,
    trace: more.trace ?? [],
  };
}

function bodyOf({ body }: MatchedCall, stream: CallContext['stream']): CallBody | null {
  if (body.kind === 'none') return null;
  if (body.kind === 'streamed') {
    return stream === undefined
      ? null
      : { mediaType: body.mediaType, stream: stream.from, bytesLength: stream.bytesLength };
  }
  return { mediaType: body.mediaType, bytes: body.bytes };
}

/** The money in the very values that are sent; minor units are written out with the places that the catalog names. */
export function moneyOf(action: Action, found: ReadonlyMap<string, JsonValue>): Money | undefined {
  if (action.money === null) return undefined;
  const { amount, currency, places } = action.money;
  const fixed = /^[A-Z]{3}$/.test(currency) ? currency : found.get(currency);
  const read = readMoney(found.get(amount), fixed);
  if (read === undefined || places === 0) return read;
  const shifted = shiftPlaces(read.amount, places);
  return shifted === undefined ? undefined : readMoney(shifted, read.currency);
}

/** `3000` with two places is `30.00`; an amount in minor units that has a fraction is unreadable. */
function shiftPlaces(minor: string, places: number): string | undefined {
  if (minor.includes('.')) return undefined;
  const digits = minor.padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

export const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

/** What makes this call this call, for this agent and task, with this credential. */
export function digestOf(
  call: Call,
  by: { tenant: TenantId; task: TaskId; agent: AgentId; credential: CredentialId | null },
): string {
  const { method, origin, path, query, headers, catalogVersion } = call;
  return callDigest(
    { ...by, method, origin, path, query, headers, catalogVersion, bodyDigest: bodyDigest(call) },
    sha256,
  );
}

/** The same effect, whoever asks for it: what a write that ended as `unknown` is remembered by. */
export function effectDigest(call: Call): string {
  // Headers stay out: another request id does not make another effect.
  const named = [...call.arguments].filter(([name]) => !name.startsWith('header.'));
  const unread = call.body !== null && 'stream' in call.body;
  return jsonDigest(
    { action: call.action.id, origin: call.origin, arguments: Object.fromEntries(named), unread },
    sha256,
  );
}

export function bodyDigest({ body }: Call): string | null {
  if (body === null) return null;
  return 'stream' in body ? 'unread' : contentDigest(body.bytes, sha256);
}
