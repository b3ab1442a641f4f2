import { refuse } from '../foundation/index.ts';
import type { Header } from '../foundation/outbound/index.ts';

/** What a caller's request may bring along to any upstream. All else is left behind unless the action declares it. */
const alwaysForwarded: ReadonlySet<string> = new Set(['accept', 'accept-language']);

/**
 * Never forwarded, declared or not: they frame the message, name somebody, or make an upstream read a request other
 * than the one that was decided.
 */
const neverForwarded: ReadonlySet<string> = new Set([
  ...[
    'host',
    'connection',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'expect',
    'via',
    'http2-settings',
  ],
  ...['content-length', 'content-type', 'content-encoding', 'accept-encoding', 'range', 'if-range', 'max-forwards'],
  ...['cookie', 'cookie2', 'authorization', 'dpop', 'forwarded', 'referer', 'origin', 'client-ip', 'true-client-ip'],
  ...[
    'x-real-ip',
    'x-original-url',
    'x-original-host',
    'x-rewrite-url',
    'x-host',
    'x-client-ip',
    'x-cluster-client-ip',
  ],
  ...['x-http-method', 'x-method', 'early-data', 'prefer', 'user-agent'],
]);
const neverForwardedPattern = /^(proxy-|sec-|x-forwarded-|x-envoy-|x-amzn-|ambit-|cf-)|override/;

export function mayForward(name: string): boolean {
  return !neverForwarded.has(name) && !neverForwardedPattern.test(name);
}

/**
 * The caller's headers that go along, by lower-case name: part of what is decided. `declared` are the header parameters
 * of the action. One that comes twice could be read in two ways and is refused.
 */
export function chooseHeaders(incoming: readonly Header[], declared: ReadonlySet<string>): Record<string, string> {
  const chosen: Record<string, string> = Object.create(null);
  for (const [given, value] of incoming) {
    const name = given.toLowerCase();
    if (!(alwaysForwarded.has(name) || declared.has(name)) || !mayForward(name)) continue;
    if (name in chosen) throw refuse('request.malformed', `the header ${name} came twice`, `Send ${name} once.`);
    chosen[name] = value;
  }
  return chosen;
}

// W3C Trace Context §3.2.2 and §3.3.1.
const traceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const tracestate = /^[\x20-\x7e]{1,512}$/;

/** The trace that the call belongs to, where the caller's words for it can be read. */
export function traceHeaders(incoming: readonly Header[]): readonly Header[] {
  const one = (wanted: string) => incoming.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const [parent, ...more] = one('traceparent');
  if (parent === undefined || more.length > 0 || !traceparent.test(parent)) return [];
  const state = one('tracestate').join(',');
  return [['traceparent', parent], ...(tracestate.test(state) ? [['tracestate', state] as const] : [])];
}

// RFC 9110 §7.6.1, and what only the plane or the caller's own connection may say.
const neverAnswered: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'proxy-connection',
    'via',
    'forwarded',
  ],
  ...[
    'www-authenticate',
    'authentication-info',
    'authorization',
    'set-cookie',
    'set-cookie2',
    'cookie',
    'dpop',
    'dpop-nonce',
  ],
  ...['location', 'content-location', 'refresh', 'ratelimit', 'ratelimit-policy', 'alt-svc', 'clear-site-data'],
  ...['strict-transport-security', 'public-key-pins', 'x-sendfile', 'x-lighttpd-send-file', 'service-worker-allowed'],
  ...['traceparent', 'tracestate', 'report-to', 'nel', 'preference-applied'],
]);
const neverAnsweredPattern = /^(ambit-|proxy-|x-accel-|access-control-|sec-|oauth-)/;
/** INVARIANT (minted-credential): what an upstream hands out in a header to prove who one is stays here. */
const mintsCredential =
  /(^|[-_])(auth|tokens?|secrets?|cookies?|passwords?|credentials?|jwt|session|sid|(api|access)[-_]?keys?)($|[-_])/;
const pagingToken = /(^|[-_])(page|next|continuation|sync|cursor)[-_]?tokens?$/;

/**
 * The upstream's headers that the caller may see. Copies of the plane's own words are removed, and the last one says
 * whose answer this is, so that nothing an upstream sends can be taken for the plane.
 */
export function answerHeaders(headers: readonly Header[]): readonly Header[] {
  const named = new Set(
    headers.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => tokens(value)),
  );
  const passed = headers
    .map(([name, value]): Header => [name.toLowerCase(), value])
    .filter(([name, value]) => !named.has(name) && mayAnswer(name) && readable.test(value));
  return [...passed, ['ambit-source', 'upstream']];
}

// Upstreams use few names, again and again.
const answerNamesMax = 1000;
const answerNames = new Map<string, boolean>();

function mayAnswer(name: string): boolean {
  const known = answerNames.get(name);
  if (known !== undefined) return known;
  if (answerNames.size >= answerNamesMax) answerNames.clear();
  const may = isForCallers(name);
  answerNames.set(name, may);
  return may;
}

function isForCallers(name: string): boolean {
  if (neverAnswered.has(name) || neverAnsweredPattern.test(name)) return false;
  return !mintsCredential.test(name) || pagingToken.test(name);
}

const readable = /^[\t\x20-\x7e\x80-\xff]*$/;

const tokens = (value: string) => value.split(',').map((token) => token.trim().toLowerCase());

export function headerOf(headers: readonly Header[], wanted: string): string | null {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
}
