import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/**
 * A browser and an authenticator made of code: they write what real ones write (WebAuthn §6), and do whatever they are
 * told, lies included, because Mallory has such a one.
 */
export type SoftAuthenticator = {
  /** `navigator.credentials` of a page of that origin. */
  readonly browser: (origin: string, lies?: Lies) => SoftBrowser;
  readonly held: readonly Held[];
  /** Another device with the same passkeys and counters as now. */
  readonly copy: () => SoftAuthenticator;
};

export type SoftBrowser = {
  create(options: { publicKey: Creation }): Promise<Made>;
  get(options: { publicKey: Request }): Promise<Given>;
};

/** What is written in place of the truth. */
export type Lies = {
  readonly verified?: boolean;
  readonly present?: boolean;
  readonly rpId?: string;
  readonly challenge?: Uint8Array;
  readonly signCount?: number;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly userHandle?: string;
  readonly format?: string;
  readonly signedBy?: KeyObject;
};

type Creation = {
  readonly rp: { readonly id: string };
  readonly user: { readonly id: Uint8Array };
  readonly challenge: Uint8Array;
  readonly pubKeyCredParams: readonly { readonly alg: number }[];
  readonly excludeCredentials: readonly { readonly id: Uint8Array }[];
};
type Request = {
  readonly rpId: string;
  readonly challenge: Uint8Array;
  readonly allowCredentials: readonly { readonly id: Uint8Array }[];
};
type Made = {
  readonly rawId: ArrayBuffer;
  readonly response: {
    readonly clientDataJSON: ArrayBuffer;
    readonly attestationObject: ArrayBuffer;
    readonly getTransports: () => string[];
  };
};
type Given = {
  readonly rawId: ArrayBuffer;
  readonly response: {
    readonly clientDataJSON: ArrayBuffer;
    readonly authenticatorData: ArrayBuffer;
    readonly signature: ArrayBuffer;
    readonly userHandle: ArrayBuffer;
  };
};

/** A passkey inside. */
type Held = {
  readonly id: Buffer;
  readonly rpId: string;
  readonly user: Buffer;
  readonly alg: number;
  readonly private: KeyObject;
  readonly public: KeyObject;
  signCount: number;
};

const es256 = -7;

/** `synced` is one like those of phones: on several devices, and without a counter. */
export function softAuthenticator(
  { alg = es256, synced = false }: { readonly alg?: number; readonly synced?: boolean } = {},
  held: Held[] = [],
): SoftAuthenticator {
  const data = (rpId: string, signCount: number, { verified = true, present = true }: Lies, attested = Buffer.of()) => {
    const flags = (present ? 1 : 0) | (verified ? 4 : 0) | (synced ? 0x18 : 0) | (attested.length > 0 ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(signCount);
    return Buffer.concat([hashOf(rpId), Buffer.of(flags), count, attested]);
  };
  const nextCount = (one: Held, lies: Lies) => {
    if (lies.signCount !== undefined) return lies.signCount;
    if (!synced) one.signCount++;
    return one.signCount;
  };
  return {
    held,
    copy: () =>
      softAuthenticator(
        { alg, synced },
        held.map((one) => ({ ...one })),
      ),
    browser: (origin, lies = {}) => ({
      async create({ publicKey }) {
        if (publicKey.excludeCredentials.some(({ id }) => held.some((one) => one.id.equals(id)))) {
          throw new DOMException('It holds one already.', 'InvalidStateError');
        }
        if (!publicKey.pubKeyCredParams.some((one) => one.alg === alg))
          throw new DOMException('No alg.', 'NotSupportedError');
        const one = newCredential(alg, publicKey);
        held.push(one);
        const size = Buffer.alloc(2);
        size.writeUInt16BE(one.id.length);
        const attested = Buffer.concat([Buffer.alloc(16), size, one.id, coseKey(one)]);
        const authData = new Uint8Array(data(lies.rpId ?? one.rpId, lies.signCount ?? 0, lies, attested));
        const statement = new Map<string, string | Map<string, string> | Uint8Array>([
          ['fmt', lies.format ?? 'none'],
          ['attStmt', new Map()],
          ['authData', authData],
        ]);
        return {
          rawId: buffer(one.id),
          response: {
            clientDataJSON: clientData('webauthn.create', origin, publicKey.challenge, lies),
            attestationObject: buffer(isoCBOR.encode(statement)),
            getTransports: () => ['internal', 'hybrid'],
          },
        };
      },
      async get({ publicKey }) {
        const { allowCredentials, rpId, challenge } = publicKey;
        const isAllowed = ({ id }: Held) =>
          allowCredentials.length === 0 || allowCredentials.some((a) => id.equals(a.id));
        const one = held.find((each) => each.rpId === rpId && isAllowed(each));
        if (one === undefined) throw new DOMException('There is no such passkey.', 'NotAllowedError');
        const clientDataJSON = clientData('webauthn.get', origin, challenge, lies);
        const authenticatorData = data(lies.rpId ?? rpId, nextCount(one, lies), lies);
        const signed = Buffer.concat([authenticatorData, hashOf(Buffer.from(clientDataJSON))]);
        const signature = sign(alg === es256 ? 'sha256' : null, signed, lies.signedBy ?? one.private);
        return {
          rawId: buffer(one.id),
          response: {
            clientDataJSON,
            authenticatorData: buffer(authenticatorData),
            signature: buffer(signature),
            userHandle: buffer(lies.userHandle === undefined ? one.user : Buffer.from(lies.userHandle)),
          },
        };
      },
    }),
  };
}

function newCredential(alg: number, { rp, user }: Creation): Held {
  const pair = alg === es256 ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const keys = { private: pair.privateKey, public: pair.publicKey };
  return { id: randomBytes(24), rpId: rp.id, user: Buffer.from(user.id), alg, ...keys, signCount: 0 };
}

/** RFC 9053 §7.1 and §7.2. */
function coseKey({ alg, public: key }: Held): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const part = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  const members: [number, number | Uint8Array][] =
    alg === es256
      ? [
          [1, 2],
          [3, es256],
          [-1, 1],
          [-2, part(x)],
          [-3, part(y)],
        ]
      : [
          [1, 1],
          [3, alg],
          [-1, 6],
          [-2, part(x)],
        ];
  return isoCBOR.encode(new Map(members));
}

function clientData(type: string, origin: string, challenge: Uint8Array, lies: Lies): ArrayBuffer {
  const said = {
    type: lies.type ?? type,
    challenge: Buffer.from(lies.challenge ?? challenge).toString('base64url'),
    origin,
    crossOrigin: lies.crossOrigin ?? false,
  };
  return buffer(Buffer.from(JSON.stringify(said)));
}

const hashOf = (data: string | Buffer) => createHash('sha256').update(data).digest();
const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
