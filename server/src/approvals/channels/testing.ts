import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TenantId } from '@ambit/protocol';
import { createOutbound, type Outbound, openBox, sealBox } from '../../foundation/index.ts';
import { openApprovals, type TestApprovals } from '../testing.ts';
import type { ChangingChannels } from './change-channels.ts';
import { deliver } from './deliver.ts';
import { followLog } from './follow-log.ts';
import { type ChannelsParts, openChannels } from './open.ts';
import type { Seal } from './secrets.ts';
import { listChannels } from './store.ts';

export type Heard = { readonly headers: IncomingHttpHeaders; readonly text: string };

/** A receiver of webhooks on loopback. `answers` says how the next ones are answered; 204 unless said. */
export async function openEndpoint() {
  const heard: Heard[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    heard.push({ headers: request.headers, text });
    response.writeHead(answers.shift() ?? 204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    heard,
    answers,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Approvals with channels over them, on a clock that stands still at the present. */
export type TestChannels = {
  readonly t: TestApprovals;
  readonly changing: ChangingChannels;
  /** What a tick does for a tenant, to its end. As another node, where one is named. */
  readonly tell: (as?: { readonly node: string; readonly gone?: boolean }, tenant?: TenantId) => Promise<void>;
  /** Kinds of entries of channels, in order. */
  readonly entries: (tenant?: TenantId) => Promise<string[]>;
  readonly close: () => Promise<void>;
};

export const people = 'https://people.example';

export async function openTestChannels(more: Partial<ChannelsParts> = {}): Promise<TestChannels> {
  const t = await openApprovals();
  const { ground } = t;
  ground.clock.advance(Date.now() - ground.clock());
  const key = new Uint8Array(32).fill(7);
  const seal: Seal = {
    seal: (plain, bound) => Buffer.from(sealBox(key, Buffer.from(plain), bound)).toString('base64'),
    open: (box, bound) => Buffer.from(openBox(key, Buffer.from(box, 'base64'), bound)).toString('utf8'),
  };
  const outbound: Outbound = createOutbound({ allowPrivate: ['127.0.0.0/8'], ownAddresses: () => [] });
  const parts: ChannelsParts = {
    ground,
    outbound,
    seal,
    people: () => people,
    plainHttpAllowed: [],
    node: () => 'first',
    gone: async () => null,
    failed: async (_tenant, _about, error) => {
      throw error;
    },
    ...more,
  };
  const { changing } = openChannels(parts);
  return {
    t,
    changing,
    async tell({ node, gone = false } = { node: 'first' }, tenant = t.home.tenant) {
      const as = { ...parts, node: () => node, gone: async () => (gone ? [] : null) };
      for (const channel of await listChannels(ground, tenant, ['active'])) {
        await followLog(ground, tenant, channel, changing.kinds[channel.kind]);
        await deliver(as, tenant, channel, changing.kinds[channel.kind]);
      }
    },
    async entries(tenant = t.home.tenant) {
      const all = await ground.database.log.entries(tenant, { limit: 1000 });
      return all.map(({ header }) => header.kind).filter((kind) => kind.startsWith('channel.'));
    },
    async close() {
      await outbound.close();
      await t.close();
    },
  };
}
