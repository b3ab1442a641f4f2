import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TenantId } from '@ambit/protocol';
import { SMTPServer } from 'smtp-server';
import type { TestCertificate } from '../../foundation/http/testing-certificates.ts';
import { createOutbound, type Outbound, openBox, sealBox } from '../../foundation/index.ts';
import { openApprovals, type TestApprovals } from '../testing.ts';
import type { ChangingChannels } from './change-channels.ts';
import { deliver } from './deliver.ts';
import { followLog } from './follow-log.ts';
import { type ChannelsParts, openChannels } from './open.ts';
import type { Seal } from './secrets.ts';
import { listChannels } from './store.ts';

export type Heard = { readonly headers: IncomingHttpHeaders; readonly text: string };

/** A receiver of webhooks on loopback. `answers` says how the next ones are answered, and `meanwhile` what happens before; 204 unless said. */
export async function openEndpoint() {
  const heard: Heard[] = [];
  const answers: (number | { readonly status: number; readonly retryAfter: string })[] = [];
  const meanwhile: (() => Promise<unknown>)[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    heard.push({ headers: request.headers, text });
    await meanwhile.shift()?.();
    const answer = answers.shift() ?? 204;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(answer.status, { 'retry-after': answer.retryAfter }).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    heard,
    answers,
    meanwhile,
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
    mail: null,
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

/** A letter as the server got it: the envelope, and the message byte for byte. */
export type Mailed = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
};

export type MailServerOptions = {
  readonly certificate?: TestCertificate;
  /** TLS from the first byte. */
  readonly isTls?: boolean;
  readonly offersStartTls?: boolean;
  readonly login?: { readonly user: string; readonly password: string };
};

/** A mail server on loopback. Who is in `unknown` has no mailbox there. */
export async function openMailServer(
  { certificate, isTls = false, offersStartTls = false, login }: MailServerOptions = {},
  at = 0,
) {
  const mailed: Mailed[] = [];
  const unknown = new Set<string>();
  const fault = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
  const server = new SMTPServer({
    ...(certificate && { cert: certificate.cert, key: certificate.key }),
    secure: isTls,
    authOptional: login === undefined,
    disabledCommands: [...(offersStartTls ? [] : ['STARTTLS']), ...(login === undefined ? ['AUTH'] : [])],
    onAuth({ username, password }, _session, answer) {
      if (username === login?.user && password === login?.password) answer(null, { user: username });
      else answer(fault(535, 'no such user'));
    },
    onRcptTo({ address }, _session, answer) {
      answer(unknown.has(address) ? fault(550, 'no such mailbox') : null);
    },
    onData(stream, session, answer) {
      let raw = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        raw += chunk;
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        mailed.push({ from, to, raw, isEncrypted: session.secure, user: session.user as string | undefined });
        answer(null);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(at, '127.0.0.1', done));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    mailed,
    unknown,
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

/** The head of a letter by the names of its fields, and its plain text, as a reader of mail sees them. */
export function readLetter(raw: string): {
  readonly head: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
} {
  const [top = '', ...rest] = raw.split('\r\n\r\n');
  const head = new Map<string, string[]>();
  for (const line of top.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    head.set(name.toLowerCase(), [...(head.get(name.toLowerCase()) ?? []), value]);
  }
  const part = rest.join('\r\n\r\n').split(/\r\n--[^\r\n]+/)[0] ?? '';
  const text = part.slice(part.indexOf('\r\n\r\n') + 4);
  return { head, text: unquoted(text).replaceAll('\r\n', '\n') };
}

/** RFC 2045 §6.7. */
const unquoted = (text: string): string =>
  Buffer.from(
    text
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
