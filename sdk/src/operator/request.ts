import type { AnswerOf, PeopleRoutes } from '@ambit/protocol';
import { type Asked, requestOf } from '../wire/asked.ts';
import { readAnswer, requireGood } from '../wire/read-answer.ts';
import { AmbitRefusal } from '../wire/refusal.ts';
import { type Sending, send, type Wire } from '../wire/wire.ts';
import type { Session, Sessions } from './session.ts';

/** How the rooms ask the plane. */
export type Ask = {
  /** What that route answers. */
  readonly json: <R extends keyof PeopleRoutes>(route: R, ...given: Asked<R>) => Promise<AnswerOf<R>>;
  /** The lines of an answer of JSON lines, as they arrive. */
  readonly lines: <R extends keyof PeopleRoutes>(route: R, ...given: Asked<R>) => Promise<AsyncIterable<string>>;
  /** The answer itself, whose body comes as it is written. */
  readonly stream: (route: 'GET /v1/live', how: Streaming) => Promise<Response>;
};

type Streaming = { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal };

export function createAsk(wire: Wire, sessions: Sessions): Ask {
  return {
    json: (route, ...given) => ask(wire, sessions, requestOf(route, ...given)).then(readAnswer<never>),
    async lines(route, ...given) {
      const response = await ask(wire, sessions, requestOf(route, ...given));
      await requireGood(response);
      return linesOf(response);
    },
    stream: (route, how) => ask(wire, sessions, { ...requestOf(route), ...how }),
  };
}

async function ask(wire: Wire, sessions: Sessions, sending: Sending): Promise<Response> {
  const session = await sessions.current();
  const response = await askIn(wire, session, sending);
  if (response.status !== 401) return response;
  const error = await requireGood(response.clone()).catch((refused: unknown) => refused);
  if (!(error instanceof AmbitRefusal && error.code === 'session.invalid')) return response;
  // The session ended early, e.g. because the plane lost it: nothing of the request was done, so it goes out once more.
  await response.body?.cancel();
  sessions.drop(session);
  return askIn(wire, await sessions.current(), sending);
}

const askIn = (wire: Wire, { token, proofKey }: Session, sending: Sending) =>
  send(wire, proofKey, { ...sending, token });

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
