import { mediaType, utf8 } from '@ambit/protocol';
import { readAnswer, requireGood } from '../wire/read-answer.ts';
import { AmbitRefusal } from '../wire/refusal.ts';
import { send, type Wire } from '../wire/wire.ts';
import type { Session, Sessions } from './session.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** How the rooms ask the plane. */
export type Ask = {
  /** The JSON of the answer. `path` is made with `at`, so that no id can point elsewhere. */
  readonly json: <T>(method: Method, path: string, body?: unknown) => Promise<T>;
  /** The lines of an answer of JSON lines, as they arrive. */
  readonly lines: (path: string) => Promise<AsyncIterable<string>>;
  /** The answer itself, whose body comes as it is written. */
  readonly stream: (path: string, how: Streaming) => Promise<Response>;
};

type Streaming = { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal };

/** `?a=1&b=2` of what is there; empty where nothing is. */
export function query(members: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) if (value !== undefined) given.append(name, `${value}`);
  return given.size === 0 ? '' : `?${given}`;
}

export function createAsk(wire: Wire, sessions: Sessions): Ask {
  return {
    json: async (method, path, body) => readAnswer(await ask(wire, sessions, method, path, body)),
    async lines(path) {
      const response = await ask(wire, sessions, 'GET', path);
      await requireGood(response);
      return linesOf(response);
    },
    stream: (path, how) => ask(wire, sessions, 'GET', path, undefined, how),
  };
}

async function ask(
  wire: Wire,
  sessions: Sessions,
  method: Method,
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
  method: Method,
  path: string,
  body: unknown,
  how: Streaming | undefined,
) {
  const sending = { method, path, token, ...how };
  if (body === undefined) return send(wire, proofKey, sending);
  const headers = { 'content-type': mediaType.json };
  return send(wire, proofKey, { ...sending, headers, body: new Uint8Array(utf8(JSON.stringify(body))) });
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
