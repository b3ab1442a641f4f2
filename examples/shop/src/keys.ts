import { createHash, timingSafeEqual } from 'node:crypto';
import { type Books, nextNumber, record } from './books.ts';
import { Problem } from './problem.ts';

export type NewSecret = () => string;

const keysMax = 1000;

export const keyDigest = (key: string) => createHash('sha256').update(key).digest('base64url');

/** Answers the key once; the shop keeps only its digest. */
export function mintKey(books: Books, name: string, newSecret: NewSecret, at: string) {
  if (books.apiKeyDigests.size >= keysMax) throw new Problem('full', `The shop has ${keysMax} further keys already.`);
  const id = `key_${nextNumber(books, 'api-key')}`;
  const key = `shop_${newSecret()}`;
  record(books, { kind: 'api-key', key: id, name, digest: keyDigest(key), at });
  return { id, name, key, at };
}

/** RFC 6750 §2.1. `first` is the digest of the key the shop was started with. */
export function isShopKey(books: Books, first: string, authorization: string | undefined): boolean {
  const [, key] = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? '') ?? [];
  if (key === undefined) return false;
  const digest = keyDigest(key);
  return timingSafeEqual(Buffer.from(digest), Buffer.from(first)) || books.apiKeyDigests.has(digest);
}
