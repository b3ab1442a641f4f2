import { JsonFault, JsonNumber, type JsonObject, type JsonValue, parseJson, type RefusalCode } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';

/** A compact JWS (RFC 7515 §3.1) that was taken apart and not believed yet. */
export type Jws = {
  /** The header as it was sent: equal texts are equal headers. */
  readonly headerText: string;
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
};

const bytesMax = 8192;
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Takes a compact JWS apart. Whatever two readers could understand differently is refused with `otherwise`. `known` may
 * answer for a header that was read before.
 */
export function readJws(
  text: string,
  otherwise: RefusalCode,
  known: (headerText: string) => JsonObject | undefined = () => undefined,
): Jws {
  if (text.length > bytesMax) throw refuse(otherwise, `the token has more than ${bytesMax} bytes`);
  if (!compact.test(text)) throw refuse(otherwise, 'the token is not a compact JWS');
  const [headerText, claimsText, signatureText] = text.split('.') as [string, string, string];
  return {
    headerText,
    header: known(headerText) ?? readHeader(headerText, otherwise),
    claims: readPart(claimsText, 'payload', otherwise),
    signed: Buffer.from(`${headerText}.${claimsText}`, 'latin1'),
    signature: readBytes(signatureText, 'signature', otherwise),
  };
}

function readHeader(text: string, otherwise: RefusalCode): JsonObject {
  const header = readPart(text, 'header', otherwise);
  // RFC 7515 §4.1.11 and RFC 7797 §6: both change how the rest is to be read, and nothing here understands them.
  for (const name of ['crit', 'b64']) {
    if (Object.hasOwn(header, name)) throw refuse(otherwise, `the header has ${name}`);
  }
  return header;
}

function readBytes(text: string, part: string, otherwise: RefusalCode): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw refuse(otherwise, `the ${part} is not base64url of one spelling`);
  return bytes;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readPart(text: string, part: string, otherwise: RefusalCode): JsonObject {
  const value = readObject(readBytes(text, part, otherwise), part, otherwise);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    throw refuse(otherwise, `the ${part} is not a JSON object`);
  }
  return value as JsonObject;
}

function readObject(bytes: Buffer, part: string, otherwise: RefusalCode): JsonValue {
  try {
    return parseJson(utf8.decode(bytes), { depthMax: 8, nodesMax: 512 });
  } catch (error) {
    if (error instanceof JsonFault) throw refuse(otherwise, `the ${part} is not JSON of one meaning: ${error.message}`);
    throw refuse(otherwise, `the ${part} is not UTF-8`);
  }
}

const claimMax = 1024;

/** A text claim of 1 to 1024 characters. */
export function textClaim(claims: JsonObject, name: string, otherwise: RefusalCode): string {
  const value = claims[name];
  if (typeof value === 'string' && value.length > 0 && value.length <= claimMax) return value;
  throw refuse(otherwise, `the claim ${name} is missing, or not one text`);
}

/** A NumericDate (RFC 7519 §2) in milliseconds. */
export function timeClaim(claims: JsonObject, name: string, otherwise: RefusalCode): number {
  const value = claims[name];
  const seconds = value instanceof JsonNumber ? value.toNumber() : Number.NaN;
  if (seconds > 0 && seconds < 1e11) return seconds * 1000;
  throw refuse(otherwise, `the claim ${name} is missing, or not a time`);
}
