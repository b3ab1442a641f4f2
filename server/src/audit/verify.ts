import { createPublicKey, verify } from 'node:crypto';
import { type SignatureVerify, type Verdict, type VerifyOptions, verifyExport as verifyWith } from '@ambit/protocol';
import { span } from '../foundation/index.ts';
import { sha256, verifyEd25519 } from './log-key.ts';
import { notesOf } from './second-place.ts';

export type ExportCheck = Pick<VerifyOptions, 'key' | 'anchors'>;

/** Checks an export without the plane: only the lines, and what the reader had from elsewhere. */
export function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  given: ExportCheck = {},
): Promise<Verdict> {
  return span('audit/verify', () => verifyWith(lines, { ...given, sha256, verify: verifyEd25519, verifySignature }));
}

const verifySignature: SignatureVerify = (jwk, message, signature) => {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(jwk.kty === 'EC' ? 'sha256' : null, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
};

/** Checkpoints out of a file that somebody kept: the second place itself, or one signed note. Throws `LogFault`. */
export function anchorsIn(text: string, path: string): readonly string[] {
  return text.startsWith('{') ? notesOf(text.endsWith('\n') ? text : `${text}\n`, path) : [text];
}
