import { type Clock, span } from '../foundation/index.ts';
import type { Outbound, OutboundRequest } from '../foundation/outbound/index.ts';
import type { Loan } from '../vault/index.ts';
import type { Outcome } from './forward-outcome.ts';
import { type Prepared, writeRequest } from './forward-request.ts';
import { notSent, streamAnswer } from './forward-stream.ts';
import type { Reply } from './http-reply.ts';

export type { Outcome } from './forward-outcome.ts';
export type { Prepared } from './forward-request.ts';
export { notSent } from './forward-stream.ts';
export { type Reply, replyTo } from './http-reply.ts';

/**
 * Sends a permitted call, written anew, and streams its answer to the caller. It always comes to an outcome and never
 * throws: what happens after the first byte is no longer a refusal. A request is written once; nothing here repeats it.
 */
export function forward(
  way: { readonly outbound: Outbound; readonly clock: Clock },
  prepared: Prepared,
  loan: Loan,
  reply: Reply,
): Promise<Outcome> {
  return span('gateway/forward', () => {
    const started = way.clock();
    let request: OutboundRequest;
    try {
      request = writeRequest(prepared, loan);
    } catch (error) {
      return Promise.resolve(notSent(error, way.clock() - started));
    }
    return streamAnswer(way, { started, prepared, loan, request }, reply);
  });
}
