import { type ApprovalId, agentClaimHeader, header } from '@ambit/protocol';
import { sendWithToken } from './ask-plane.ts';
import {
  askOnce,
  awaitApproval,
  pendingApproval,
  preferWait,
  requireOwnLocation,
  secondsOf,
  type Wait,
} from './await-approval.ts';
import type { Self } from './self.ts';
import type { Token } from './token.ts';
import { mayBeRefusal, readRefusal, refusalFrom, Unknown } from './wire/refusal.ts';
import type { Renewed } from './wire/renewed.ts';

/** What the agent says about a call, for the people who read of it. It is quoted as its claim and decides nothing. */
export type Claim = {
  /** Why, in a sentence. At most 500 characters are kept of each. */
  readonly reason?: string;
  /** At which step of its plan. */
  readonly step?: string;
  /** From which tool call of the model. */
  readonly toolCallId?: string;
};

export type CallOptions = Claim & {
  /**
   * How long to wait where a person must say yes: seconds, or `forever` (unless said), which ends when the question
   * is answered or expires. When it is over first, `ApprovalPending` is thrown.
   */
  readonly wait?: Wait;
};

/** The options of `fetch`, and what Ambit adds to them. */
export type CallInit = RequestInit & { readonly duplex?: 'half'; readonly ambit?: CallOptions };

export type Caller = { readonly self: Self; readonly tokens: Renewed<Token> };

/** How long the call itself stays open for a person’s answer; after that it is asked for with reads, which can be repeated. */
const firstWaitSecondsMax = 5;

/**
 * One call through the gateway. Answers of the API behind it come back as they are, its errors too; what the plane
 * refuses is thrown. Nothing here repeats a call that may have been sent.
 */
export async function call(
  { self, tokens }: Caller,
  input: string | URL | Request,
  init: CallInit = {},
): Promise<Response> {
  const { ambit = {}, ...plain } = init;
  const wait = ambit.wait ?? 'forever';
  const seconds = secondsOf(wait);
  const request = new Request(input instanceof Request ? input : gatewayUrl(self, input), plain as RequestInit);
  const { pathname, search } = gatewayUrl(self, request.url);
  const headers = new Headers(request.headers);
  for (const [name, value] of claimHeaders(ambit)) headers.set(name, value);
  if (seconds > 0) headers.set(header.prefer, preferWait(Math.min(seconds, firstWaitSecondsMax)));
  const body = await bodyOf(request, plain.body);
  const sending = { method: request.method, path: pathname + search, headers, body, signal: request.signal };
  const startedAt = self.wire.clock();
  const first = await sendCall({ self, tokens }, sending);
  if (pendingApproval(first) === undefined) return passOn(first);
  requireOwnLocation(self, first);
  const spent = (self.wire.clock() - startedAt) / 1000;
  const left = wait === 'forever' ? wait : Math.max(0, seconds - spent);
  return passOn(await awaitApproval({ self, tokens, wait: left, signal: request.signal }, first));
}

/** Goes on waiting for a question that was asked before. */
export async function answerTo(
  { self, tokens }: Caller,
  approval: ApprovalId,
  { wait = 'forever', signal }: { readonly wait?: Wait; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  const seconds = secondsOf(wait);
  const startedAt = self.wire.clock();
  const first = await askOnce({ self, tokens, signal }, approval, seconds);
  const left = wait === 'forever' ? wait : Math.max(0, seconds - (self.wire.clock() - startedAt) / 1000);
  return passOn(await awaitApproval({ self, tokens, wait: left, signal }, first));
}

/** Throws `TypeError` for whatever is not below `/api/` of the gateway: tokens and proofs go nowhere else. */
export function gatewayUrl({ wire }: Self, input: string | URL): URL {
  const url = URL.parse(`${input}`, wire.origin);
  if (url?.origin === wire.origin && url.pathname.startsWith('/api/') && url.username === '' && url.password === '') {
    return url;
  }
  throw new TypeError(`${input} is not below ${wire.origin}/api/. A task calls APIs through its gateway only.`);
}

/** A stream stays one, unread; all else becomes the bytes that the proof covers. */
export async function bodyOf(request: Request, given: RequestInit['body']) {
  if (request.body === null) return undefined;
  const isStream =
    given instanceof ReadableStream || (given !== null && typeof given === 'object' && Symbol.asyncIterator in given);
  return isStream ? request.body : new Uint8Array(await request.arrayBuffer());
}

type SendingCall = Parameters<typeof sendWithToken>[2];

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The connection was never made: nothing can have been sent. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

async function sendCall({ self, tokens }: Caller, sending: SendingCall): Promise<Response> {
  // Ahead of the call: what goes wrong while a token is had is not about the call.
  await tokens.current();
  try {
    return await sendWithToken(self, tokens, sending);
  } catch (error) {
    const isBroken = error instanceof TypeError && !sending.signal?.aborted;
    if (!isBroken || safeMethods.has(sending.method) || neverSent.has(codeOf(error.cause))) throw error;
    const says = 'The connection broke after the call was sent. Look whether it happened before trying again.';
    const parts = { code: 'connection.lost', status: 0, says, entry: null, retryAfterSeconds: null };
    throw new Unknown(parts, { cause: error });
  }
}

const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? `${cause.code}` : '';

/** The answer as it is, or the plane’s refusal thrown. */
async function passOn(response: Response): Promise<Response> {
  if (!mayBeRefusal(response)) return response;
  const refused = await readRefusal(response.clone());
  if (refused === undefined) return response;
  await response.body?.cancel();
  throw refusalFrom(refused);
}

// Header fields are ASCII (RFC 9110 §5.5): claims are percent-encoded, and cut so that they never fill the head.
const encodedMax = 3000;
const charactersMax = 500;

export function claimHeaders({ reason, step, toolCallId }: Claim): readonly (readonly [string, string])[] {
  const claims = [
    [agentClaimHeader.reason, reason],
    [agentClaimHeader.step, step],
    [agentClaimHeader.toolCall, toolCallId],
  ] as const;
  return claims.flatMap(([name, value]) => (value === undefined ? [] : [[name, encoded(value)] as const]));
}

function encoded(text: string): string {
  let result = '';
  for (const character of text.slice(0, charactersMax).toWellFormed()) {
    const next = encodeURIComponent(character);
    if (result.length + next.length > encodedMax) break;
    result += next;
  }
  return result;
}
