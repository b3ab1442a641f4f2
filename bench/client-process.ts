/** Who calls. It makes its proofs before a round and only sends in it. */
import type { ConnectionOptions } from 'node:tls';
import { answerAsks } from './parts/answering.ts';
import { loadHttp } from './parts/http-load.ts';
import { type AgentJwt, agentJwtMaker, type Holder, proofMaker } from './parts/proofs.ts';
import { percentile } from './parts/statistics.ts';
import { type TokenClient, type TokenEndpoint, tokenRequestMaker } from './parts/token-requests.ts';

/** Requests of which each carries something that was signed for it alone. */
export type Making = {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly count: number;
  /** Where the requests will be sent. */
  readonly port: number;
  readonly callers:
    | {
        readonly by: 'dpop' /** Origin that the proofs name. */;
        readonly origin: string;
        readonly holders: readonly Holder[];
      }
    | { readonly by: 'agent-jwt'; readonly agents: readonly AgentJwt[] }
    | { readonly by: 'token'; readonly endpoint: TokenEndpoint; readonly clients: readonly TokenClient[] };
};

/** Sends the same request over and over, without token and proof where it needs none. */
export type Plain = {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Of the body; JSON unless said. */
  readonly mediaType?: string;
};

/** The same over TLS: each connection has the certificate of one of the callers, and sends the token that is bound to it. */
export type Certified = {
  readonly method: string;
  readonly path: string;
  /** Who signed the server's certificate. */
  readonly ca: string;
  readonly certified: readonly { readonly cert: string; readonly key: string; readonly token: string }[];
};

export type Round = {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly rate?: number;
};

export type Result = {
  readonly calls: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly lastAcceptedAt: number | null;
};

let made: string[] = [];
let plain: string | undefined;
let certified: { readonly texts: readonly string[]; readonly tls: readonly ConnectionOptions[] } | undefined;

answerAsks({
  make({ count, port, ...making }: Making) {
    const makers = makersOf(making);
    [plain, certified] = [undefined, undefined];
    made = Array.from({ length: count }, (_, i) => requestText(port, { ...making, ...makers[i % makers.length]!() }));
    return null;
  },
  repeat({ port, ...request }: Plain & { readonly port: number }) {
    [plain, certified] = [requestText(port, request), undefined];
    return null;
  },
  certify({ port, ca, certified: callers, ...request }: Certified & { readonly port: number }) {
    certified = {
      texts: callers.map(({ token }) => requestText(port, { ...request, headers: [`authorization: Bearer ${token}`] })),
      tls: callers.map(({ cert, key }) => ({ ca, cert, key })),
    };
    return null;
  },
  async run(round: Round): Promise<Result> {
    let used = 0;
    const next = (connection: number) =>
      certified?.texts.at(connection % certified.texts.length) ?? plain ?? made[used++];
    const { tls: by } = certified ?? {};
    const tls = by && ((connection: number) => by[connection % by.length] ?? {});
    const { calls, seconds, latencies, refused, lastAcceptedAt } = await loadHttp({
      ...round,
      next,
      ...(tls && { tls }),
    });
    made = [];
    const [p50, p99] =
      calls === 0 ? [Number.NaN, Number.NaN] : [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    return { calls, perSecond: calls / seconds, p50, p99, refused, lastAcceptedAt };
  },
});

type Signed = Pick<Plain, 'headers' | 'body' | 'mediaType'>;

function makersOf({ method, path, body, callers }: Omit<Making, 'count' | 'port'>): (() => Signed)[] {
  if (callers.by === 'agent-jwt') {
    return callers.agents.map(agentJwtMaker).map((token) => () => ({ headers: [`authorization: Bearer ${token()}`] }));
  }
  if (callers.by === 'token') {
    const makers = callers.clients.map((client) => tokenRequestMaker(callers.endpoint, client));
    return makers.map((make) => () => ({ ...make(), mediaType: 'application/x-www-form-urlencoded' }));
  }
  const asked = { method, url: callers.origin + path, ...(body === undefined ? {} : { body }) };
  return callers.holders.map((holder) => {
    const prove = proofMaker(holder);
    return () => ({ headers: [`authorization: DPoP ${holder.token}`, `dpop: ${prove(asked)}`] });
  });
}

function requestText(
  port: number,
  { method, path, headers = [], body, mediaType = 'application/json' }: Plain,
): string {
  const about = body === undefined ? [] : [`content-type: ${mediaType}`, `content-length: ${Buffer.byteLength(body)}`];
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'accept: application/json',
    ...headers,
    ...about,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
