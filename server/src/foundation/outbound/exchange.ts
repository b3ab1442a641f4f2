import type { Readable } from 'node:stream';
import type { Dispatcher, Pool } from 'undici';
import { OutboundFault } from './fault.ts';
import type { Line, LineRequest } from './line.ts';

/** Name and value, as they stand on the wire. */
export type Header = readonly [name: string, value: string];

export type OutboundRequest = {
  readonly origin: string;
  readonly method: string;
  /** Path and query, exactly as they go onto the wire. */
  readonly path: string;
  readonly headers: readonly Header[];
  /** A stream is not destroyed when the exchange ends early: its owner may still answer on the same socket. */
  readonly body: Uint8Array | Readable | null;
  /** Length of a streamed body where it is known; without it the body goes out chunked. */
  readonly bodyBytes?: number;
  readonly timeouts?: Partial<Timeouts>;
};

export type Timeouts = {
  /** Until a connection is free and the request starts to be written, connecting included. */
  readonly waitMs: number;
  /** From the last byte written to the status line. */
  readonly headersMs: number;
  /** Between two pieces of the answer; does not run while the receiver has it paused. */
  readonly idleMs: number;
  /** The whole exchange. */
  readonly wholeMs: number;
};

/** Who hears of an exchange: `answered`, any `data`, then `ended`; or `broke` at any point, after which nothing comes. */
export type Receiver = {
  /** The very last moment before the first byte is written. What it throws becomes a fault, and nothing is sent. */
  readonly sending?: () => void;
  readonly answered: (status: number, headers: readonly Header[]) => void;
  readonly data: (chunk: Uint8Array) => void;
  /** `requestWhole` is false where the answer was over before the request had been written to its end. */
  readonly ended: (end: { readonly requestWhole: boolean }) => void;
  readonly broke: (fault: OutboundFault) => void;
};

export type Exchange = {
  /** Ends it and destroys the connection; `broke` hears a fault of kind `cut`. */
  cut(because: string): void;
  pause(): void;
  resume(): void;
};

/** One request, written at most once, and its answer as it comes. */
export function exchange(pool: Pool, request: OutboundRequest, timeouts: Timeouts, receiver: Receiver): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let sent = false;
  let requestWhole = false;
  let over = false;
  let paused = false;
  let line: Line | undefined;
  let interims = 0;
  let isEmpty = false;
  const phase = phaseTimer(timeouts.wholeMs, (what) => fail('timeout', what));

  function finish(): boolean {
    if (over) return false;
    over = true;
    phase.over();
    return true;
  }

  function fail(kind: OutboundFault['kind'], because: string, cause?: unknown): void {
    if (!finish()) return;
    const fault = new OutboundFault(kind, because, sent, { cause });
    controller?.abort(fault);
    receiver.broke(fault);
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started;
      // Given up while it waited. It is never written: undici drops what is aborted here.
      if (over) return started.abort(new OutboundFault('cut', 'given up before it was sent', false));
      try {
        receiver.sending?.();
      } catch (error) {
        return fail('refused', error instanceof Error ? error.message : 'the last check before sending failed', error);
      }
      sent = true;
      phase.start(timeouts.headersMs, `no answer came within ${timeouts.headersMs} ms`);
    },
    onBodySent() {
      phase.again();
    },
    onRequestSent() {
      requestWhole = true;
      phase.again();
    },
    onResponseStart(_controller, status, parsed) {
      if (over) return;
      if (status === 101) return fail('broken', 'the upstream switched protocols unasked');
      const headers = readHeaders(controller?.rawHeaders, parsed);
      const doubt = framingDoubt(status, headers);
      if (doubt !== null) return fail('broken', doubt);
      if (status < 200) {
        interims++;
        return interims > interimsMax ? fail('broken', `more than ${interimsMax} interim answers came`) : undefined;
      }
      isEmpty = status === 204 && isFramed(headers);
      phase.start(timeouts.idleMs, `the answer stopped for ${timeouts.idleMs} ms`);
      receiver.answered(status, headers);
    },
    onResponseData(_controller, chunk) {
      if (over) return;
      if (!paused) phase.again();
      receiver.data(chunk);
    },
    onResponseEnd() {
      if (!finish()) return;
      // Handed over is not written: an answer may be over while the request still waits in this process.
      const isEarly = !requestWhole || line?.isWriting === true;
      // What follows a body that should not be there, or a request that was cut short, belongs to nobody.
      if (isEarly || isEmpty) line?.giveUp();
      receiver.ended({ requestWhole: !isEarly });
    },
    onResponseError(_controller, error) {
      if (error instanceof OutboundFault) return fail(error.kind, error.message, error.cause);
      fail('broken', error.message, error);
    },
  };

  phase.start(timeouts.waitMs, `no connection was free within ${timeouts.waitMs} ms`);
  pool.dispatch(
    {
      method: request.method,
      path: request.path,
      headers: [...request.headers, ...lengthOf(request)].flat(),
      body: bodyOf(request),
      // An idempotent request may be written behind another one, or again: neither is wanted here.
      idempotent: false,
      upgrade: null,
      taken: (by: Line) => {
        line = by;
      },
    } as LineRequest,
    handler,
  );

  return {
    cut: (because) => fail('cut', because),
    pause() {
      if (over || paused) return;
      paused = true;
      phase.stop();
      controller?.pause();
    },
    resume() {
      if (over || !paused) return;
      paused = false;
      phase.start(timeouts.idleMs, `the answer stopped for ${timeouts.idleMs} ms`);
      controller?.resume();
    },
  };
}

function lengthOf({ body, bodyBytes }: OutboundRequest): Header[] {
  const streamed = body !== null && !(body instanceof Uint8Array);
  return streamed && bodyBytes !== undefined ? [['content-length', String(bodyBytes)]] : [];
}

function bodyOf(request: OutboundRequest): Uint8Array | AsyncIterable<Uint8Array> | null {
  const { body } = request;
  if (body === null || body instanceof Uint8Array) return body;
  return body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

function readHeaders(
  raw: Dispatcher.DispatchController['rawHeaders'],
  parsed: Readonly<Record<string, string | string[] | undefined>>,
): Header[] {
  if (!Array.isArray(raw)) return Object.entries(parsed).flatMap(([name, value]) => each(name, value));
  const headers: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([text(raw[at]!), text(raw[at + 1]!)]);
  return headers;
}

const each = (name: string, value: string | string[] | undefined): Header[] =>
  [value ?? []].flat().map((one) => [name, one] as const);

const text = (part: Buffer | string): string => (typeof part === 'string' ? part : part.toString('latin1'));

const interimsMax = 16;
const digits = /^(0|[1-9]\d{0,15})$/;

const isFramed = (headers: readonly Header[]) =>
  headers.some(([name, value]) => /^(content-length|transfer-encoding)$/i.test(name) && value.trim() !== '0');

/** Where two readers could disagree on where this answer ends, the next one on the connection cannot be believed. */
function framingDoubt(status: number, headers: readonly Header[]): string | null {
  const encodings = valuesOf(headers, 'transfer-encoding');
  const lengths = valuesOf(headers, 'content-length');
  // RFC 9110 §8.6, RFC 9112 §6.1: an interim answer has no body, whatever it says.
  if (status < 200 && isFramed(headers)) return 'an interim answer says that it has a body';
  if (lengths.some((length) => !digits.test(length.trim()))) return 'the length of the answer is not a plain number';
  if (encodings.length > 0 && lengths.length > 0) return 'the answer gives its length in two ways (RFC 9112 §6.3)';
  if (lengths.length > 1) return 'the answer gives its length twice';
  // RFC 9112 §6.1: a coding we did not ask for would be decoded by one reader and passed on by another.
  if (encodings.length > 1 || encodings.some((coding) => coding.trim().toLowerCase() !== 'chunked')) {
    return 'the answer uses a transfer coding other than chunked';
  }
  return null;
}

function valuesOf(headers: readonly Header[], name: string): string[] {
  return headers.filter((header) => header[0].toLowerCase() === name).map((header) => header[1]);
}

/**
 * The end of the phase that runs, and of the whole: one timer for both, which is set anew only where it would come too
 * late. Most exchanges are over before it comes even once.
 */
function phaseTimer(wholeMs: number, late: (what: string) => void) {
  const wholeEnds = performance.now() + wholeMs;
  let phaseMs = Number.POSITIVE_INFINITY;
  let phaseEnds = Number.POSITIVE_INFINITY;
  let saying = '';
  let timer: NodeJS.Timeout | undefined;
  let timerComes = Number.POSITIVE_INFINITY;
  const due = () => Math.min(phaseEnds, wholeEnds);
  function arm(now: number): void {
    if (due() >= timerComes) return;
    clearTimeout(timer);
    timerComes = due();
    timer = setTimeout(come, Math.max(0, timerComes - now));
  }
  function come(): void {
    const now = performance.now();
    timerComes = Number.POSITIVE_INFINITY;
    // A timer may come a little before its time.
    if (now + 1 < due()) arm(now);
    else late(phaseEnds <= wholeEnds ? saying : `it took longer than ${wholeMs} ms`);
  }
  return {
    start(ms: number, what: string) {
      const now = performance.now();
      phaseMs = ms;
      phaseEnds = now + ms;
      saying = what;
      arm(now);
    },
    again() {
      phaseEnds = performance.now() + phaseMs;
    },
    stop() {
      phaseMs = Number.POSITIVE_INFINITY;
      phaseEnds = Number.POSITIVE_INFINITY;
    },
    over: () => clearTimeout(timer),
  };
}
