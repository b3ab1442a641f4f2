/**
 * Foundation: what every room stands on. It knows time, ids, secrets, errors, one store with one writer, HTTP, keys and
 * the one door out. It promises that a change and its entry are one, that rows have their tenant, that a refusal has a
 * name. It deliberately does not know what an agent, a task or a decision is.
 */
export * from './clock.ts';
export * from './database/index.ts';
export * from './errors.ts';
export * from './ground.ts';
export * from './http/index.ts';
export * from './ids.ts';
export * from './keys/keys.ts';
export * from './nodes/index.ts';
export * from './outbound/index.ts';
export * from './secret.ts';
export * from './span.ts';
export { withoutSecrets } from './without-secrets.ts';
export { x509 } from './x509.ts';
