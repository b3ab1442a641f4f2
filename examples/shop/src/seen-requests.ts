import type { IncomingMessage } from 'node:http';
import type { Clock } from './clock.ts';

/** A request as it arrived, before routing, authentication or any other thought. */
export type SeenRequest = {
  /** Counts up from 1, so that a reader notices what the ring has dropped. */
  readonly number: number;
  readonly at: string;
  /** `?` where the bytes were no HTTP request. */
  readonly method: string;
  /** The request target exactly as it was sent. */
  readonly url: string;
  readonly headerNames: readonly string[];
  /** Values of headers that cannot carry a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** The scheme of the Authorization header; its value is never kept. */
  readonly authorizationScheme: string | null;
};

export type SeenRequests = {
  see(request: IncomingMessage): void;
  seeMalformed(): void;
  list(): SeenRequest[];
};

const keptHeaders = [
  ...['host', 'content-type', 'content-length', 'transfer-encoding', 'accept', 'user-agent', 'via', 'forwarded'],
  ...['traceparent', 'tracestate', 'idempotency-key', 'signature', 'signature-input', 'content-digest'],
];
const valueLengthMax = 512;

/** The newest `max` requests. */
export function seenRequests(max: number, clock: Clock): SeenRequests {
  const ring: SeenRequest[] = [];
  let count = 0;
  const keep = (rest: Omit<SeenRequest, 'number' | 'at'>) => {
    count += 1;
    ring.push({ number: count, at: new Date(clock()).toISOString(), ...rest });
    if (ring.length > max) ring.shift();
  };
  return {
    see: (request) => keep(describe(request)),
    seeMalformed: () => keep({ method: '?', url: '', headerNames: [], headers: {}, authorizationScheme: null }),
    list: () => [...ring],
  };
}

function describe({ method, url, headers }: IncomingMessage): Omit<SeenRequest, 'number' | 'at'> {
  return {
    method: method ?? '?',
    url: (url ?? '').slice(0, 4096),
    headerNames: Object.keys(headers),
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => keptHeaders.includes(name) || name.startsWith('ambit-'))
        .map(([name, value]) => [name, String(value).slice(0, valueLengthMax)]),
    ),
    authorizationScheme: headers.authorization?.split(' ', 1)[0]?.slice(0, 20) ?? null,
  };
}
