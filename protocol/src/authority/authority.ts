/**
 * The shape of authority on the wire. A grant travels as an `authorization_details` entry of type `ambit_grant`
 * (RFC 9396 §2); what is true of grants is in the server's authority room.
 */
export type Scalar = string | number | boolean | null;

/**
 * One bound on one argument. Members of sets are compared with their type: numbers by value, texts character by
 * character (`"30"` is not `30`, `"1.10"` is not `"1.1"`). Only a range reads a text as an amount.
 */
export type Constraint =
  | { readonly equals: Scalar }
  | { readonly oneOf: readonly Scalar[] }
  /** Excludes a scalar in every spelling that could be taken for it: `30`, `"030"`, letters of either case. */
  | { readonly notOneOf: readonly Scalar[] }
  /** Inclusive ends, as decimal strings; at least one. Holds for numbers and decimals in a text, never below zero. */
  | { readonly range: { readonly min?: string; readonly max?: string } }
  /** The text begins so, and holds no dot segments. */
  | { readonly prefix: string }
  | { readonly suffix: string }
  /** The value is this slash-separated path, or lies below it; dot segments never match. */
  | { readonly under: string }
  /** The value is an address in this network, or a network that lies in it. IPv4 written as IPv6 never matches. */
  | { readonly cidr: string }
  /** The value is this DNS name or one below it. */
  | { readonly domain: string }
  /** The value is a list, not empty, of these only: to many APIs an empty list means everything. */
  | { readonly subsetOf: readonly Scalar[] }
  /** Length in Unicode code points of a string, or in elements of a list. */
  | { readonly maxLength: number }
  | { readonly any: true };

/** All of the constraints hold. An argument must be present unless marked optional. */
export type ArgumentRule = { readonly all: readonly Constraint[]; readonly optional?: boolean };

/**
 * At most so much in any `seconds` in a row, wherever they begin; without `seconds` for the whole task. After a burst
 * it can take up to a quarter longer than `seconds` until there is room again.
 */
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
