import { createHash, type Hash, hash } from 'node:crypto';
import { type Clock, Refusal } from '../foundation/index.ts';
import type { Exchange, Outbound, OutboundFault, OutboundRequest } from '../foundation/outbound/index.ts';
import type { Loan } from '../vault/index.ts';
import { createEchoGuard } from './echo-guard.ts';
import { answerProblem } from './forward-answer.ts';
import { answerHeaders } from './forward-headers.ts';
import { type End, kindOf, type Outcome, type OutcomeCode, sentences } from './forward-outcome.ts';
import type { Prepared } from './forward-request.ts';
import type { Reply } from './http-reply.ts';

export type Sending = {
  readonly started: number;
  readonly prepared: Prepared;
  readonly loan: Loan;
  readonly request: OutboundRequest;
};

/**
 * Sends the request and passes its answer on, piece by piece, at the pace of the slower side. Everything that can
 * happen on the way ends in `settle`, once.
 */
export function streamAnswer(
  way: { readonly outbound: Outbound; readonly clock: Clock },
  { started, prepared, loan, request }: Sending,
  reply: Reply,
): Promise<Outcome> {
  const guard = createEchoGuard(loan.watched);
  const kept = keeper(prepared.copyBytesMax);
  // Pieces that came while the head was still on its way.
  const early: Uint8Array[] = [];
  let head: Promise<void> = Promise.resolve();
  let headState: 'none' | 'going' | 'gone' | 'failed' = 'none';
  let status: number | null = null;
  let sent = false;
  let callerLeft = false;
  let settled = false;
  let running: Exchange | undefined;

  return new Promise((resolve) => {
    const settle = (end: End, code: OutcomeCode, because: string, refusal: Refusal | null = null) => {
      if (settled) return;
      settled = true;
      prepared.until.unlisten();
      reply.body.off('close', leave).off('drain', resume);
      const ms = way.clock() - started;
      const complete = end.how === 'ended' && !callerLeft;
      // A head on its way will reach the caller: the outcome must not say before that the caller has heard nothing.
      head.then(() => {
        if (complete) reply.body.end();
        // The head leaves at the end of this turn: whoever hears a break has heard whose entry it belongs to.
        else if (headState === 'gone') setImmediate(() => reply.body.destroy());
        resolve({
          kind: kindOf(end, status, prepared.effect),
          code,
          sent: end.how !== 'broke' || end.sent,
          status,
          ...kept.sum(),
          complete,
          firstByteSent: headState === 'gone',
          flagged: code === 'echoed_secret' ? 'credential' : null,
          ms,
          refusal,
          because,
          says: refusal?.says ?? sentences[code],
        });
      });
    };

    const cut = (code: OutcomeCode, because: string) => {
      settle(status === null ? { how: 'broke', sent } : { how: 'cut', code }, code, because);
      running?.cut(because);
    };
    const resume = () => running?.resume();
    // The answer to a write is heard to its end even when nobody waits for it: that is how its outcome is known.
    const leave = () => {
      callerLeft = true;
      if (prepared.effect === 'read' || !sent) cut('caller_left', 'the caller left before the answer was whole');
      else resume();
    };
    const ended = () => {
      if (prepared.until.reason === 'task ended')
        return cut('task_ended', 'the task ended while the call was under way');
      if (prepared.effect === 'read' || !sent) return cut('cut_off', 'the node was cut off from its store');
      // What a write did is heard to its end, but whether anybody may still know is not heard here.
      reply.body.destroy();
    };

    const begun = () => {
      headState = 'gone';
      const flowing = early.splice(0).map((piece) => reply.body.write(piece));
      // Otherwise `drain` does it.
      if (!flowing.includes(false)) resume();
    };
    const notBegun = (error: unknown) => {
      headState = 'failed';
      cut('reply_failed', `the answer could not be begun: ${error instanceof Error ? error.message : String(error)}`);
    };

    const begin = (answered: number, headers: ReturnType<typeof answerHeaders>) => {
      headState = 'going';
      try {
        const going = reply.head(answered, headers);
        if (going === undefined) return begun();
        running?.pause();
        head = going.then(begun).catch(notBegun);
      } catch (error) {
        notBegun(error);
      }
    };

    const letThrough = (piece: Uint8Array) => {
      if (piece.length === 0) return;
      kept.add(piece);
      if (callerLeft) return;
      if (headState === 'going') early.push(piece);
      else if (!reply.body.write(piece)) running?.pause();
    };

    prepared.until.listen(ended);
    reply.body.on('error', () => undefined);
    reply.body.on('close', leave).on('drain', resume);
    if (prepared.until.reason !== null) return ended();
    if (reply.body.destroyed) return leave();

    running = way.outbound.request(
      { tenant: prepared.tenant, credential: loan.credential, speaksFor: loan.speaksFor, identity: loan.identity },
      request,
      {
        sending() {
          prepared.lastLook?.();
          sent = true;
        },
        answered(answered, headers) {
          status = answered;
          const problem = answerProblem(guard, loan, prepared, answered, headers);
          if (problem !== null) return cut(problem.code, problem.because);
          if (!callerLeft) begin(answered, answerHeaders(headers));
        },
        data(chunk) {
          const piece = guard.pass(chunk);
          if (piece === undefined) return cut('echoed_secret', 'the lent secret stood in the body of the answer');
          if (kept.bytes() + piece.length > prepared.answerBytesMax) {
            return cut('answer_too_large', `the answer is larger than ${prepared.answerBytesMax} bytes`);
          }
          letThrough(piece);
        },
        ended({ requestWhole }) {
          letThrough(guard.rest());
          const because = requestWhole ? `the upstream answered ${status}` : sentences.answered_early;
          settle({ how: 'ended', requestWhole }, requestWhole ? 'answered' : 'answered_early', because);
        },
        broke(fault) {
          const refusal = fault.cause instanceof Refusal ? fault.cause : null;
          settle({ how: 'broke', sent: fault.sent }, codeOf(fault), fault.message, refusal);
        },
      },
    );
  });
}

function codeOf(fault: OutboundFault): OutcomeCode {
  if (!fault.sent) return 'not_sent';
  return fault.kind === 'timeout' ? 'late' : 'broken';
}

/** The outcome of a call that was never begun. */
export function notSent(error: unknown, ms: number): Outcome {
  const refusal = error instanceof Refusal ? error : null;
  const nothing = { status: null, ...keeper(0).sum(), complete: false, firstByteSent: false, flagged: null };
  const because = error instanceof Error ? error.message : String(error);
  const says = refusal?.says ?? sentences.not_sent;
  return { kind: 'failed', code: 'not_sent', sent: false, ...nothing, ms, refusal, because, says };
}

/** Counts, hashes and keeps the beginning of what is let through. */
function keeper(copyBytesMax: number) {
  const copies: Uint8Array[] = [];
  let bytes = 0;
  // Most answers are of one piece, and hashing that alone is cheaper than opening a hash to add to.
  let only: Uint8Array | undefined;
  let several: Hash | undefined;
  const digest = () => several?.digest('base64url') ?? hash('sha256', only ?? new Uint8Array(0), 'base64url');
  return {
    bytes: () => bytes,
    add(piece: Uint8Array) {
      if (bytes === 0) only = piece;
      else {
        several ??= createHash('sha256').update(only ?? piece);
        several.update(piece);
      }
      if (bytes < copyBytesMax) copies.push(piece.subarray(0, copyBytesMax - bytes));
      bytes += piece.length;
    },
    sum: () => ({ bytes, digest: `sha-256:${digest()}`, copy: new Uint8Array(Buffer.concat(copies)) }),
  };
}
