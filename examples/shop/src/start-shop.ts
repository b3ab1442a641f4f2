import { randomBytes } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { shopApi } from './api.ts';
import { type Books, openBooks } from './books.ts';
import type { Clock } from './clock.ts';
import { fileJournal, type Journal, memoryJournal } from './journal.ts';
import { keyDigest, type NewSecret } from './keys.ts';
import type { LedgerLine } from './ledger.ts';
import { seed } from './seed.ts';
import { type SeenRequest, type SeenRequests, seenRequests } from './seen-requests.ts';

export type ShopOptions = {
  /** What callers must send as `Authorization: Bearer …`; at least 16 characters. */
  readonly apiKey: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Where the shop keeps what happened; in memory only when absent. Started on it again, it finds it again. */
  readonly dataFile?: string;
  readonly clock?: Clock;
  readonly newSecret?: NewSecret;
  /** How many requests `requests()` remembers. */
  readonly requestsMax?: number;
};

export type RunningShop = {
  readonly url: string;
  /** `GET /ledger` and `GET /requests` for whoever runs the shop; always on loopback, never part of the API. */
  readonly adminUrl: string;
  ledger(): LedgerLine[];
  requests(): SeenRequest[];
  close(): Promise<void>;
};

export async function startShop(options: ShopOptions): Promise<RunningShop> {
  const { apiKey, port = 0, host = '127.0.0.1', dataFile, clock = Date.now, requestsMax = 10_000 } = options;
  const newSecret = options.newSecret ?? (() => randomBytes(32).toString('base64url'));
  if (!/^[A-Za-z0-9._~+/-]{16,200}$/.test(apiKey)) {
    throw new Error(
      'the shop key must have 16 to 200 letters, digits or . _ ~ + / -: others do not travel as a bearer token',
    );
  }
  const journal = dataFile === undefined ? memoryJournal() : fileJournal(dataFile);
  const books = openOrClose(journal);
  const seen = seenRequests(requestsMax, clock);
  const api = shopApi({ books, clock, newSecret }, keyDigest(apiKey), seen);
  const admin = adminApi(books, seen);
  let closed: Promise<void> | undefined;
  // Once only: a file descriptor closed twice may by then be another's.
  const close = () => {
    closed ??= Promise.all([api.close(), admin.close()]).then(() => journal.close());
    return closed;
  };
  try {
    const url = await api.listen({ port, host });
    const adminUrl = await admin.listen({ port: 0, host: '127.0.0.1' });
    return { url, adminUrl, ledger: () => [...books.ledger], requests: seen.list, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

function openOrClose(journal: Journal): Books {
  try {
    return openBooks(seed(), journal);
  } catch (fault) {
    journal.close();
    throw fault;
  }
}

function adminApi(books: Books, seen: SeenRequests): FastifyInstance {
  const admin = Fastify({ forceCloseConnections: true });
  admin.get('/ledger', () => ({ ledger: books.ledger }));
  admin.get('/requests', () => ({ requests: seen.list() }));
  return admin;
}
