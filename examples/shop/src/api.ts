import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { descriptionText, type Operation, operations } from './description.ts';
import { handlers, type Input, type Shop } from './handlers.ts';
import { isShopKey } from './keys.ts';
import { Problem, problemBody } from './problem.ts';
import type { SeenRequests } from './seen-requests.ts';

const bodyBytesMax = 65_536;

/** The public API. It serves what openapi.json describes and nothing else. */
export function shopApi(shop: Shop, apiKeyDigest: string, seen: SeenRequests): FastifyInstance {
  const api = Fastify({
    bodyLimit: bodyBytesMax,
    forceCloseConnections: true,
    // Exactly the schema: nothing is turned into another type, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false } },
    routerOptions: { caseSensitive: true, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => sendProblem(reply, problemOf(error)),
    clientErrorHandler: (_error, socket) => {
      seen.seeMalformed();
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
  });
  api.server.prependListener('request', seen.see);
  api.removeContentTypeParser('text/plain');
  api.setErrorHandler((error: FastifyError | Problem, _request, reply) => sendProblem(reply, problemOf(error)));
  api.setNotFoundHandler({ preHandler: authenticate(shop, apiKeyDigest) }, (request, reply) =>
    sendProblem(reply, new Problem('not-found', `The shop does not offer ${request.method} here; see /openapi.json.`)),
  );
  api.get('/openapi.json', (_request, reply) => reply.type('application/json').send(descriptionText));
  for (const operation of operations()) serve(api, shop, apiKeyDigest, operation);
  return api;
}

function serve(api: FastifyInstance, shop: Shop, apiKeyDigest: string, operation: Operation) {
  const handler = handlers[operation.id];
  if (handler === undefined) throw new Error(`openapi.json describes ${operation.id}, which no handler serves`);
  const schema = Object.fromEntries(Object.entries(operation.schema).filter(([, part]) => part !== undefined));
  api.route({
    method: operation.method,
    url: operation.url,
    schema,
    onRequest: authenticate(shop, apiKeyDigest),
    preValidation: async (request) => readIntegers(request, operation.integerQueryNames),
    handler: (request, reply) => {
      const { status, body, headers = {} } = handler(shop, inputOf(request));
      return reply
        .code(status)
        .headers({ 'cache-control': 'no-store', ...headers })
        .send(body);
    },
  });
}

const authenticate = (shop: Shop, apiKeyDigest: string) => async (request: FastifyRequest) => {
  if (!isShopKey(shop.books, apiKeyDigest, request.headers.authorization)) {
    throw new Problem('unauthenticated', 'Send a shop key: "Authorization: Bearer …".');
  }
};

/** A query is text on the wire: what the description calls an integer is read as one here, and only here. */
function readIntegers(request: FastifyRequest, names: readonly string[]) {
  const query = request.query as Record<string, unknown>;
  for (const name of names) {
    const text = query[name];
    if (typeof text === 'string' && /^(0|[1-9][0-9]{0,8})$/.test(text)) query[name] = Number(text);
  }
}

function inputOf(request: FastifyRequest): Input {
  const idempotencyKey = request.headers['idempotency-key'];
  // W3C Trace Context §3.2: version, trace id, parent id, flags.
  const [, run] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(String(request.headers.traceparent)) ?? [];
  return {
    params: request.params as Input['params'],
    query: request.query as Input['query'],
    body: request.body,
    ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}),
    ...(run === undefined ? {} : { run }),
  };
}

const frameworkProblems: Readonly<Record<number, 'malformed' | 'not-found' | 'too-large' | 'unsupported-media-type'>> =
  {
    400: 'malformed',
    404: 'not-found',
    413: 'too-large',
    414: 'malformed',
    415: 'unsupported-media-type',
  };

function problemOf(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  const code = frameworkProblems[error.statusCode ?? 500];
  if (code !== undefined) return new Problem(code, error.message);
  process.stderr.write(`shop: ${error.stack ?? error.message}\n`);
  return new Problem('fault', 'Nothing was changed. Try again later.');
}

function sendProblem(reply: FastifyReply, problem: Problem) {
  if (problem.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="shop"');
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem)));
}
