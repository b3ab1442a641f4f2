import { header } from '@ambit/protocol';
import type { SigningKey } from './key.ts';
import { signProof } from './proof.ts';

/** What runs beneath, handed in where a test or a tool wants its own. */
export type Beneath = {
  /** `fetch`, or something that behaves like it. */
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
};

/** The way to one origin of Ambit. Nothing that is signed here goes anywhere else. */
export type Wire = {
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly clock: () => number;
  /** The newest nonce that the origin gave out (RFC 9449 §8.2); written with every answer. */
  nonce: string | undefined;
};

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Throws `TypeError` for what is not one https origin; plain http is for loopback only. */
export function openWire(url: string, { fetch: own, clock = Date.now }: Beneath): Wire {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = parsed !== undefined && parsed.origin === url.replace(/\/$/, '').toLowerCase();
  if (!isPlain || !(parsed.protocol === 'https:' || (parsed.protocol === 'http:' && loopback.has(parsed.hostname)))) {
    throw new TypeError(
      `url must be an https origin such as https://ambit.example (http on loopback only), not ${url}`,
    );
  }
  // Called as a method of anything else, the fetch of a page refuses to work.
  const bare: typeof fetch = (input, init) => globalThis.fetch(input, init);
  return { origin: parsed.origin, fetch: own ?? bare, clock, nonce: undefined };
}

export type Sending = {
  readonly method: string;
  /** Path and query, beginning with a slash. */
  readonly path: string;
  readonly token?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  /** Bytes are covered by the proof; a stream is sent as it comes, and only once. */
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  readonly signal?: AbortSignal | null | undefined;
};

/**
 * Sends one request with a proof by `key` (RFC 9449 §7.1), or without one where the connection shows a certificate.
 * Where the origin asks for a nonce it did not do anything yet, and the request goes out once more with that nonce (§8, §9);
 * nothing else is ever repeated here.
 */
export async function send(wire: Wire, key: SigningKey | null, sending: Sending): Promise<Response> {
  const first = await sendOnce(wire, key, sending);
  if (sending.body instanceof ReadableStream || !(await asksForNonce(first))) return first;
  await first.body?.cancel();
  return sendOnce(wire, key, sending);
}

async function sendOnce(wire: Wire, key: SigningKey | null, sending: Sending): Promise<Response> {
  const { method, path, token, body, signal } = sending;
  const url = wire.origin + path;
  const isStream = body instanceof ReadableStream;
  const about = { method, url, now: wire.clock(), token, body: isStream ? undefined : body, nonce: wire.nonce };
  const headers = new Headers(sending.headers);
  if (key !== null) headers.set(header.proof, await signProof(key, about));
  if (token !== undefined) headers.set(header.authorization, `${key === null ? 'Bearer' : 'DPoP'} ${token}`);
  const response = await wire.fetch(url, {
    method,
    headers,
    // A redirect would carry token and proof to wherever it points.
    redirect: 'error',
    ...(body !== undefined && { body }),
    ...(isStream && { duplex: 'half' }),
    ...(signal && { signal }),
  });
  wire.nonce = response.headers.get(header.proofNonce) ?? wire.nonce;
  return response;
}

/** RFC 9449 §8: 400 with an OAuth error at the token endpoint; §9: 401 with a challenge elsewhere. */
async function asksForNonce(response: Response): Promise<boolean> {
  if (response.headers.get(header.proofNonce) === null) return false;
  if (response.status === 401) return /error="use_dpop_nonce"/.test(response.headers.get(header.challenge) ?? '');
  if (response.status !== 400) return false;
  return /"error"\s*:\s*"use_dpop_nonce"/.test(await response.clone().text());
}
