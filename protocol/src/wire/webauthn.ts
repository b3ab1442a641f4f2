import type { WebAuthnAssertion } from '../signature.ts';

/** WebAuthn in JSON, as far as a plane and a browser speak of it; bytes are base64url. */
export type PasskeyNamed = {
  readonly type: 'public-key';
  readonly id: string;
  /** As the browser named them when it was made. */
  readonly transports?: readonly string[];
};

/** §5.1.8: what the browser is asked to make. */
export type CreationOptionsJson = {
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[];
  readonly timeout: number;
  readonly excludeCredentials: readonly PasskeyNamed[];
  readonly authenticatorSelection: {
    readonly residentKey: 'required';
    readonly requireResidentKey: true;
    readonly userVerification: 'required';
  };
  readonly attestation: 'none';
};

/** §5.1.9: what it is asked to answer with. */
export type RequestOptionsJson = {
  readonly challenge: string;
  readonly rpId: string;
  readonly timeout: number;
  readonly userVerification: 'required';
  readonly allowCredentials: readonly PasskeyNamed[];
};

/** §5.2.1: what a new passkey says of itself. */
export type MadeCredential = {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports: readonly string[];
  };
};

/** §5.2.2: what a passkey answered. */
export type AssertedCredential = {
  readonly id: string;
  readonly response: WebAuthnAssertion & { readonly userHandle: string | null };
};
