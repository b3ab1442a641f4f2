import { header, type LiveEvent } from '@ambit/protocol';
import { requireGood } from '../wire/read-answer.ts';
import { AmbitRefusal } from '../wire/refusal.ts';
import type { Ask } from './request.ts';

/** What is told, with where to go on; and that the plane is not heard any more, until the next `open`. */
export type Live = { readonly event: LiveEvent | Lost; readonly id: string | null };

/** Nothing is heard: what was shown may be old. The next try is made after `retryMs`. */
export type Lost = { readonly type: 'lost'; readonly because: string; readonly retryMs: number };

export type Listening = {
  readonly signal?: AbortSignal;
  /** The `id` of the last event that was taken in. */
  readonly lastEventId?: string | null;
  /** How long the plane may be silent; three of its heartbeats unless given. */
  readonly silenceMsMax?: number;
};

const firstRetryMs = 250;
const retryMsMax = 15_000;

/**
 * What changes, as it happens. Goes on by itself after a break, where it stopped. It ends when `signal` does, and throws
 * `AmbitRefusal` where the plane refuses, e.g. because nobody is signed in any more.
 */
export async function* listen(
  { stream }: Ask,
  { signal, lastEventId = null, silenceMsMax = 45_000 }: Listening = {},
): AsyncGenerator<Live> {
  const isOver = () => signal?.aborted === true;
  let id = lastEventId;
  for (let retryMs = firstRetryMs; !isOver(); retryMs = Math.min(retryMsMax, retryMs * 2)) {
    const silence = new AbortController();
    const either = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    let because = 'the stream ended';
    try {
      for await (const one of eventsOf(await opened(stream, id, either), silence, silenceMsMax)) {
        retryMs = firstRetryMs / 2;
        id = one.id ?? id;
        yield { event: one.event, id };
        if (one.event.type === 'end') because = one.event.because;
      }
    } catch (error) {
      if (isOver()) return;
      if (error instanceof AmbitRefusal && error.status < 500 && error.status !== 429) throw error;
      because = error instanceof Error ? error.message : String(error);
    }
    yield { event: { type: 'lost', because, retryMs }, id };
    await waited(retryMs, signal);
  }
}

async function opened(stream: Ask['stream'], id: string | null, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (id !== null) headers[header.lastEventId] = id;
  const response = await stream('GET /v1/live', { headers, signal });
  await requireGood(response);
  return response;
}

type Told = { readonly event: LiveEvent; readonly id: string | null };

/** HTML, Server-sent events §9.2.6, as far as a plane writes them: one line of data an event. */
async function* eventsOf(response: Response, silence: AbortController, silenceMsMax: number): AsyncGenerator<Told> {
  let rest = '';
  let late: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(late);
    late = setTimeout(() => silence.abort(new Error('nothing was heard for too long')), silenceMsMax);
  };
  heard();
  try {
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      heard();
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const told = readBlock(block);
        if (told !== null) yield told;
      }
    }
  } finally {
    clearTimeout(late);
  }
}

function readBlock(block: string): Told | null {
  const fields = new Map(
    block.split('\n').map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 2)]),
  );
  const data = fields.get('data');
  return data === undefined ? null : { event: JSON.parse(data) as LiveEvent, id: fields.get('id') ?? null };
}

function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
