/**
 * The one door out. It knows which addresses this plane may reach, and opens, times and closes every outgoing connection.
 * It promises that the address really connected to was judged, that no redirect is followed, no request is sent twice,
 * and no connection serves two tenants or two credentials; a request that was not written at all is reported as such.
 * It deliberately does not know what a request is for, what it may carry, or what its answer means.
 */
export type { AddressRules } from './address-rules.ts';
export { isLoopback, judgeAddress, readAddressRules } from './address-rules.ts';
export { type FaultKind, OutboundFault } from './fault.ts';
export type { Fetched } from './fetch-text.ts';
export { fetchThrough } from './fetch-through.ts';
export { canonicalOrigin } from './origin.ts';
export {
  createOutbound,
  type Exchange,
  type Header,
  type Outbound,
  type OutboundRequest,
  type OutboundSettings,
  type Receiver,
} from './outbound.ts';
export type { ClientIdentity, PoolKey } from './pools.ts';
export { type Endpoint, type Posted, post, readEndpoint } from './post.ts';
export { readSmtpUrl, type SmtpServer } from './smtp-url.ts';
