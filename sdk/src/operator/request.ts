import { type AnswerOf, type BodyOf, mediaType, type PeopleRoute, type QueryOf, utf8 } from '@ambit/protocol';
import type { SigningKey } from '../wire/key.ts';
import { filled } from '../wire/path.ts';
import { readAnswer, requireGood } from '../wire/read-answer.ts';
import { AmbitRefusal } from '../wire/refusal.ts';
import { send, type Wire } from '../wire/wire.ts';
import type { Session, Sessions } from './session.ts';

/** The values that stand in the path of a route, by their names there. */
type ParametersOf<Route extends string> = Route extends `${string}/:${infer One}/${infer Rest}`
  ? One | ParametersOf<`/${Rest}`>
  : Route extends `${string}/:${infer One}`
    ? One
    : never;
type Query = Readonly<Record<string, string | number | undefined>>;
type Parts = { readonly at?: Readonly<Record<string, string>>; readonly query?: Query; readonly body?: unknown };
type Given<R extends PeopleRoute> = ([QueryOf<R>] extends [undefined] ? unknown : { readonly query: QueryOf<R> }) &
  ([ParametersOf<R>] extends [never] ? unknown : { readonly at: { readonly [P in ParametersOf<R>]: string } }) &
  (BodyOf<R> extends undefined ? unknown : { readonly body: BodyOf<R> });

/** How the rooms ask the plane. */
export type Ask = {
  /** What that route answers. No value that stands `at` a place in its path can point elsewhere. */
  readonly json: <R extends PeopleRoute>(
    route: R,
    ...given: object extends Given<R> ? [given?: Given<R>] : [given: Given<R>]
  ) => Promise<AnswerOf<R>>;
  /** The lines of an answer of JSON lines, as they arrive. */
  readonly lines: (path: string) => Promise<AsyncIterable<string>>;
  /** The answer itself, whose body comes as it is written. */
  readonly stream: (path: string, how: Streaming) => Promise<Response>;
};

type Streaming = { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal };

/** `?a=1&b=2` of what is there; empty where nothing is. */
export function query(members: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) if (value !== undefined) given.append(name, `${value}`);
  return given.size === 0 ? '' : `?${given}`;
}

export function createAsk(wire: Wire, sessions: Sessions): Ask {
  return {
    json(route, ...[given = {}]) {
      const { at = {}, query: asked = {}, body } = given as Parts;
      const [method = '', path = ''] = route.split(' ');
      return ask(wire, sessions, method, `${filled(path, at)}${query(asked)}`, body).then(readAnswer<never>);
    },
    async lines(path) {
      const response = await ask(wire, sessions, 'GET', path);
      await requireGood(response);
      return linesOf(response);
    },
    stream: (path, how) => ask(wire, sessions, 'GET', path, undefined, how),
  };
}

/** A request before there is a session: its proof binds what comes back to `key`. */
export async function post<R extends Extract<PeopleRoute, `POST ${string}`>>(
  wire: Wire,
  key: SigningKey,
  route: R,
  body: BodyOf<R>,
): Promise<AnswerOf<R>> {
  return readAnswer(await send(wire, key, { method: 'POST', path: route.slice('POST '.length), ...sent(body) }));
}

const sent = (body: unknown) => ({
  headers: { 'content-type': mediaType.json },
  body: new Uint8Array(utf8(JSON.stringify(body))),
});

async function ask(
  wire: Wire,
  sessions: Sessions,
  method: string,
  path: string,
  body?: unknown,
  how?: Streaming,
): Promise<Response> {
  const session = await sessions.current();
  const response = await askIn(wire, session, method, path, body, how);
  if (response.status !== 401) return response;
  const error = await requireGood(response.clone()).catch((refused: unknown) => refused);
  if (!(error instanceof AmbitRefusal && error.code === 'session.invalid')) return response;
  // The session ended early, e.g. because the plane lost it: nothing of the request was done, so it goes out once more.
  await response.body?.cancel();
  sessions.drop(session);
  return askIn(wire, await sessions.current(), method, path, body, how);
}

function askIn(
  wire: Wire,
  { token, proofKey }: Session,
  method: string,
  path: string,
  body: unknown,
  how: Streaming | undefined,
) {
  const sending = { method, path, token, ...how };
  return send(wire, proofKey, body === undefined ? sending : { ...sending, ...sent(body) });
}

async function* linesOf(response: Response): AsyncIterable<string> {
  let rest = '';
  // Not every browser can iterate over a stream.
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      const lines = (rest + part.value).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    await reader?.cancel();
  }
}
