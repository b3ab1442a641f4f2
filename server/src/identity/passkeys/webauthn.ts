import { createRequire } from 'node:module';
import type * as Library from '@simplewebauthn/server';
import type * as Helpers from '@simplewebauthn/server/helpers';

const load = createRequire(import.meta.url);
let loaded: { readonly library: typeof Library; readonly helpers: typeof Helpers } | undefined;

function both() {
  loaded ??= {
    library: load('@simplewebauthn/server') as typeof Library,
    helpers: load('@simplewebauthn/server/helpers') as typeof Helpers,
  };
  return loaded;
}

/** What checks passkeys. Loading it takes a seventh of a second: it is loaded when the first passkey comes, not at the start. */
export const webauthn = {
  get library(): typeof Library {
    return both().library;
  },
  get helpers(): typeof Helpers {
    return both().helpers;
  },
};
