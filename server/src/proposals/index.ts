/**
 * Proposals: changes that lower a gate, put up for a second person where the organisation wants two. The room knows what
 * was asked for, what it would change, who asked and who confirmed. It promises that nothing is changed before another
 * person with the same right has signed exactly what would change, that a proposal is done at most once, and that what
 * moved meanwhile is not done at all. It deliberately does not know what any change means: each route says what it lowers.
 */
export { holdBack } from './put-up.ts';
export { proposalsRoutes } from './routes.ts';
