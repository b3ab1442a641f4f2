import type { Journal } from './journal.ts';
import type { CancellationLine, LedgerLine, Line, RefundLine } from './ledger.ts';
import type { Customer, Note, OrderRecord, PayrollEntry, Product, RefundRecord, Shipment } from './records.ts';
import type { Seed } from './seed.ts';

/** What the shop knows now: the seed with every line of the journal applied. Only `record` changes it. */
export type Books = {
  readonly products: ReadonlyMap<string, Product>;
  readonly customers: ReadonlyMap<string, Customer>;
  readonly orders: ReadonlyMap<string, OrderRecord>;
  readonly shipments: ReadonlyMap<string, Shipment>;
  readonly payroll: ReadonlyMap<string, PayrollEntry>;
  readonly refunds: Map<string, RefundRecord>;
  readonly refundsOfOrder: Map<string, string[]>;
  readonly refundByIdempotencyKey: Map<string, RefundLine>;
  readonly notesOfOrder: Map<string, Note[]>;
  readonly apiKeyDigests: Map<string, string>;
  readonly lineCounts: Map<Line['kind'], number>;
  readonly ledger: LedgerLine[];
  readonly journal: Journal;
};

export function openBooks(seed: Seed, journal: Journal): Books {
  const books: Books = {
    products: byId(seed.products),
    customers: byId(seed.customers),
    orders: byId(seed.orders),
    shipments: new Map(seed.shipments.map((shipment) => [shipment.order, shipment])),
    payroll: byId(seed.payroll),
    refunds: new Map(),
    refundsOfOrder: new Map(),
    refundByIdempotencyKey: new Map(),
    notesOfOrder: new Map(),
    apiKeyDigests: new Map(),
    lineCounts: new Map(),
    ledger: [],
    journal,
  };
  for (const refund of seed.refunds) keepRefund(books, refund);
  for (const line of journal.found) apply(books, line);
  return books;
}

/** Durable first, known second: what is answered is never lost, and what was lost was never answered. */
export function record(books: Books, line: Line) {
  books.journal.append(line);
  apply(books, line);
}

/** Ids count up, so that the same calls make the same ids in every test. */
export function nextNumber(books: Books, kind: Line['kind'], seeded = 0): string {
  return String(seeded + (books.lineCounts.get(kind) ?? 0) + 1).padStart(6, '0');
}

function apply(books: Books, line: Line) {
  books.lineCounts.set(line.kind, (books.lineCounts.get(line.kind) ?? 0) + 1);
  switch (line.kind) {
    case 'refund':
      return applyRefund(books, line);
    case 'cancellation':
      return applyCancellation(books, line);
    case 'note':
      return books.notesOfOrder.set(line.order, [...notesOf(books, line.order), noteOf(line)]);
    case 'note-removal':
      return books.notesOfOrder.set(
        line.order,
        notesOf(books, line.order).filter(({ id }) => id !== line.note),
      );
    case 'api-key':
      return books.apiKeyDigests.set(line.digest, line.key);
  }
}

function applyRefund(books: Books, line: RefundLine) {
  const { refund, order, amount, currency, reason, at } = line;
  keepRefund(books, { id: refund, order, amount, currency, reason, at, cancelled: false });
  if (line.idempotencyKey !== undefined) books.refundByIdempotencyKey.set(line.idempotencyKey, line);
  books.ledger.push(ledgerLine(line));
}

function applyCancellation(books: Books, line: CancellationLine) {
  const refund = books.refunds.get(line.refund);
  if (refund === undefined)
    throw new Error(`${line.refund} is cancelled but was never made: the data file has lost lines`);
  books.refunds.set(refund.id, { ...refund, cancelled: true });
  books.ledger.push(ledgerLine(line));
}

function ledgerLine({ kind, refund, order, amount, currency, at, idempotencyKey, run }: LedgerLine): LedgerLine {
  return {
    kind,
    refund,
    order,
    amount,
    currency,
    at,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(run === undefined ? {} : { run }),
  };
}

function keepRefund(books: Books, refund: RefundRecord) {
  books.refunds.set(refund.id, refund);
  books.refundsOfOrder.set(refund.order, [...(books.refundsOfOrder.get(refund.order) ?? []), refund.id]);
}

export function refundsOf(books: Books, order: string): RefundRecord[] {
  return (books.refundsOfOrder.get(order) ?? []).map((id) => books.refunds.get(id)!);
}

export function notesOf(books: Books, order: string): Note[] {
  return books.notesOfOrder.get(order) ?? [];
}

const noteOf = ({ note, text, at }: { note: string; text: string; at: string }): Note => ({ id: note, text, at });

const byId = <T extends { readonly id: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.id, row]));
