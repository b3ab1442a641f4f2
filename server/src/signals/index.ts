/**
 * Signals: tells others what ended or changed here, and hears what others say of persons (OpenID Shared Signals Framework
 * 1.0, CAEP 1.0, RFC 8417, RFC 8935, RFC 8936). The room promises that what it tells it read from the log, at least once
 * and to the receiver of that tenant only, and that a signal from outside disables a person by an explicit rule and
 * restores nobody. It deliberately ends nothing by itself, and knows nothing of calls.
 */
export { openSignals, type Signals, type SignalsParts } from './open.ts';
export { receiverRoutes, signalsOperatorRoutes, transmitterRoutes } from './routes.ts';
