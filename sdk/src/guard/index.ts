/**
 * For APIs that verify tokens of Ambit themselves: who calls, for whom, under which task, and whether the grants in the
 * token cover what is asked, without a question to the plane. Promises that what it cannot verify, read or count is
 * refused, in the words of RFC 6750, 9449 and 9470, and that an ended token is refused as soon as the status list says
 * so. It knows neither the rules of the organisation nor its budgets: what those bound goes through the gateway.
 */
export type { ActorClaim, AgentId, Authority, Grant, PersonId, TaskId, TenantId } from '@ambit/protocol';
export type { GivenArguments } from './call-arguments.ts';
export type { Actor, Caller } from './caller.ts';
export type { ExpressRequest } from './frameworks/express.ts';
export type { FastifyRequest } from './frameworks/fastify.ts';
export type { HonoContext } from './frameworks/hono.ts';
export { createGuard, type Guard, type Guarding, type Rule } from './guard.ts';
export { GuardRefusal } from './guard-refusal.ts';
export type { Incoming } from './incoming.ts';
export type { Spending } from './spent-proofs.ts';
