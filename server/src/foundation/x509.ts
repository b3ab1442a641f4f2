import { createRequire } from 'node:module';
import type * as Library from '@peculiar/x509';

const load = createRequire(import.meta.url);
let loaded: typeof Library | undefined;

/**
 * The library that reads and makes certificates. Loading it takes a quarter of a second, which a plane whose agents bring
 * none should not wait for at its start: it is loaded when a certificate is first looked into.
 */
export const x509 = {
  get library(): typeof Library {
    if (loaded !== undefined) return loaded;
    load('reflect-metadata');
    loaded = load('@peculiar/x509') as typeof Library;
    return loaded;
  },
};
