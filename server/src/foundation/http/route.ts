import type { IncomingHttpHeaders } from 'node:http';
import type {
  AgentId,
  AnswerOf,
  BodyOf,
  EnforcementPointId,
  EntryId,
  PersonId,
  QueryOf,
  RouteName,
  Shape,
  TaskId,
  TenantId,
  TokenId,
  Who,
} from '@ambit/protocol';
import type { TlsPeer } from './peer-certificate.ts';

/** Who may call a route. Routes are mounted by `main`, which knows how each of them proves itself. */
export type WhoMay =
  | 'public'
  | 'person'
  | 'administrator'
  | 'catalog'
  | 'policy'
  | 'approver'
  | 'auditor'
  | 'owner'
  | 'reviewer'
  | 'agent'
  | 'agent-task'
  | 'enforcement-point';

export type PersonCaller = {
  readonly kind: 'person';
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly roles: readonly string[];
  /** When the person last proved who they are, in epoch milliseconds; absent where that is not known. */
  readonly authenticatedAt?: number;
  /** How: the Authentication Context Class Reference of that (OpenID Connect Core §2). */
  readonly acr?: string;
  readonly who: Who;
};

export type AgentCaller = {
  readonly kind: 'agent';
  readonly tenant: TenantId;
  readonly agent: AgentId;
  /** Thumbprint of the key that signed the proof. */
  readonly jkt: string;
  /** Thumbprint of the registered key that the token was issued to. */
  readonly agentKey: string;
  /** Null where an enforcement point asks about the agent. */
  readonly token: TokenId | null;
  /** The task that the token is for; null for a token that only speaks to the plane. */
  readonly task: TaskId | null;
  readonly who: Who;
};

export type PointCaller = {
  readonly kind: 'enforcement-point';
  readonly tenant: TenantId;
  readonly point: EnforcementPointId;
  /** The domain that it asks about; null where it asks about what Ambit itself knows. */
  readonly domain: string | null;
  readonly maySearch: boolean;
  readonly who: Who;
};

export type PublicCaller = { readonly kind: 'public'; readonly who: Who };

export type Caller = PersonCaller | AgentCaller | PointCaller | PublicCaller;

export type CallerOf<W extends WhoMay> = W extends 'public'
  ? PublicCaller
  : W extends 'agent' | 'agent-task'
    ? AgentCaller
    : W extends 'enforcement-point'
      ? PointCaller
      : PersonCaller;

/** What arrived, before anyone believed it. */
export type RawRequest = {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Header names and values as sent, for those that must come once. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly remoteAddress: string;
  /** Null where the connection was not encrypted here. */
  readonly tls: TlsPeer | null;
};

export type RouteRequest<B, Q, C> = {
  readonly caller: C;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  readonly raw: RawRequest;
  /** Ends when the caller has gone. */
  readonly gone: AbortSignal;
};

export type Reply<Answer = unknown> = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text with its media type, or nothing. */
  readonly body?: Answer;
  readonly text?: { readonly type: string; readonly content: string | Uint8Array | AsyncIterable<string> };
  /** The entry that says what was done, where there is one. */
  readonly entry?: EntryId;
};

/** What a request would make easier than it is, for the second person who has to want it where two are wanted. */
export type Lowering = {
  /** One sentence. */
  readonly says: string;
  /** What is, and what would be: plain JSON, whole, without secrets. */
  readonly changes: unknown;
  /** Who gains by it, and is no second person. */
  readonly gains?: PersonId;
  /** What to do instead, where it is not put up either. */
  readonly instead?: string;
};

/** One row of the API: everything about it, in one place. */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Fastify's syntax: `/v1/tasks/:task`. */
  readonly path: string;
  readonly who: WhoMay;
  /** One sentence for the API reference. */
  readonly says: string;
  readonly body?: Shape<unknown>;
  readonly query?: Shape<unknown>;
  /** OAuth endpoints take forms and answer errors in RFC 6749 §5.2 form; who pushes events hears them as RFC 8935 §2.3 says. */
  readonly wire?: 'json' | 'oauth' | 'secevent';
  /**
   * What becomes of it where the plane has more to do than it can. `urgent`: it is done all the same, because it ends
   * or takes back something. `waits`: it may wait for a person, and takes nobody's place meanwhile.
   */
  readonly load?: 'urgent' | 'waits';
  /** A header that comes back as it came, with answers and refusals alike. */
  readonly echoes?: 'x-request-id';
  /** Which gate the request would lower, judged by how things are; null where none. Only for rows of persons. */
  readonly lowers?: (request: RouteRequest<never, never, never>) => Promise<Lowering | null>;
  readonly run: (request: RouteRequest<never, never, never>) => Promise<Reply>;
};

/** What a row takes is read whole: a shape that would refuse part of it, or does not name it, does not fit. */
type Reads<Name extends string, Said, Read> = [Said] extends [undefined]
  ? { readonly [N in Name]?: never }
  : { readonly [N in Name]: Fits<Sent<Said>, Read> extends true ? Shape<Read> : { readonly mustRead: Said } };
type Fits<Said, Read> = [Said, NamesIn<Said>] extends [Read, NamesIn<Read>] ? true : false;
type NamesIn<One> = One extends unknown ? keyof One : never;
type Sent<Said> = { [K in keyof Said]: Exclude<Said[K], undefined> };
type Takes<R, Query, Body> = R extends RouteName
  ? Reads<'query', QueryOf<R>, Query> & Reads<'body', BodyOf<R>, Body>
  : unknown;
/** As the tables have it that the SDK reads too; a person's row that is not in one answers no JSON. */
type Answers<W, R> = R extends RouteName
  ? AnswerOf<R> extends undefined
    ? Reply<undefined>
    : Reply<AnswerOf<R>> & { readonly body: AnswerOf<R> }
  : CallerOf<W & WhoMay> extends PersonCaller
    ? Reply<undefined>
    : Reply;

/** A row whose body, query, caller and answer are checked where it is written, and forgotten where it is mounted. */
export function route<
  W extends WhoMay,
  const M extends Route['method'],
  const P extends string,
  B = undefined,
  Q = Readonly<Record<string, string>>,
>(
  row: Omit<Route, 'method' | 'path' | 'run' | 'lowers' | 'body' | 'query' | 'who'> & {
    readonly method: M;
    readonly path: P;
    readonly who: W;
    readonly body?: Shape<B>;
    readonly query?: Shape<Q>;
    readonly lowers?: (request: RouteRequest<B, Q, CallerOf<W>>) => Promise<Lowering | null>;
    readonly run: (request: RouteRequest<B, Q, CallerOf<W>>) => Promise<Answers<W, `${M} ${P}`>>;
  } & Takes<`${M} ${P}`, Q, B>,
): Route {
  return row as unknown as Route;
}
