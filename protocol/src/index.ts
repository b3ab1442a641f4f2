/**
 * What both ends of Ambit must agree on, byte for byte: ids, wire shapes, refusal codes, canonical JSON, the digest of
 * a call, what a grant covers, proofs of the log, sentences in parts with the cleaner of foreign text. It imports nothing
 * and does no I/O; hashing and signature checks are handed in, so the same code runs in Node and in a page.
 */
export * from './answered-together.ts';
export * from './authority/address.ts';
export * from './authority/authority.ts';
export * from './authority/constraint.ts';
export * from './authority/covers.ts';
export * from './authority/dns-name.ts';
export * from './authority/grant.ts';
export * from './authority/money.ts';
export * from './authority/path.ts';
export * from './authority/value.ts';
export * from './bytes.ts';
export { checkSigned, type SignatureVerify, type SignedCheck } from './check-signed.ts';
export * from './claims.ts';
export * from './decimal.ts';
export * from './digest.ts';
export * from './entry.ts';
export type * from './explain-counters.ts';
export * from './ids.ts';
export * from './json.ts';
export type * from './live-event.ts';
export * from './log-proof.ts';
export * from './note.ts';
export * from './receipt.ts';
export * from './refusals/index.ts';
export * from './said/action-words.ts';
export * from './said/alike.ts';
export * from './said/approval-card.ts';
export * from './said/bounds.ts';
export * from './said/clean-text.ts';
export * from './said/denials/denial-parts.ts';
export { type DenialValues, keptValues } from './said/denials/denial-values.ts';
export * from './said/denials/say-denial.ts';
export { type ChargeSaid, type DenialToSay, small } from './said/denials/to-say.ts';
export { digestGroups } from './said/digest-groups.ts';
export * from './said/full-stop.ts';
export * from './said/listed-question.ts';
export type * from './said/overviews.ts';
export * from './said/parts.ts';
export * from './said/remember.ts';
export * from './said/rememberable.ts';
export type * from './said/run-lines.ts';
export * from './said/say-grant.ts';
export { unitBehind } from './said/singular.ts';
export * from './said/together-card.ts';
export * from './said/what-moved.ts';
export * from './shape.ts';
export * from './signature.ts';
export * from './verify-entry-proof.ts';
export * from './verify-export.ts';
export type * from './wire/routes.ts';
export type * from './wire/webauthn.ts';
