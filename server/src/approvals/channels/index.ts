/**
 * Channels: tell people and their tools that a question waits. Nothing is answered by them: a message leads to the card,
 * and an answer is a signature. What they tell is read from the log, at least once; by whom and when it was taken can be
 * listed, and an outage is an entry.
 */
export { openChannels } from './open.ts';
export { channelsRoutes } from './routes.ts';
