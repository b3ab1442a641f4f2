import { type ApprovalId, header, parseId, planeHeader, refusals } from '@ambit/protocol';
import { ApprovalPending } from './approval-pending.ts';
import { sendWithToken } from './ask-plane.ts';
import type { Self } from './self.ts';
import type { Token } from './token.ts';
import { at } from './wire/path.ts';
import { AmbitFault, isUpstreams } from './wire/refusal.ts';
import type { Renewed } from './wire/renewed.ts';

/** How long to wait for a person: whole seconds, or until the question is answered or expires. */
export type Wait = number | 'forever';

export type Awaiting = {
  readonly self: Self;
  readonly tokens: Renewed<Token>;
  readonly wait: Wait;
  readonly signal: AbortSignal | undefined;
};

/** RFC 7240 §4.3: how long one request may stay open. A proxy in between often cuts what is silent for longer. */
const pollSecondsMax = 25;
/** Polls only read: where the way to the plane breaks for a while, the question is still there afterwards. */
const brokenPollsMax = 10;
const retrySecondsDefault = 2;
const retrySecondsMax = 60;

/** The seconds of `Prefer: wait=…` for one request, out of those that are left. */
export const preferWait = (secondsLeft: number): string =>
  `wait=${Math.max(0, Math.min(pollSecondsMax, Math.floor(secondsLeft)))}`;

export function secondsOf(wait: Wait): number {
  if (wait === 'forever') return Number.POSITIVE_INFINITY;
  if (Number.isFinite(wait) && wait >= 0) return wait;
  throw new TypeError(`wait must be seconds or 'forever', not ${wait}`);
}

/** The approval that this answer of the plane says it waits for; undefined for every other answer. */
export function pendingApproval(response: Response): ApprovalId | undefined {
  // The answer of the call itself, run after a yes, names the approval too; only a question has a place to ask again.
  if (response.status !== 202 || isUpstreams(response) || !response.headers.has('location')) return undefined;
  const given = response.headers.get(planeHeader.approval);
  if (given === null) return undefined;
  const approval = parseId('approval', given);
  if (approval === undefined)
    throw new AmbitFault(`The plane named the approval ${given.slice(0, 60)}, which is no id.`);
  return approval;
}

/** Asks until the call has run or was refused. Throws `ApprovalPending` when the time is over, or why `signal` ended. */
export async function awaitApproval(awaiting: Awaiting, first: Response): Promise<Response> {
  const { wire } = awaiting.self;
  const deadline = wire.clock() + secondsOf(awaiting.wait) * 1000;
  let response = first;
  for (;;) {
    const approval = pendingApproval(response);
    if (approval === undefined) return response;
    const secondsLeft = (deadline - wire.clock()) / 1000;
    if (secondsLeft <= 0) throw await pending(response, approval);
    await response.body?.cancel();
    response = await poll(awaiting, approval, secondsLeft);
  }
}

async function poll(awaiting: Awaiting, approval: ApprovalId, secondsLeft: number): Promise<Response> {
  for (let broken = 0; ; broken++) {
    const startedAt = awaiting.self.wire.clock();
    try {
      const response = await askOnce(awaiting, approval, secondsLeft);
      if (pendingApproval(response) !== undefined) await pace(awaiting, response, startedAt, secondsLeft);
      return response;
    } catch (error) {
      if (!(error instanceof TypeError) || awaiting.signal?.aborted || broken >= brokenPollsMax) throw error;
      await sleep(Math.min(secondsLeft, retrySecondsDefault), awaiting.signal);
    }
  }
}

export function askOnce({ self, tokens, signal }: Omit<Awaiting, 'wait'>, approval: ApprovalId, secondsLeft: number) {
  const headers = { [header.prefer]: preferWait(secondsLeft) };
  return sendWithToken(self, tokens, { method: 'GET', path: at('/v1/agent/approvals/', approval), headers, signal });
}

/** Where the plane answered at once instead of waiting, the next poll comes no sooner than `Retry-After` says. */
async function pace({ self, signal }: Awaiting, response: Response, startedAt: number, secondsLeft: number) {
  const said = response.headers.get('retry-after') ?? '';
  const wanted = /^\d{1,9}$/.test(said) ? Math.min(Number(said), retrySecondsMax) : retrySecondsDefault;
  const spent = (self.wire.clock() - startedAt) / 1000;
  const seconds = Math.min(wanted - spent, secondsLeft);
  if (seconds > 0) await sleep(seconds, signal);
}

function sleep(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

type PendingBody = { readonly asks?: readonly string[]; readonly expiresAt?: number };

async function pending(response: Response, approval: ApprovalId): Promise<ApprovalPending> {
  const { asks = [], expiresAt = null } = (await response.json()) as PendingBody;
  const row = refusals['approval.needed'];
  const parts = { code: 'approval.needed', status: row.status, says: [row.title, ...asks].join('. ') };
  const entry = response.headers.get(planeHeader.entry);
  return new ApprovalPending({ ...parts, entry, retryAfterSeconds: null }, { approval, asks, expiresAt });
}

/** A `202` of the plane must lead back to the plane. */
export function requireOwnLocation(self: Self, response: Response): void {
  const location = response.headers.get('location') ?? '';
  const url = URL.parse(location, self.wire.origin);
  if (url?.origin === self.wire.origin && url.pathname.startsWith('/v1/agent/approvals/')) return;
  throw new AmbitFault(`The plane said to ask at ${location}, which is not its own. Nothing was sent there.`);
}
