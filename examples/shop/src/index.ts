// The shop: a retail company's HTTP API to put Ambit in front of.
// It knows its orders, customers, refunds and payroll, and one kind of credential: shop keys.
// It promises that its description is exact, that an idempotency key pays once, and that what it answered is kept.
// Its ledger and its list of requests are the outside witness of what reached it and what did not.
// It deliberately knows nothing of agents, tasks or approvals.
export type { LedgerLine } from './ledger.ts';
export type { SeenRequest } from './seen-requests.ts';
export { type RunningShop, type ShopOptions, startShop } from './start-shop.ts';
