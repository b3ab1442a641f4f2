/**
 * Gateway: where a call is decided, admitted, sent and written down. `enforce.ts` tells the whole story. It promises
 * that nothing is sent before its decision is durable, that what is sent is what was decided, and that a call ends as
 * done, failed or unknown. It deliberately does not know how any other room reaches its answer.
 */
export { decisionDoors } from './doors/index.ts';
export type { Ruled } from './enforce.ts';
export { actionForRules } from './for-rules.ts';
export { createGatewayDoor } from './http.ts';
export { createParkedRuns } from './parked-runs.ts';
export { recoverSent } from './recover.ts';
export type { GatewaySettings, Parking, Rooms } from './rooms.ts';
export { gatewayRoutes, peopleGatewayRoutes } from './routes.ts';
export { shownToken } from './shown-token.ts';
export { sentUnder } from './store.ts';
export { createUnproved, type Unproved } from './unproved.ts';
export { createUnsettled } from './unsettled.ts';
