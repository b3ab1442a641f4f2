import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { planeItself } from '../database/index.ts';
import type { Refusal } from '../errors.ts';
import { type ApiOptions, createApi, type Listening, listen } from './api.ts';
import { createLoad, type Load } from './load.ts';
import { openFilesMax } from './open-files.ts';
import { type Route, route } from './route.ts';

test('a place counts once, while it is worked in, and a request that was let in goes on without one', () => {
  const load = createLoad(2);
  const [a, b] = [load.enter(), load.enter()];
  assert.equal(load.refusal()?.code, 'plane.too_busy');
  a.rest();
  a.rest();
  assert.equal(load.refusal(), null);
  const c = load.enter();
  a.work();
  a.work();
  b.rest();
  assert.equal(load.refusal()?.code, 'plane.too_busy');
  c.rest();
  assert.equal(load.refusal(), null);
});

const row = (path: string, more: Pick<Route, 'load'>, run: () => Promise<void>) =>
  route({
    method: 'GET',
    path,
    who: 'public',
    ...more,
    says: 'Tests.',
    run: async () => {
      await run();
      return { status: 200, body: {} };
    },
  });

type Opened = Listening & { readonly recorded: Refusal[]; readonly release: () => void };

async function opened(
  t: { after(run: () => Promise<void>): void },
  load: Load,
  more: Partial<ApiOptions> & { readonly connectionsMax?: number } = {},
): Promise<Opened> {
  const recorded: Refusal[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const api = createApi({
    routes: [
      row('/slow', {}, () => promise),
      row('/waits', { load: 'waits' }, () => promise),
      row('/urgent', { load: 'urgent' }, async () => undefined),
    ],
    authenticate: async () => ({ kind: 'public', who: planeItself }),
    record: async (refusal) => {
      recorded.push(refusal);
      return undefined;
    },
    load,
    ...more,
  });
  const listening = await listen(api, '127.0.0.1', 0, more.connectionsMax);
  t.after(() => {
    resolve();
    return listening.close();
  });
  return { ...listening, recorded, release: resolve };
}

const until = async (isSo: () => boolean) => {
  for (let i = 0; i < 500 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(isSo());
};

test('what is more than can be worked on is turned away, recorded, and may come back; what is urgent is done', async (t) => {
  const load = createLoad(1);
  const { url, recorded, release } = await opened(t, load);
  const first = fetch(`${url}/slow`);
  await until(() => load.refusal() !== null);
  const second = await fetch(`${url}/slow`);
  assert.equal(second.status, 503);
  assert.match(second.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.equal(((await second.json()) as { code: string }).code, 'plane.too_busy');
  assert.deepEqual(
    recorded.map(({ code }) => code),
    ['plane.too_busy'],
  );
  assert.equal((await fetch(`${url}/urgent`)).status, 200);
  release();
  assert.equal((await first).status, 200);
  await until(() => load.refusal() === null);
  assert.equal((await fetch(`${url}/slow`)).status, 200);
});

test('while there is too little room for entries, all but what is urgent is turned away', async (t) => {
  const load = createLoad(10);
  const { url, release } = await opened(t, load);
  load.keepRoom(true);
  const refused = await fetch(`${url}/slow`);
  assert.equal(((await refused.json()) as { code: string }).code, 'store.nearly_full');
  assert.equal((await fetch(`${url}/urgent`)).status, 200);
  load.keepRoom(false);
  release();
  assert.equal((await fetch(`${url}/slow`)).status, 200);
});

test('who waits for a person takes nobody’s place', async (t) => {
  const load = createLoad(1);
  const { url, release } = await opened(t, load);
  const waiting = [fetch(`${url}/waits`), fetch(`${url}/waits`), fetch(`${url}/waits`)];
  assert.equal((await fetch(`${url}/urgent`)).status, 200);
  assert.equal(load.refusal(), null);
  release();
  for (const one of await Promise.all(waiting)) assert.equal(one.status, 200);
});

const opening = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
};

test('connections beyond the maximum are closed and recorded, and those that are there go on', async (t) => {
  const { url, recorded } = await opened(t, createLoad(1), { connectionsMax: 2 });
  const [first, second] = [await opening(url), await opening(url)];
  const third = await opening(url);
  await once(third, 'close');
  await until(() => recorded.length > 0);
  assert.equal(recorded[0]?.code, 'plane.too_many_connections');
  first.write('GET /urgent HTTP/1.1\r\nhost: a\r\n\r\n');
  const [heard] = (await once(first, 'data')) as [Buffer];
  assert.match(heard.toString(), /^HTTP\/1\.1 200 /);
  first.destroy();
  second.destroy();
});

test('a connection that is not used is closed, and one whose request is worked on is not', async (t) => {
  const { url, release } = await opened(t, createLoad(5), { idleMsMax: 100 });
  const working = fetch(`${url}/slow`);
  const idle = await opening(url);
  await once(idle, 'close');
  await new Promise((resolve) => setTimeout(resolve, 300));
  release();
  assert.equal((await working).status, 200);
});

test('the number of files that may be open is known where the system tells it', () => {
  const max = openFilesMax();
  if (process.platform === 'linux') assert.ok(max === null || max >= 64);
  else assert.equal(max, null);
});
