import type { IncomingMessage } from 'node:http';
import type { Passing, Rule } from '../guard.ts';
import { certificateOf, headerValues } from '../incoming.ts';

/** What is read of a request of Fastify 5, or of anything alike. */
export type FastifyRequest = {
  readonly method: string;
  readonly originalUrl: string;
  readonly raw: Pick<IncomingMessage, 'rawHeaders' | 'socket'>;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
};

type FastifyReply = {
  readonly code: (status: number) => unknown;
  readonly headers: (values: Record<string, string>) => unknown;
  readonly send: (body: Uint8Array) => unknown;
};

export type FastifyHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** A `preHandler`: the body is parsed, and the handler has not begun. */
export function fastifyGuard({ check, passed }: Passing, rule: Rule<FastifyRequest>): FastifyHandler {
  return async (request, reply) => {
    const { method, originalUrl: url, raw } = request;
    const incoming = {
      method,
      url,
      authorization: headerValues(raw.rawHeaders, 'authorization'),
      proofs: headerValues(raw.rawHeaders, 'dpop'),
      certificate: certificateOf(raw.socket),
      given: async () => ({ path: request.params, query: request.query, body: request.body ?? undefined }),
    };
    const verdict = await check(rule, incoming, rule.arguments?.(request));
    if ('caller' in verdict) {
      passed(request, verdict.caller);
      return undefined;
    }
    const { status, headers, body } = verdict.answer;
    reply.code(status);
    reply.headers({ ...headers });
    // Fastify adds a charset to texts, which JSON has none of.
    reply.send(Buffer.from(body));
    // Answered: Fastify calls no handler after it.
    return reply;
  };
}
