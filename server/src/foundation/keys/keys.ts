import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { integer, list, object, optional, parse, ShapeFault, type ShapeOf, text } from '@ambit/protocol';
import type { Clock } from '../clock.ts';
import { randomPart } from '../random.ts';
import type { Secret } from '../secret.ts';

/**
 * The plane's own keys. One master secret, two kinds of signing keys and the vault's keys live in one file outside the
 * data directory, so that a stolen database is not a stolen key; what seals, lends and signs uses keys of its own.
 */
export type PlaneKeys = {
  /** 32 bytes for `purpose`, never the same for two purposes (RFC 5869). */
  derive(
    purpose:
      | 'log-detail'
      | 'parked-call'
      | 'page-token'
      | 'signals'
      | 'channels'
      | 'passkey-challenge'
      | 'sign-in'
      | 'proposals',
  ): Uint8Array;
  /** Ed25519: signs checkpoints of the log. */
  readonly log: KeyObject;
  /** ES256 (P-256): signs tokens. The first is used, the others still verify. */
  readonly tokens: readonly { readonly kid: string; readonly key: KeyObject }[];
  /**
   * What signs SVIDs of the plane's own trust domain: the first signs, what the others signed still holds. Empty where the
   * operator made none: then this plane issues none.
   */
  readonly svids: readonly SvidKey[];
  /** 32 bytes each: the first seals credentials, the others still open what they sealed. */
  readonly vault: readonly [Uint8Array, ...Uint8Array[]];
  /** What may be shown of every key, in order. */
  readonly described: readonly KeyDescription[];
};

/** One generation of keys for SVIDs. */
export type SvidKey = {
  readonly kid: string;
  /** ES256 (P-256): signs JWT-SVIDs. */
  readonly jwt: KeyObject;
  /** RSA: signs X.509-SVIDs. Its signatures are always the same, so every node and every start has one certificate for it. */
  readonly authority: KeyObject;
  /** Epoch milliseconds. */
  readonly madeAt: number;
};

export type KeyDescription = {
  readonly kind: 'log' | 'master' | 'token' | 'vault' | 'svid';
  /** Thumbprint of a public key (RFC 7638), or a digest that tells nothing about a secret one. */
  readonly id: string;
  /** `current` is used for what is new; the others only verify or open what they made. */
  readonly use: 'current' | 'older';
  /** Epoch milliseconds; null where the file does not say. */
  readonly madeAt: number | null;
};

/** Where the keys are: in a file, or, where there is a `json`, in that text alone. */
export type KeySource = { readonly file: string; readonly json: Secret | null; readonly dataDirectory: string };

const madeAt = optional(integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const secretText = text({ max: 64, pattern: /^[A-Za-z0-9_-]{43}$/ });
const pemText = text({ max: 4000 });
const keyFileShape = object({
  v: integer({ min: 1, max: 1 }),
  madeAt,
  master: secretText,
  log: pemText,
  tokens: list(object({ kid: text({ max: 64 }), pem: pemText, madeAt }), { max: 16 }),
  /** The newest first. Files without it have one vault key, derived from the master secret. */
  vault: optional(list(object({ secret: secretText, madeAt }), { max: 64 })),
  /** The newest first. */
  svids: optional(
    list(
      object({
        kid: text({ max: 64 }),
        jwt: pemText,
        authority: pemText,
        madeAt: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      }),
      { max: 16 },
    ),
  ),
});
type KeyFile = ShapeOf<typeof keyFileShape>;

export class KeyFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyFault';
  }
}

/** Opens the keys from where they are. Two places at once are refused: nobody could tell which of them counts. */
export function loadKeys(source: KeySource): PlaneKeys {
  const { file, json, dataDirectory } = source;
  if (json === null) return openKeys(readKeyFile(file, dataDirectory), `the key file ${file}`);
  if (existsSync(file)) {
    throw new KeyFault(`there are keys in AMBIT_KEYS_JSON and in the file ${file}: keep them in one place only`);
  }
  return openKeys(parseKeys(json.unwrap(), 'AMBIT_KEYS_JSON'), 'AMBIT_KEYS_JSON');
}

/** Makes new keys in a file; one that is there already is never overwritten. Given as a text, they are only opened. */
export function makeKeys(source: KeySource, clock: Clock): PlaneKeys {
  const { file, json, dataDirectory } = source;
  if (json !== null) return loadKeys(source);
  refuseInside(file, dataDirectory);
  if (existsSync(file)) throw new KeyFault(`${file} exists already: nothing was changed`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const made: KeyFile = {
    v: 1,
    madeAt: clock(),
    master: newSecret(),
    log: pemOf(generateKeyPairSync('ed25519').privateKey),
    tokens: [newTokenKey(clock)],
    vault: [{ secret: newSecret(), madeAt: clock() }],
  };
  writeWhole(file, made);
  return openKeys(made, `the key file ${file}`);
}

const tokenKeysMax = 4;

/** Puts a new token-signing key in front; the older ones still verify what they signed, the oldest of four is dropped. */
export function rotateTokenKey(source: KeySource, clock: Clock): PlaneKeys {
  return rewrite(source, (present) => ({
    ...present,
    tokens: [newTokenKey(clock), ...present.tokens].slice(0, tokenKeysMax),
  }));
}

const svidKeysMax = 4;

/** Puts new keys for SVIDs in front; what older ones signed still holds, and the oldest of four are dropped. */
export function rotateSvidKey(source: KeySource, clock: Clock): PlaneKeys {
  return rewrite(source, (present) => ({
    ...present,
    svids: [newSvidKey(clock), ...(present.svids ?? [])].slice(0, svidKeysMax),
  }));
}

const vaultKeysMax = 16;

/** Puts a new vault key in front. No older one is ever dropped by itself: a credential may still be sealed under it. */
export function rotateVaultKey(source: KeySource, clock: Clock): PlaneKeys {
  return rewrite(source, (present) => {
    const older = present.vault ?? [{ secret: Buffer.from(firstVaultKey(present)).toString('base64url') }];
    if (older.length >= vaultKeysMax) {
      throw new KeyFault(
        `${source.file} holds ${older.length} vault keys: take the last ones out of its list \`vault\` when no backup is left from their time`,
      );
    }
    return { ...present, vault: [{ secret: newSecret(), madeAt: clock() }, ...older] };
  });
}

/** Reads, changes and writes the file while nobody else does. What is written opens, or nothing is written. */
function rewrite({ file, json, dataDirectory }: KeySource, change: (present: KeyFile) => KeyFile): PlaneKeys {
  if (json !== null) {
    throw new KeyFault(
      'the keys are in AMBIT_KEYS_JSON, which only you can change: write its text to a file, rotate there without the variable, and put the result back',
    );
  }
  const next = change(readKeyFile(file, dataDirectory));
  const opened = openKeys(next, `the key file ${file}`);
  writeWhole(realpathSync(file), next);
  return opened;
}

/** It must be readable by its owner only and must not lie in the data directory. */
function readKeyFile(file: string, dataDirectory: string): KeyFile {
  refuseInside(file, dataDirectory);
  if (!existsSync(file))
    throw new KeyFault(`there is no key file ${file}: run \`ambit init\`, or bring back your copy`);
  const { mode } = statSync(file);
  if ((mode & 0o077) !== 0) throw new KeyFault(`others can read the key file ${file}: run \`chmod 600 ${file}\``);
  return parseKeys(readText(file), `the key file ${file}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new KeyFault(`the key file ${file} cannot be read (${why}): make it a file of the user that runs Ambit`);
  }
}

function refuseInside(file: string, dataDirectory: string): void {
  const path = relative(realPath(dataDirectory), realPath(file));
  if (path === '..' || path.startsWith('../') || isAbsolute(path)) return;
  throw new KeyFault(`the key file ${file} lies in the data directory ${dataDirectory}: keep keys and data apart`);
}

/** Where a path leads through every link; what is not there yet is taken as written, below what is. */
function realPath(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const above = dirname(whole);
  return above === whole ? whole : join(realPath(above), basename(whole));
}

// No message may repeat any of the text: that of JSON.parse would.
function parseKeys(content: string, where: string): KeyFile {
  try {
    const read = parse(keyFileShape, JSON.parse(content));
    if (read.tokens.length > 0 && read.vault?.length !== 0) return read;
  } catch (error) {
    const what = error instanceof ShapeFault && error.path !== '' ? ` at ${error.path}` : '';
    const name = error instanceof Error ? error.name : 'unknown';
    throw new KeyFault(`${where} cannot be read (${name}${what}): bring back your copy`);
  }
  throw new KeyFault(`${where} is not complete: bring back your copy`);
}

/** Whole or not at all: written beside, made durable, and moved into place. */
function writeWhole(file: string, content: KeyFile): void {
  const beside = `${file}.new`;
  let open: number;
  try {
    open = openSync(beside, 'wx', 0o600);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const next = why === 'EEXIST' ? 'the keys are being changed; if nothing runs, remove it' : 'look at its folder';
    throw new KeyFault(`${beside} cannot be made (${why}): ${next}. Nothing was changed`);
  }
  try {
    writeFileSync(open, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(open);
    closeSync(open);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

const newSecret = () => randomBytes(32).toString('base64url');

function newTokenKey(clock: Clock): KeyFile['tokens'][number] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid: randomBytes(8).toString('base64url'), pem: pemOf(privateKey), madeAt: clock() };
}

function newSvidKey(clock: Clock): NonNullable<KeyFile['svids']>[number] {
  const jwt = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const authority = generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;
  return { kid: randomBytes(8).toString('base64url'), jwt: pemOf(jwt), authority: pemOf(authority), madeAt: clock() };
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function openKeys(file: KeyFile, where: string): PlaneKeys {
  const log = readPem(file.log, 'ed25519', where);
  const tokens = file.tokens.map(({ kid, pem }) => ({ kid, key: readPem(pem, 'ec', where) }));
  const svids = (file.svids ?? []).map((one) => ({
    ...one,
    jwt: readPem(one.jwt, 'ec', where),
    authority: readPem(one.authority, 'rsa', where),
  }));
  const [newest = firstVaultKey(file), ...older] = (file.vault ?? []).map(
    ({ secret }) => new Uint8Array(Buffer.from(secret, 'base64url')),
  );
  const vault = [newest, ...older] as const;
  const made = file.madeAt ?? null;
  return {
    derive: (purpose) => deriveFrom(file.master, purpose),
    log,
    tokens,
    svids,
    vault,
    described: [
      { kind: 'log', id: thumbprintOf(log), use: 'current', madeAt: made },
      { kind: 'master', id: secretKeyId('master', deriveFrom(file.master, 'id')), use: 'current', madeAt: made },
      ...tokens.map(({ key }, i) => described('token', thumbprintOf(key), i, file.tokens[i]?.madeAt)),
      ...vault.map((key, i) => described('vault', secretKeyId('vault', key), i, file.vault?.[i]?.madeAt)),
      ...svids.map(({ jwt, madeAt }, i) => described('svid', thumbprintOf(jwt), i, madeAt)),
    ],
  };
}

const described = (
  kind: 'token' | 'vault' | 'svid',
  id: string,
  place: number,
  made: number | undefined,
): KeyDescription => ({
  kind,
  id,
  use: place === 0 ? 'current' : 'older',
  madeAt: made ?? null,
});

function readPem(pem: string, type: 'ed25519' | 'ec' | 'rsa', where: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new KeyFault(`${where} holds a key that cannot be read (${error instanceof Error ? error.name : 'unknown'})`);
  }
  if (key.asymmetricKeyType === type) return key;
  throw new KeyFault(`${where} holds a key of the kind ${key.asymmetricKeyType} where ${type} belongs`);
}

const deriveFrom = (master: string, purpose: string) =>
  new Uint8Array(hkdfSync('sha256', Buffer.from(master, 'base64url'), new Uint8Array(0), `ambit ${purpose} v1`, 32));

const firstVaultKey = ({ master }: KeyFile) => deriveFrom(master, 'vault');

/** The name of a secret key: it follows from its 32 random bytes and tells nothing about them. */
export function secretKeyId(kind: 'master' | 'vault', bytes: Uint8Array): string {
  return createHash('sha256').update(`ambit ${kind} key id\n`).update(bytes).digest('base64url').slice(0, 11);
}

/** RFC 7638 §3: SHA-256 over the required members in their order. */
function thumbprintOf(key: KeyObject): string {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' });
  const members = y === undefined ? { crv, kty, x } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

export const publicKeyOf = (key: KeyObject): KeyObject => createPublicKey(key);

// Reading a key costs more than sealing a short text: the key of an array of bytes is read once.
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

function keyObjectOf(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

/** A box that only this key opens, and only under the same additional data: AES-256-GCM, 96-bit random nonce. */
export function sealBox(key: Uint8Array, plain: Uint8Array | string, additional: string): Uint8Array {
  const nonce = randomPart(12);
  const cipher = createCipheriv('aes-256-gcm', keyObjectOf(key), nonce).setAAD(Buffer.from(additional));
  const sealed = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()]);
}

/** Throws where the box, the key or the additional data is another's. */
export function openBox(key: Uint8Array, box: Uint8Array, additional: string): Uint8Array {
  const bytes = Buffer.from(box);
  const decipher = createDecipheriv('aes-256-gcm', keyObjectOf(key), bytes.subarray(0, 12)).setAAD(
    Buffer.from(additional),
  );
  decipher.setAuthTag(bytes.subarray(bytes.length - 16));
  return Buffer.concat([decipher.update(bytes.subarray(12, bytes.length - 16)), decipher.final()]);
}
