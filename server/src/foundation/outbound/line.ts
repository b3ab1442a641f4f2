import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';

export type LineRequest = Dispatcher.DispatchOptions & { readonly taken?: (line: Line) => void };

/**
 * One connection of a pool, which tells a request that it has taken it. INVARIANT (desynced-socket): whoever sees an
 * answer end can look whether the connection is still in step, and give it up where it is not.
 */
export class Line extends Client {
  #socket: Socket | undefined;

  constructor(origin: URL, options: Client.Options, open: () => Promise<Socket>) {
    super(origin, {
      ...options,
      connect: (_options, callback) => {
        open().then(
          (socket) => {
            this.#socket = socket;
            callback(null, socket);
          },
          (error: Error) => callback(error, null),
        );
      },
    });
  }

  override dispatch(request: LineRequest, handler: Dispatcher.DispatchHandler): boolean {
    request.taken?.(this);
    return super.dispatch(request, handler);
  }

  /** Whether bytes that were given to it have not gone out yet. */
  get isWriting(): boolean {
    return (this.#socket?.writableLength ?? 0) > 0;
  }

  /** No further request goes out on the connection that it has now. */
  giveUp(): void {
    this.#socket?.destroy();
  }
}
