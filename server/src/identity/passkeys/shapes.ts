import { list, nullable, object, type ShapeOf, text } from '@ambit/protocol';

const base64Url = (max: number) => text({ max, pattern: /^[A-Za-z0-9_-]+$/, must: 'must be base64url' });

/** What an authenticator answered (WebAuthn §5.2.2). */
export const assertionShape = object({
  authenticatorData: base64Url(2048),
  clientDataJSON: base64Url(4096),
  signature: base64Url(512),
});

/** What a new passkey says of itself (WebAuthn §5.2.1). */
export const newCredentialShape = object({
  id: base64Url(1366),
  response: object({
    clientDataJSON: base64Url(4096),
    attestationObject: base64Url(16_384),
    transports: list(text({ max: 20, pattern: /^[a-z-]+$/ }), { max: 10 }),
  }),
});
export type NewCredential = ShapeOf<typeof newCredentialShape>;

export const assertedCredentialShape = object({
  id: base64Url(1366),
  response: object({
    authenticatorData: base64Url(2048),
    clientDataJSON: base64Url(4096),
    signature: base64Url(512),
    userHandle: nullable(base64Url(128)),
  }),
});
export type AssertedCredential = ShapeOf<typeof assertedCredentialShape>;
