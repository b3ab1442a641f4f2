import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A wire between a node and its database that a test can hold up or cut. */
export type Wire = {
  /** The same database, reached over this wire. */
  readonly url: string;
  /** From now on nothing goes through, either way, and nobody is told. */
  stall(): void;
  /** The same from the moment on in which a node sends something that holds this text; says when that was. */
  stallAt(text: string): Promise<void>;
  /** What was held up arrives after all, and what comes later goes through. */
  release(): void;
  /** Ends every connection, as a server that restarts does. */
  reset(): void;
  close(): Promise<void>;
};

export async function openWire(to: string): Promise<Wire> {
  const target = new URL(to);
  const pairs = new Set<{ near: Socket; far: Socket }>();
  const held: (() => void)[] = [];
  let isStalled = false;
  let wanted: { text: string; met: () => void } | undefined;

  const pass = (from: Socket, into: Socket, isAsking: boolean) => {
    from.on('data', (bytes) => {
      if (isAsking && wanted !== undefined && bytes.includes(wanted.text)) {
        isStalled = true;
        wanted.met();
        wanted = undefined;
      }
      if (isStalled) held.push(() => void into.write(bytes));
      else into.write(bytes);
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      if (isStalled) held.push(() => void into.destroy());
      else into.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = { near, far };
    pairs.add(pair);
    far.on('close', () => pairs.delete(pair));
    pass(near, far, true);
    pass(far, near, false);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(to);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const wire: Wire = {
    url: url.href,
    stall() {
      isStalled = true;
    },
    stallAt: (text) =>
      new Promise((met) => {
        wanted = { text, met };
      }),
    release() {
      isStalled = false;
      for (const one of held.splice(0)) one();
    },
    reset() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
    },
    async close() {
      wire.release();
      wire.reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return wire;
}
