import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

/**
 * The plane's own keys. One master secret and two signing keys live in one file outside the data directory, so that a
 * stolen database is not a stolen key; what seals, lends and signs uses keys of its own, derived for one purpose each.
 */
export type PlaneKeys = {
  /** 32 bytes for `purpose`, never the same for two purposes (RFC 5869). */
  derive(purpose: 'log-detail' | 'vault' | 'parked-call' | 'opaque'): Uint8Array;
  /** Ed25519: signs checkpoints of the log. */
  readonly log: KeyObject;
  /** ES256 (P-256): signs tokens. The first is used, the others still verify. */
  readonly tokens: readonly { readonly kid: string; readonly key: KeyObject }[];
};

type KeyFile = {
  readonly v: 1;
  readonly master: string;
  readonly log: string;
  readonly tokens: readonly { kid: string; pem: string }[];
};

export class KeyFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyFault';
  }
}

/** Reads the key file. It must be readable by its owner only and must not lie in the data directory. */
export function loadKeys(file: string, dataDirectory: string): PlaneKeys {
  refuseInside(file, dataDirectory);
  if (!existsSync(file))
    throw new KeyFault(`there is no key file ${file}: run \`ambit init\`, or bring back your copy`);
  const { mode } = statSync(file);
  if ((mode & 0o077) !== 0) throw new KeyFault(`others can read the key file ${file}: run \`chmod 600 ${file}\``);
  return openKeys(parseKeyFile(file));
}

/** Makes a new key file; one that is there already is never overwritten. */
export function makeKeys(file: string, dataDirectory: string): PlaneKeys {
  refuseInside(file, dataDirectory);
  if (existsSync(file)) throw new KeyFault(`${file} exists already: nothing was changed`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const made: KeyFile = {
    v: 1,
    master: randomBytes(32).toString('base64url'),
    log: pemOf(generateKeyPairSync('ed25519').privateKey),
    tokens: [newTokenKey()],
  };
  writeKeyFile(file, made, 'wx');
  return openKeys(made);
}

/** Puts a new token-signing key in front; the older ones still verify what they signed, the oldest of four is dropped. */
export function rotateTokenKey(file: string, dataDirectory: string): PlaneKeys {
  loadKeys(file, dataDirectory);
  const present = parseKeyFile(file);
  const next: KeyFile = { ...present, tokens: [newTokenKey(), ...present.tokens].slice(0, 4) };
  writeKeyFile(file, next, 'w');
  return openKeys(next);
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

function parseKeyFile(file: string): KeyFile {
  const text = readFileSync(file, 'utf8');
  try {
    const read = JSON.parse(text) as KeyFile;
    if (read.v === 1 && read.tokens.length > 0 && Buffer.from(read.master, 'base64url').length === 32) return read;
  } catch (error) {
    throw new KeyFault(
      `the key file ${file} cannot be read (${error instanceof Error ? error.name : 'unknown'}): bring back your copy`,
    );
  }
  throw new KeyFault(`the key file ${file} is not complete: bring back your copy`);
}

function writeKeyFile(file: string, content: KeyFile, flag: 'w' | 'wx'): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag });
}

function newTokenKey(): { kid: string; pem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid: randomBytes(8).toString('base64url'), pem: pemOf(privateKey) };
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function openKeys(file: KeyFile): PlaneKeys {
  const master = Buffer.from(file.master, 'base64url');
  return {
    derive: (purpose) => new Uint8Array(hkdfSync('sha256', master, new Uint8Array(0), `ambit ${purpose} v1`, 32)),
    log: createPrivateKey(file.log),
    tokens: file.tokens.map(({ kid, pem }) => ({ kid, key: createPrivateKey(pem) })),
  };
}

export const publicKeyOf = (key: KeyObject): KeyObject => createPublicKey(key);

/** A box that only this key opens, and only under the same additional data: AES-256-GCM, 96-bit random nonce. */
export function sealBox(key: Uint8Array, plain: Uint8Array, additional: string): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(additional));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where the box, the key or the additional data is another's. */
export function openBox(key: Uint8Array, box: Uint8Array, additional: string): Uint8Array {
  const bytes = Buffer.from(box);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(additional));
  decipher.setAuthTag(bytes.subarray(bytes.length - 16));
  return Buffer.concat([decipher.update(bytes.subarray(12, bytes.length - 16)), decipher.final()]);
}
