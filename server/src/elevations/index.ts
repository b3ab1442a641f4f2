/**
 * Elevations: more than a task gives, for a time, by a person's yes. The room promises that what is asked for is within
 * every bound around the task, when it is asked and again when it is given; that exactly what was shown is given, once;
 * and that it ends by itself. It deliberately does not decide calls: an elevation is a row beside its task, and a fact of
 * the next decision.
 */
export { askForElevation, type ElevationLimits, elevationAction } from './ask.ts';
export { expireElevations } from './expire.ts';
export { grantElevation } from './grant.ts';
export { elevationsRoutes } from './routes.ts';
export { askingAgain } from './wish.ts';
