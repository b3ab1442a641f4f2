import type { Readable } from 'node:stream';
import type { EntryId, TenantId } from '@ambit/protocol';
import type { CutSignal } from '../endings/index.ts';
import type { Header, OutboundRequest } from '../foundation/outbound/index.ts';
import type { Loan } from '../vault/index.ts';
import { mayForward } from './forward-headers.ts';
import type { Effect } from './forward-outcome.ts';

/** A request as it was decided: nothing is added to it but what the plane itself says. */
export type Prepared = {
  readonly tenant: TenantId;
  /** The entry that permits it. */
  readonly entry: EntryId;
  readonly effect: Effect;
  readonly origin: string;
  /** Upper case. */
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  /** Percent-encoded, without the question mark; empty where there is none. */
  readonly query: string;
  /** As `chooseHeaders` chose them and the decision saw them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PreparedBody | null;
  /** Trace context and signed tags: said by the plane, no part of the decision. */
  readonly planeHeaders: readonly Header[];
  /** Name of the header by which this API tells a repeated write, e.g. `idempotency-key`; null where it has none. */
  readonly idempotencyHeader: string | null;
  readonly answerBytesMax: number;
  readonly copyBytesMax: number;
  readonly durationMsMax: number;
  /** Ends when the task does: a call that waits is not sent, an open answer is cut. */
  readonly until: CutSignal;
  /** The last look before the first byte is written. It throws where the call may no longer go out. */
  readonly lastLook?: () => void;
};

export type PreparedBody =
  | { readonly mediaType: string; readonly bytes: Uint8Array }
  /** Only where the owner declared the body powerless. */
  | { readonly mediaType: string; readonly stream: Readable; readonly bytesLength: number | null };

/** INVARIANT (decided is sent): the upstream sees the decided call, the plane's own words, and the lent credential. */
export function writeRequest(prepared: Prepared, loan: Loan): OutboundRequest {
  if (loan.entry !== prepared.entry || loan.origin !== prepared.origin) {
    throw new Error(`the loan for ${loan.entry} at ${loan.origin} is not for ${prepared.entry} at ${prepared.origin}`);
  }
  const { headers, query } = loan.apply({ headers: writtenHeaders(prepared), query: prepared.query });
  return {
    origin: prepared.origin,
    method: prepared.method,
    path: query === '' ? prepared.path : `${prepared.path}?${query}`,
    headers,
    ...writtenBody(prepared.body),
    timeouts: { wholeMs: prepared.durationMsMax },
  };
}

function writtenHeaders(prepared: Prepared): Header[] {
  const { body, entry, idempotencyHeader, planeHeaders } = prepared;
  // RFC 9110 §5.1: names of fields are the same in any case. THREATS: retry-after-unknown.
  const replaced = idempotencyHeader?.toLowerCase();
  const decided = Object.entries(prepared.headers).filter(([name]) => name !== replaced);
  const bad = decided.find(([name]) => name !== name.toLowerCase() || !mayForward(name));
  if (bad !== undefined) throw new Error(`the header ${bad[0]} may not be forwarded`);
  return [
    ...decided,
    ...planeHeaders,
    ['user-agent', 'ambit'],
    // What cannot be read cannot be searched for an echoed secret, nor kept.
    ['accept-encoding', 'identity'],
    ...(body === null ? [] : [['content-type', body.mediaType] as const]),
    ...(idempotencyHeader === null ? [] : [[idempotencyHeader, entry] as const]),
  ];
}

function writtenBody(body: PreparedBody | null): Pick<OutboundRequest, 'body' | 'bodyBytes'> {
  if (body === null) return { body: null };
  if ('bytes' in body) return { body: body.bytes };
  return { body: body.stream, ...(body.bytesLength === null ? {} : { bodyBytes: body.bytesLength }) };
}
