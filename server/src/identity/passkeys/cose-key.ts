import { refuse } from '../../foundation/index.ts';
import { type PublicJwk, readPublicKey } from '../key.ts';
import { webauthn } from './webauthn.ts';

/** The algorithms that are asked for, the preferred first (COSE: ES256 -7, EdDSA -8). */
export const coseAlgs = [-7, -8];

type Bytes = Uint8Array<ArrayBuffer>;

/** A public key as authenticators write it (RFC 9053 §7), as it is kept here. */
export function jwkOfCose(bytes: Bytes): PublicJwk {
  const { isoCBOR, isoBase64URL, cose } = webauthn.helpers;
  const { COSECRV, COSEKEYS, COSEKTY } = cose;
  const members = isoCBOR.decodeFirst<Map<number, unknown>>(bytes);
  const [kty, crv] = [members.get(COSEKEYS.kty), members.get(COSEKEYS.crv)];
  const text = (label: number): string => {
    const value = members.get(label);
    return value instanceof Uint8Array ? isoBase64URL.fromBuffer(new Uint8Array(value)) : '';
  };
  const isEc = kty === COSEKTY.EC2 && crv === COSECRV.P256;
  const isOkp = kty === COSEKTY.OKP && crv === COSECRV.ED25519;
  if (!isEc && !isOkp) throw refuse('passkey.refused', 'its key is neither Ed25519 nor P-256');
  const x = text(COSEKEYS.x);
  return readPublicKey(isEc ? { kty: 'EC', crv: 'P-256', x, y: text(COSEKEYS.y) } : { kty: 'OKP', crv: 'Ed25519', x })
    .jwk;
}

/** The way back, for the library that checks sign-ins. */
export function coseOfJwk(jwk: PublicJwk): Bytes {
  const { isoCBOR, isoBase64URL, cose } = webauthn.helpers;
  const { COSEALG, COSECRV, COSEKEYS, COSEKTY } = cose;
  const members = new Map<number, number | Uint8Array>();
  members.set(COSEKEYS.kty, jwk.kty === 'EC' ? COSEKTY.EC2 : COSEKTY.OKP);
  members.set(COSEKEYS.alg, jwk.kty === 'EC' ? COSEALG.ES256 : COSEALG.EdDSA);
  members.set(COSEKEYS.crv, jwk.kty === 'EC' ? COSECRV.P256 : COSECRV.ED25519);
  members.set(COSEKEYS.x, isoBase64URL.toBuffer(jwk.x));
  if (jwk.kty === 'EC') members.set(COSEKEYS.y, isoBase64URL.toBuffer(jwk.y));
  return isoCBOR.encode(members);
}
