import { flushCompileCache } from 'node:module';

/**
 * What a plane in a process of its own is started with: what was made of the sources is kept, where the runner of tests keeps it. Whoever
 * starts one has loaded the same sources, and keeps them before: a plane that is killed keeps nothing.
 */
export function compiled(): Readonly<Record<string, string>> {
  const { NODE_COMPILE_CACHE } = process.env;
  if (NODE_COMPILE_CACHE === undefined) return {};
  flushCompileCache();
  return { NODE_COMPILE_CACHE };
}
