import {
  type AssertedCredential,
  type CreationOptionsJson,
  fromBase64Url,
  type MadeCredential,
  type PasskeyNamed,
  type RequestOptionsJson,
  toBase64Url,
} from '@ambit/protocol';

/**
 * `navigator.credentials` of a page, as far as passkeys go: hand that in. In front of a test it is an authenticator
 * made of code.
 */
export type BrowserCredentials = {
  create(options: { publicKey: CreationOptions }): Promise<unknown>;
  get(options: { publicKey: RequestOptions }): Promise<unknown>;
};

type Bytes = Uint8Array<ArrayBuffer>;
type Descriptor = { type: 'public-key'; id: Bytes; transports?: Transport[] };
type Transport = 'ble' | 'hybrid' | 'internal' | 'nfc' | 'usb';

/** WebAuthn §5.4. Lists can be written to because the types of browsers say so. */
export type CreationOptions = {
  rp: { id: string; name: string };
  user: { id: Bytes; name: string; displayName: string };
  challenge: Bytes;
  pubKeyCredParams: { type: 'public-key'; alg: number }[];
  timeout: number;
  excludeCredentials: Descriptor[];
  authenticatorSelection: { residentKey: 'required'; requireResidentKey: true; userVerification: 'required' };
  attestation: 'none';
};

/** WebAuthn §5.5. */
export type RequestOptions = {
  challenge: Bytes;
  rpId: string;
  timeout: number;
  userVerification: 'required';
  allowCredentials: Descriptor[];
};

/** The device did not confirm: the person let it be, it took too long, or there is no passkey for this place. Nothing was sent. */
export class PasskeyFault extends Error {
  override readonly name = 'PasskeyFault';
}

/** Has the browser make a passkey. Throws `PasskeyFault`. */
export async function createCredential(
  credentials: BrowserCredentials,
  { user, challenge, pubKeyCredParams, excludeCredentials, ...rest }: CreationOptionsJson,
): Promise<MadeCredential> {
  const made = await confirmed(() =>
    credentials.create({
      publicKey: {
        ...rest,
        user: { ...user, id: bytesOf(user.id) },
        challenge: bytesOf(challenge),
        pubKeyCredParams: [...pubKeyCredParams],
        excludeCredentials: excludeCredentials.map(descriptor),
      },
    }),
  );
  const response = member(made, 'response');
  const transports = 'getTransports' in response ? (response.getTransports as () => string[]).call(response) : [];
  return {
    id: textOf(made, 'rawId'),
    response: {
      clientDataJSON: textOf(response, 'clientDataJSON'),
      attestationObject: textOf(response, 'attestationObject'),
      transports,
    },
  };
}

/** Has the browser ask for a passkey. Throws `PasskeyFault`. */
export async function getAssertion(
  credentials: BrowserCredentials,
  { challenge, allowCredentials, ...rest }: RequestOptionsJson,
): Promise<AssertedCredential> {
  const given = await confirmed(() =>
    credentials.get({
      publicKey: { ...rest, challenge: bytesOf(challenge), allowCredentials: allowCredentials.map(descriptor) },
    }),
  );
  const response = member(given, 'response');
  return {
    id: textOf(given, 'rawId'),
    response: {
      clientDataJSON: textOf(response, 'clientDataJSON'),
      authenticatorData: textOf(response, 'authenticatorData'),
      signature: textOf(response, 'signature'),
      userHandle: 'userHandle' in response && response.userHandle !== null ? textOf(response, 'userHandle') : null,
    },
  };
}

async function confirmed(ask: () => Promise<unknown>): Promise<object> {
  let answer: unknown;
  try {
    answer = await ask();
  } catch (error) {
    throw new PasskeyFault('Your device did not confirm. Nothing was sent.', { cause: error });
  }
  return objectOf(answer);
}

function objectOf(value: unknown): object {
  if (typeof value === 'object' && value !== null) return value;
  throw new PasskeyFault('The browser answered without a passkey. Nothing was sent.');
}

const member = (of: object, name: string): object => objectOf((of as Readonly<Record<string, unknown>>)[name]);

// An ArrayBuffer may be one of another realm, e.g. of a frame.
const textOf = (of: object, name: string): string => toBase64Url(new Uint8Array(member(of, name) as ArrayBuffer));

const descriptor = ({ id, type, transports }: PasskeyNamed): Descriptor => ({
  type,
  id: bytesOf(id),
  // WebAuthn §5.8.4: a browser passes over those that it does not know.
  ...(transports === undefined ? {} : { transports: transports as Transport[] }),
});

function bytesOf(text: string): Bytes {
  const bytes = fromBase64Url(text);
  if (bytes === undefined) throw new PasskeyFault('What Ambit sent cannot be read. Nothing was done.');
  return new Uint8Array(bytes);
}
