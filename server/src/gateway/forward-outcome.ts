import type { Refusal } from '../foundation/index.ts';

/** What an action does to the world, as far as an unclear end matters. */
export type Effect = 'read' | 'write';

/**
 * `done`: the upstream said so. `failed`: it said that it did not, or nothing was sent. `unknown`: nobody can say; what
 * was reserved stays spent, and the same write asks a person.
 */
export type OutcomeKind = 'done' | 'failed' | 'unknown';

export type OutcomeCode =
  | 'answered'
  /** The answer was over before the request had been sent whole. */
  | 'answered_early'
  | 'not_sent'
  | 'redirected'
  | 'echoed_secret'
  | 'encoded'
  | 'partial'
  | 'answer_too_large'
  | 'task_ended'
  /** This node was cut off from its store, and could not hear whether the task had ended. */
  | 'cut_off'
  | 'caller_left'
  | 'reply_failed'
  | 'late'
  | 'broken';

export type Outcome = {
  readonly kind: OutcomeKind;
  readonly code: OutcomeCode;
  /** Whether any byte of the request was written to the upstream. */
  readonly sent: boolean;
  /** The upstream's status; null where none came. */
  readonly status: number | null;
  /** Bytes of the answer's body that were let through. */
  readonly bytes: number;
  /** `sha-256:` and base64url over those bytes. */
  readonly digest: string;
  /** The first of those bytes, for sealing. */
  readonly copy: Uint8Array;
  /** The upstream's answer came whole and went to the caller whole. */
  readonly complete: boolean;
  /** Whether the caller has heard anything yet. Where it has not, `says` is what to tell it. */
  readonly firstByteSent: boolean;
  readonly flagged: 'credential' | null;
  readonly ms: number;
  /** The refusal that kept the call here, where the last look or the vault had one. */
  readonly refusal: Refusal | null;
  /** For the log. */
  readonly because: string;
  /** A safe sentence for the caller. */
  readonly says: string;
};

/** How an exchange came to its end. `cut` is this plane's doing, `broke` is not. */
export type End =
  | { readonly how: 'ended'; readonly requestWhole: boolean }
  | { readonly how: 'cut'; readonly code: OutcomeCode }
  | { readonly how: 'broke'; readonly sent: boolean };

/** INVARIANT (record first): once a byte was sent, a call is `failed` only where the upstream itself said that it is. */
export function kindOf(end: End, status: number | null, effect: Effect): OutcomeKind {
  if (end.how === 'broke') return end.sent ? 'unknown' : 'failed';
  if (status === null) return 'unknown';
  if (end.how === 'ended') {
    const said = kindOfStatus(status, effect);
    return said === 'done' && effect === 'write' && !end.requestWhole ? 'unknown' : said;
  }
  // A redirect is a whole answer that is kept back; of any other answer that was cut only a success is believed.
  if (end.code === 'redirected' || isSuccess(status)) return kindOfStatus(status, effect);
  return 'unknown';
}

/** What a whole answer says was done (RFC 9110 §15). */
export function kindOfStatus(status: number, effect: Effect): OutcomeKind {
  if (isSuccess(status)) return 'done';
  if (status < 200 || status > 599) return 'unknown';
  if (effect === 'read') return status === 304 ? 'done' : 'failed';
  // "See other" is the answer to something that was done; other redirects leave open whether it was.
  if (status < 400) return status === 303 ? 'done' : 'unknown';
  return leavesOpen(status) ? 'unknown' : 'failed';
}

const isSuccess = (status: number) => status >= 200 && status <= 299;

/**
 * A refusal (4xx) says that nothing was done, except where it speaks of a request that was cut short on its way: 408,
 * and 499, which proxies use. A 5xx to a write leaves it open: the error may have come after the effect, and a gateway
 * in between (502, 503, 504) may have lost an answer. Two of them are about the request's form only: 501, 505.
 */
function leavesOpen(status: number): boolean {
  return status === 408 || status === 499 || (status >= 500 && status !== 501 && status !== 505);
}

/** What the caller may hear of each. */
export const sentences: Readonly<Record<OutcomeCode, string>> = {
  answered: 'The upstream answered.',
  answered_early: 'The upstream answered before it had read the request; whether it was carried out is not known.',
  not_sent: 'The upstream could not be reached and nothing was sent. Try again later, or ask an operator.',
  redirected:
    'The upstream answered with a redirect, and Ambit does not follow redirects. Ask for the API’s description to be corrected.',
  echoed_secret:
    'The upstream sent back the credential it was called with, so its answer was kept back. An administrator can see this call in the log.',
  encoded: 'The upstream sent an encoded answer that could not be checked, so it was kept back.',
  partial: 'The upstream sent a part of the content that was not asked for, so it was kept back.',
  answer_too_large: 'The upstream’s answer is larger than this action may return. Ask for less at once.',
  task_ended:
    'The task ended while the call was under way. Whether it was carried out stands in the log; do not repeat it unasked.',
  cut_off:
    'Ambit was cut off from its store while the call was under way. Whether it was carried out stands in the log; do not repeat it unasked.',
  caller_left: 'The caller left before the answer was whole.',
  reply_failed: 'The answer could not be passed on. Whether the call was carried out stands in the log.',
  late: 'The upstream did not answer in time. Whether the call was carried out is not known; do not repeat it unasked.',
  broken:
    'The connection to the upstream broke. Whether the call was carried out is not known; do not repeat it unasked.',
};
