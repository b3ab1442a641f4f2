/**
 * What both ends of Ambit must agree on, byte for byte: ids, wire shapes, refusal codes, canonical JSON, the digest of
 * a call, proofs of the log. It imports nothing and does no I/O; hashing and signature checks are handed in, so the
 * same code runs in Node and in a page.
 */
export * from './authority.ts';
export * from './bytes.ts';
export * from './claims.ts';
export * from './decimal.ts';
export * from './digest.ts';
export * from './entry.ts';
export type * from './explain-counters.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './log-proof.ts';
export * from './note.ts';
export * from './receipt.ts';
export * from './refusals/index.ts';
export * from './shape.ts';
export * from './verify-export.ts';
