import type { Currency } from './money.ts';

/** A movement of money, in the order it happened. The seeded refunds are the opening balance and not listed. */
export type LedgerLine = {
  readonly kind: 'refund' | 'cancellation';
  readonly refund: string;
  readonly order: string;
  readonly amount: string;
  readonly currency: Currency;
  readonly at: string;
  readonly idempotencyKey?: string;
  /** The trace id of the request's W3C `traceparent`: what the caller says this belongs to. */
  readonly run?: string;
};

/** What a refund line remembers beyond the ledger, so that a repeated key gets the same answer. */
export type RefundLine = LedgerLine & {
  readonly kind: 'refund';
  readonly reason: string | null;
  readonly requestDigest: string;
};

export type CancellationLine = LedgerLine & { readonly kind: 'cancellation' };

export type NoteLine = {
  readonly kind: 'note';
  readonly note: string;
  readonly order: string;
  readonly text: string;
  readonly at: string;
};

export type NoteRemovalLine = {
  readonly kind: 'note-removal';
  readonly note: string;
  readonly order: string;
  readonly at: string;
};

/** Only the digest of a minted key is kept. */
export type ApiKeyLine = {
  readonly kind: 'api-key';
  readonly key: string;
  readonly name: string;
  readonly digest: string;
  readonly at: string;
};

/** Everything that ever changes the shop is one of these lines; its state is the seed with all lines applied. */
export type Line = RefundLine | CancellationLine | NoteLine | NoteRemovalLine | ApiKeyLine;
