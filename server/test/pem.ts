import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import type { PrivateJwk } from '@ambit/sdk/operator';

/** The same key as TLS libraries take it. */
export const pemOf = (key: PrivateJwk): string =>
  createPrivateKey({ key: { ...key } as JsonWebKey, format: 'jwk' }).export({ format: 'pem', type: 'pkcs8' }) as string;
