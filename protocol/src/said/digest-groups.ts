import { fromBase64Url, toHex } from '../bytes.ts';

/**
 * `sha-256:9f2c…` (base64url) as people compare it, in a browser and at a terminal alike: hexadecimal, four digits at a time. What
 * is no such digest is one group, as it came.
 */
export function digestGroups(digest: string): readonly string[] {
  const [, value] = /^sha-256:([\w-]{43})$/.exec(digest) ?? [];
  const bytes = value === undefined ? undefined : fromBase64Url(value);
  return bytes === undefined ? [digest] : (toHex(bytes).match(/.{4}/g) ?? []);
}
