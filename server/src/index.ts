/**
 * The plane as a library: what the command line starts, and what a program that embeds Ambit needs. Everything else is
 * reached over its two listeners.
 */
export { type Config, readConfig, settings } from './config.ts';
export { type KeyDescription, loadKeys, rotateSvidKey, rotateTokenKey, rotateVaultKey } from './foundation/index.ts';
export { type Running, serve } from './main.ts';
export { type Initialised, initialise, keySourceOf, moveTo } from './opening.ts';
