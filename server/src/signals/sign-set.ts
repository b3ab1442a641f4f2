import { signJwt, type TokenKeys } from '../tokens/index.ts';
import { setType } from './names.ts';
import type { Stream, Waiting } from './stream.ts';

/** Under which name and by which keys SETs are signed: those of tokens. */
export type Issuing = { readonly url: string; readonly keys: () => TokenKeys };

/** RFC 8417: the SET as it goes out, signed by the keys that this plane publishes. `aud` is who registered the stream. */
export function signSet(
  issuer: Issuing,
  stream: Pick<Stream, 'point'>,
  { jti, claims }: Pick<Waiting, 'jti' | 'claims'>,
): string {
  return signJwt(issuer.keys(), setType, { iss: issuer.url, jti, aud: stream.point, ...claims });
}
