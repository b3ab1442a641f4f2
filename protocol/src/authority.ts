/**
 * The shape of authority on the wire. A grant travels as an `authorization_details` entry of type `ambit_grant`
 * (RFC 9396 §2); what is true of grants is in the server's authority room.
 */
export type Scalar = string | number | boolean | null;

/** One bound on one argument. Numbers are compared by value, decimals as strings (`"30.00"`) too. */
export type Constraint =
  | { readonly equals: Scalar }
  | { readonly oneOf: readonly Scalar[] }
  | { readonly notOneOf: readonly Scalar[] }
  /** Inclusive ends, as decimal strings; at least one. */
  | { readonly range: { readonly min?: string; readonly max?: string } }
  | { readonly prefix: string }
  | { readonly suffix: string }
  /** The value is this slash-separated path, or lies below it; dot segments never match. */
  | { readonly under: string }
  | { readonly cidr: string }
  /** The value is this DNS name or one below it. */
  | { readonly domain: string }
  | { readonly subsetOf: readonly Scalar[] }
  /** Length in Unicode code points of a string, or in elements of a list. */
  | { readonly maxLength: number }
  | { readonly any: true };

/** All of the constraints hold. An argument must be present unless marked optional. */
export type ArgumentRule = { readonly all: readonly Constraint[]; readonly optional?: boolean };

/** A rolling calendar-free window: counters restart every `seconds`; without it the limit is for the whole task. */
export type Limit =
  | { readonly calls: number; readonly seconds?: number }
  | { readonly sum: { readonly max: string; readonly currency: string }; readonly seconds?: number }
  | { readonly cost: string; readonly seconds?: number };

/** When a person must say yes. `over` counts what was already spent, per task and per the named resource type. */
export type Ask =
  | { readonly always: true; readonly reason: string }
  | {
      readonly over: { readonly amount: string; readonly currency: string };
      /** Argument whose value separates the sums, e.g. `path.orderId`; absent: one sum for the task. */
      readonly per?: string;
      readonly reason: string;
    };

export type Grant = {
  readonly type: 'ambit_grant';
  /** Action ids, e.g. `shop:refunds.create`. */
  readonly actions: readonly string[];
  /** Arguments by name, e.g. `path.orderId`, `body.amount`. With any rule, arguments it does not name are refused. */
  readonly where?: { readonly [argument: string]: ArgumentRule };
  readonly limits?: readonly Limit[];
  readonly asks?: readonly Ask[];
};

/** At most 64 grants, in the order they were written: a call charges the first that covers it. */
export type Authority = readonly Grant[];
