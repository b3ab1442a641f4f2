import { type ApprovalId, type Authority, header, mediaType, utf8 } from '@ambit/protocol';
import type { Elevation } from '@ambit/protocol/wire';
import { sendWithToken } from './ask-plane.ts';
import {
  awaitApproval,
  pendingApproval,
  preferWait,
  requireOwnLocation,
  secondsOf,
  type Wait,
} from './await-approval.ts';
import { answerTo, type Caller } from './call.ts';
import { readAnswer } from './wire/read-answer.ts';

/** More than the task gives, for a while. */
export type Elevating = {
  /** What is missing, as grants; exactly this is given, or nothing. */
  readonly authority: Authority;
  /** Why, in at most 500 characters; a person reads it as the agent’s claim. */
  readonly reason: string;
  /** How long from the yes on. The plane cuts it to what it and the task allow. */
  readonly ttlSeconds: number;
  /** How long to wait for the person: seconds, or `forever` (unless said), which ends with the question. */
  readonly wait?: Wait;
  readonly signal?: AbortSignal;
};

/** Asking again with the same words is the same question: nothing is asked twice. */
export async function elevate({ self, tokens }: Caller, wish: Elevating): Promise<Elevation> {
  const { authority, reason, ttlSeconds, wait = 'forever', signal } = wish;
  const seconds = secondsOf(wait);
  const headers = { 'content-type': mediaType.json, [header.prefer]: preferWait(Math.min(seconds, firstWaitSeconds)) };
  const body = new Uint8Array(utf8(JSON.stringify({ authority, reason, ttlSeconds })));
  const startedAt = self.wire.clock();
  const path = '/v1/agent/elevations';
  const first = await sendWithToken(self, tokens, { method: 'POST', path, headers, body, signal });
  if (pendingApproval(first) === undefined) return readAnswer(first);
  requireOwnLocation(self, first);
  const left = wait === 'forever' ? wait : Math.max(0, seconds - (self.wire.clock() - startedAt) / 1000);
  return readAnswer(await awaitApproval({ self, tokens, wait: left, signal }, first));
}

const firstWaitSeconds = 5;

/** Goes on waiting for an elevation that was asked for before. */
export async function elevationOf(
  caller: Caller,
  approval: ApprovalId,
  options: { readonly wait?: Wait; readonly signal?: AbortSignal } = {},
): Promise<Elevation> {
  return readAnswer(await answerTo(caller, approval, options));
}
