import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { Header } from '../foundation/outbound/index.ts';

/** Where an upstream's answer goes: the caller's connection, or whatever stands for it. */
export type Reply = {
  /** Status and headers, before any of the body. What it waits for is done before the first byte goes out. */
  readonly head: (status: number, headers: readonly Header[]) => void | Promise<void>;
  /** Ended when the answer is whole, destroyed when it is not. Closed early, it means that the caller has left. */
  readonly body: Writable;
};

/** The answer on a Node response. `own` are the plane's headers; `before` is done before the first byte goes out. */
export function replyTo(
  response: ServerResponse,
  own: readonly Header[] | Promise<readonly Header[]> = [],
  before?: () => Promise<void>,
): Reply {
  const begin = (status: number, headers: readonly Header[]) => {
    response.writeHead(status, headers.flat());
    // An answer may begin long before its first piece of body, e.g. a stream of events: the head waits for what comes
    // in the same turn, and no longer, so that a short answer leaves in one piece.
    const { socket } = response;
    socket?.cork();
    response.flushHeaders();
    setImmediate(() => socket?.uncork());
  };
  return {
    body: response,
    head(status, headers) {
      if (before === undefined && !(own instanceof Promise)) return begin(status, [...headers, ...own]);
      return Promise.all([own, before?.()]).then(([known]) => begin(status, [...headers, ...known]));
    },
  };
}
