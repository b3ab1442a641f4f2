import type { Currency } from './money.ts';

export type Product = { readonly id: string; readonly name: string; readonly price: string };

export type Customer = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly address: string;
  readonly city: string;
  readonly country: string;
  readonly since: string;
};

export type OrderStatus = 'placed' | 'shipped' | 'delivered' | 'returned';

export type OrderRecord = {
  readonly id: string;
  readonly customer: string;
  readonly shipment: string;
  readonly status: OrderStatus;
  readonly damaged: boolean;
  readonly placedAt: string;
  readonly lines: readonly {
    readonly product: string;
    readonly name: string;
    readonly quantity: number;
    readonly price: string;
  }[];
  readonly currency: Currency;
  readonly total: string;
  /** What the customer wrote, word for word. */
  readonly note: string | null;
};

export type Shipment = {
  readonly id: string;
  readonly order: string;
  readonly carrier: 'northline' | 'parcelo' | 'quickfreight';
  readonly tracking: string;
  readonly status: 'preparing' | 'in_transit' | 'delivered' | 'returned';
  readonly events: readonly {
    readonly at: string;
    readonly code: 'packed' | 'handed_over' | 'in_transit' | 'delivered' | 'returned';
  }[];
};

export type RefundRecord = {
  readonly id: string;
  readonly order: string;
  readonly amount: string;
  readonly currency: Currency;
  readonly reason: string | null;
  readonly at: string;
  readonly cancelled: boolean;
};

export type Note = { readonly id: string; readonly text: string; readonly at: string };

export type PayrollEntry = {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly monthlyGross: string;
  readonly currency: Currency;
  readonly account: string;
};
