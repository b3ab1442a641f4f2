import type { ServerResponse } from 'node:http';
import type { Passing, Rule } from '../guard.ts';
import { certificateOf, headerValues } from '../incoming.ts';

/** What arrives in Express 4 or 5, or in anything alike. */
type Arriving = {
  readonly method: string;
  readonly originalUrl: string;
  readonly rawHeaders: readonly string[];
  readonly socket: object;
};

/** The same with what Express has read of it by then. */
export type ExpressRequest = Arriving & {
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

export type ExpressHandler = (
  request: Arriving,
  response: Pick<ServerResponse, 'writeHead' | 'end'>,
  next: (error?: unknown) => void,
) => Promise<void>;

export function expressGuard({ check, passed }: Passing, rule: Rule<ExpressRequest>): ExpressHandler {
  return async (arriving, response, next) => {
    // Not in the type of the handler: there it would decide what type the parameters of the route have.
    const request = arriving as ExpressRequest;
    try {
      const { method, originalUrl: url, rawHeaders, socket } = request;
      const incoming = {
        method,
        url,
        authorization: headerValues(rawHeaders, 'authorization'),
        proofs: headerValues(rawHeaders, 'dpop'),
        certificate: certificateOf(socket),
        given: async () => ({ path: request.params, query: request.query, body: bodyOf(request) }),
      };
      const verdict = await check(rule, incoming, rule.arguments?.(request));
      if ('answer' in verdict) {
        const { status, headers, body } = verdict.answer;
        response.writeHead(status, headers).end(body);
        return;
      }
      passed(request, verdict.caller);
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}

/** A body that nobody parsed yet is one argument of which nothing is known. */
function bodyOf({ body, rawHeaders }: ExpressRequest): unknown {
  const hasBody =
    headerValues(rawHeaders, 'transfer-encoding').length > 0 ||
    Number(headerValues(rawHeaders, 'content-length')[0] ?? 0) > 0;
  return hasBody ? (body ?? null) : undefined;
}
