import { either, object, oneOf, text } from '@ambit/protocol';
import { signingAlgs } from './key.ts';
import { assertionShape } from './passkeys/shapes.ts';

const by = { kid: text({ max: 64 }), alg: oneOf(...signingAlgs) };

/** A signature over a document, by either kind of key. */
export const signatureShape = either(
  object({ ...by, value: text({ max: 128 }) }),
  object({ ...by, webauthn: assertionShape }),
);

/** What a person calls a key. */
export const keyLabel = text({
  max: 80,
  pattern: /^[\p{L}\p{N}][\p{L}\p{N} ._'’-]*$/u,
  must: 'must be a name of letters, digits and spaces',
});
