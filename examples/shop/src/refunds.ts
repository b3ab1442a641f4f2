import { createHash } from 'node:crypto';
import { type Books, nextNumber, record, refundsOf } from './books.ts';
import type { RefundLine } from './ledger.ts';
import { amount, type Currency, cents } from './money.ts';
import { findOrder, remainingCents } from './orders.ts';
import { Problem } from './problem.ts';
import type { OrderRecord, RefundRecord } from './records.ts';

export type NewRefund = { readonly amount: string; readonly currency: Currency; readonly reason?: string };

export type RefundRequest = {
  readonly order: string;
  readonly body: NewRefund;
  readonly idempotencyKey?: string;
  readonly run?: string;
};

const payoutDelayMilliseconds = 30 * 60_000;
const refundsPerOrderMax = 1000;

/** Pays once per idempotency key. The first answer is repeated word for word, whatever became of the refund since. */
export function createRefund(books: Books, request: RefundRequest, nowMilliseconds: number) {
  const requestDigest = digestOf(request);
  const earlier =
    request.idempotencyKey === undefined ? undefined : books.refundByIdempotencyKey.get(request.idempotencyKey);
  if (earlier !== undefined) return { refund: repeat(earlier, requestDigest), replayed: true };
  const order = findOrder(books, request.order);
  checkRoom(books, order, request.body);
  const line = refundLine(books, request, requestDigest, new Date(nowMilliseconds).toISOString());
  record(books, line);
  return { refund: firstAnswer(line), replayed: false };
}

function repeat(earlier: RefundLine, requestDigest: string) {
  if (earlier.requestDigest === requestDigest) return firstAnswer(earlier);
  throw new Problem(
    'key-reused',
    `This Idempotency-Key made ${earlier.refund} with another order or body; use a new key for a new refund.`,
  );
}

function checkRoom(books: Books, order: OrderRecord, wanted: NewRefund) {
  if (wanted.currency !== order.currency) {
    throw new Problem('wrong-currency', `Order ${order.id} was paid in ${order.currency}, not ${wanted.currency}.`);
  }
  const remaining = remainingCents(books, order);
  if (cents(wanted.amount) > remaining) {
    throw new Problem(
      'over-refund',
      `${wanted.amount} ${wanted.currency} is more than the ${amount(remaining)} that remain of order ${order.id}.`,
    );
  }
  if (refundsOf(books, order.id).length >= refundsPerOrderMax) {
    throw new Problem('full', `Order ${order.id} has ${refundsPerOrderMax} refunds already.`);
  }
}

function refundLine(books: Books, request: RefundRequest, requestDigest: string, at: string): RefundLine {
  const { order, body, idempotencyKey, run } = request;
  const seeded = books.refunds.size - (books.lineCounts.get('refund') ?? 0);
  return {
    kind: 'refund',
    refund: `rfd_${nextNumber(books, 'refund', seeded)}`,
    order,
    amount: body.amount,
    currency: body.currency,
    reason: body.reason ?? null,
    at,
    requestDigest,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(run === undefined ? {} : { run }),
  };
}

const firstAnswer = ({ refund, order, amount, currency, reason, at }: RefundLine) => ({
  ...{ id: refund, order, amount, currency, reason },
  status: 'pending',
  at,
});

function digestOf({ order, body }: RefundRequest): string {
  const parts = [order, body.amount, body.currency, body.reason ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** The refund as it is answered. It pays out half an hour after it was made, unless it was cancelled before. */
export function showRefund({ cancelled, at, ...rest }: RefundRecord, nowMilliseconds: number) {
  const pending = nowMilliseconds < Date.parse(at) + payoutDelayMilliseconds;
  return { ...rest, status: cancelled ? 'cancelled' : pending ? 'pending' : 'settled', at };
}

export function cancelRefund(books: Books, id: string, nowMilliseconds: number, run?: string) {
  const refund = books.refunds.get(id);
  if (refund === undefined) throw new Problem('not-found', `There is no refund ${id}.`);
  const { status } = showRefund(refund, nowMilliseconds);
  if (status === 'settled') {
    throw new Problem('already-settled', `${id} was paid out and can no longer be taken back.`);
  }
  if (status === 'pending') {
    const { order, amount, currency } = refund;
    const at = new Date(nowMilliseconds).toISOString();
    const line = { kind: 'cancellation', refund: id, order, amount, currency, at } as const;
    record(books, run === undefined ? line : { ...line, run });
  }
  return showRefund({ ...refund, cancelled: true }, nowMilliseconds);
}
