/** What a plane in a process of its own is started with: what was made of the sources is kept, where the runner of tests keeps it. */
export const compiled: Readonly<Record<string, string>> =
  process.env.NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
