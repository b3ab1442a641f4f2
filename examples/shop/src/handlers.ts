import type { Books } from './books.ts';
import { refundsOf } from './books.ts';
import type { Clock } from './clock.ts';
import { mintKey, type NewSecret } from './keys.ts';
import { addNote, findOrder, removeNote, showOrder } from './orders.ts';
import { Problem } from './problem.ts';
import { cancelRefund, createRefund, type NewRefund, showRefund } from './refunds.ts';
import { search } from './search.ts';

export type Shop = { readonly books: Books; readonly clock: Clock; readonly newSecret: NewSecret };

/** A request that the description's schemas have admitted. */
export type Input = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: {
    readonly status?: string;
    readonly customer?: string;
    readonly limit?: number;
    readonly after?: string;
  };
  readonly body: unknown;
  readonly idempotencyKey?: string;
  readonly run?: string;
};

export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

const ok = (body: unknown): Answer => ({ status: 200, body });
const created = (body: unknown, headers: Answer['headers'] = {}): Answer => ({ status: 201, body, headers });
const isoNow = (shop: Shop) => new Date(shop.clock()).toISOString();

/** One row for each operation of the description, by its operationId. */
export const handlers: Readonly<Record<string, (shop: Shop, input: Input) => Answer>> = {
  'orders.list': ({ books }, { query }) => {
    const wanted = [...books.orders.values()].filter(
      ({ status, customer }) =>
        (query.status === undefined || status === query.status) &&
        (query.customer === undefined || customer === query.customer),
    );
    const { rows, next } = page(wanted, query);
    return ok({ orders: rows.map((order) => showOrder(books, order)), next });
  },
  'orders.get': ({ books }, { params }) => ok(showOrder(books, findOrder(books, params.orderId!))),
  'orders.note': (shop, { params, body }) =>
    created(addNote(shop.books, params.orderId!, (body as { text: string }).text, isoNow(shop))),
  'orders.removeNote': (shop, { params }) => {
    removeNote(shop.books, params.orderId!, params.noteId!, isoNow(shop));
    return { status: 204 };
  },
  'shipping.get': ({ books }, { params }) => ok(books.shipments.get(findOrder(books, params.orderId!).id)),
  'customers.get': ({ books }, { params }) => ok(found(books.customers, params.customerId!, 'customer')),
  'refunds.list': ({ books, clock }, { params }) => {
    const { id } = findOrder(books, params.orderId!);
    return ok({ refunds: refundsOf(books, id).map((refund) => showRefund(refund, clock())) });
  },
  'refunds.create': ({ books, clock }, { params, body, idempotencyKey, run }) => {
    const optional = {
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(run === undefined ? {} : { run }),
    };
    const request = { order: params.orderId!, body: body as NewRefund, ...optional };
    const { refund, replayed } = createRefund(books, request, clock());
    return created(refund, replayed ? { 'idempotent-replayed': 'true' } : {});
  },
  'refunds.cancel': ({ books, clock }, { params, run }) => ok(cancelRefund(books, params.refundId!, clock(), run)),
  'payroll.list': ({ books }, { query }) => {
    const { rows, next } = page([...books.payroll.values()], query);
    return ok({ entries: rows, next });
  },
  'payroll.get': ({ books }, { params }) => ok(found(books.payroll, params.employeeId!, 'payroll entry')),
  'apiKeys.create': (shop, { body }) =>
    created(mintKey(shop.books, (body as { name: string }).name, shop.newSecret, isoNow(shop))),
  'search.query': ({ books }, { body }) => ok(search(books, (body as { query: string }).query)),
};

function found<T>(rows: ReadonlyMap<string, T>, id: string, what: string): T {
  const row = rows.get(id);
  if (row === undefined) throw new Problem('not-found', `There is no ${what} ${id}.`);
  return row;
}

/** Rows are in the order of their ids, and ids of a kind have one length. */
function page<T extends { readonly id: string }>(all: readonly T[], { after = '', limit = 20 }: Input['query']) {
  const behind = all.filter(({ id }) => id > after);
  const rows = behind.slice(0, limit);
  return { rows, next: behind.length > limit ? rows.at(-1)!.id : null };
}
