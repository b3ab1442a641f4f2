import { type Books, nextNumber, notesOf, record, refundsOf } from './books.ts';
import { amount, cents } from './money.ts';
import { Problem } from './problem.ts';
import type { Note, OrderRecord } from './records.ts';

const notesMax = 100;

export function findOrder(books: Books, id: string): OrderRecord {
  const order = books.orders.get(id);
  if (order === undefined) throw new Problem('not-found', `There is no order ${id}.`);
  return order;
}

/** The order as it is answered: with what was refunded and what still can be. */
export function showOrder(books: Books, order: OrderRecord) {
  const refunded = refundedCents(books, order.id);
  return {
    ...order,
    customerName: books.customers.get(order.customer)!.name,
    refunded: amount(refunded),
    remaining: amount(cents(order.total) - refunded),
    internalNotes: notesOf(books, order.id),
  };
}

export function remainingCents(books: Books, order: OrderRecord): number {
  return cents(order.total) - refundedCents(books, order.id);
}

function refundedCents(books: Books, order: string): number {
  return refundsOf(books, order)
    .filter(({ cancelled }) => !cancelled)
    .reduce((sum, refund) => sum + cents(refund.amount), 0);
}

export function addNote(books: Books, orderId: string, text: string, at: string): Note {
  const order = findOrder(books, orderId);
  if (notesOf(books, order.id).length >= notesMax) {
    throw new Problem('full', `Order ${order.id} has ${notesMax} notes already; remove one first.`);
  }
  const note = `not_${nextNumber(books, 'note')}`;
  record(books, { kind: 'note', note, order: order.id, text, at });
  return { id: note, text, at };
}

export function removeNote(books: Books, orderId: string, note: string, at: string) {
  const order = findOrder(books, orderId);
  if (!notesOf(books, order.id).some(({ id }) => id === note)) {
    throw new Problem('not-found', `There is no note ${note} on order ${order.id}.`);
  }
  record(books, { kind: 'note-removal', note, order: order.id, at });
}
