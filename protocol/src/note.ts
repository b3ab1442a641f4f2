import { concatBytes, equalBytes, fromBase64, type Sha256, toBase64, toHex, utf8 } from './bytes.ts';

/**
 * Signed notes (C2SP signed-note) and checkpoints of a log (C2SP tlog-checkpoint), signed with Ed25519. Any tool that
 * speaks these formats can check and keep Ambit's checkpoints.
 */

/** The text is no signed note, no checkpoint, or not signed by the key it should be signed by. */
export class NoteFault extends Error {
  constructor(says: string) {
    super(says);
    this.name = 'NoteFault';
  }
}

const ed25519 = 1;
const signatureBytes = 64;
const signatureLinesMax = 100;

/** The public half of a note key. Printed as `name+hex of the key id+base64 of type and key`. */
export type VerifierKey = { readonly name: string; readonly keyId: Uint8Array; readonly publicKey: Uint8Array };

export type Ed25519Sign = (message: Uint8Array) => Uint8Array;
export type Ed25519Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** The note key of that name over a raw 32-byte Ed25519 public key. Throws `NoteFault` for a name that notes refuse. */
export function verifierKey(name: string, publicKey: Uint8Array, sha256: Sha256): VerifierKey {
  if (!isKeyName(name)) throw new NoteFault(`${JSON.stringify(name)} is no key name: leave out spaces and plus signs.`);
  if (publicKey.length !== 32) throw new NoteFault('An Ed25519 public key has 32 bytes.');
  const keyId = sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(ed25519), publicKey)).slice(0, 4);
  return { name, keyId, publicKey };
}

export function printVerifierKey({ name, keyId, publicKey }: VerifierKey): string {
  return `${name}+${toHex(keyId)}+${toBase64(concatBytes(Uint8Array.of(ed25519), publicKey))}`;
}

/** Throws `NoteFault` where the text is no Ed25519 verifier key, or its id is not that of its name and key. */
export function parseVerifierKey(text: string, sha256: Sha256): VerifierKey {
  const [, name, hex, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  const bytes = fromBase64(base64 ?? '');
  if (name === undefined || bytes?.[0] !== ed25519 || bytes.length !== 33) {
    throw new NoteFault('This is no Ed25519 verifier key: expected name+hex+base64.');
  }
  const key = verifierKey(name, bytes.slice(1), sha256);
  if (toHex(key.keyId) !== hex)
    throw new NoteFault('The verifier key was changed: its id does not match its name and key.');
  return key;
}

const isKeyName = (name: string) => name !== '' && isPlainText(name) && !/[\s+\u0085]/u.test(name);

/** The note: the text, a blank line, and one signature line. The text ends in a newline. */
export function signNote(text: string, key: VerifierKey, sign: Ed25519Sign): string {
  if (!isNoteText(text)) throw new NoteFault('A note is text without control characters that ends in a newline.');
  return `${text}\n— ${key.name} ${toBase64(concatBytes(key.keyId, sign(utf8(text))))}\n`;
}

// C2SP signed-note: well-formed Unicode, no ASCII control characters but newlines, a newline at the end.
function isNoteText(text: string): boolean {
  return text.endsWith('\n') && isPlainText(text.replaceAll('\n', ''));
}

const isPlainText = (text: string) => text.isWellFormed() && ![...text].some((char) => char < ' ');

export type NoteSignature = { readonly name: string; readonly keyId: Uint8Array; readonly signature: Uint8Array };
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

/** Takes a note apart without believing it. Throws `NoteFault`. */
export function parseNote(note: string): Note {
  const blank = note.lastIndexOf('\n\n');
  const text = note.slice(0, blank + 1);
  const lines = note.slice(blank + 2).split('\n');
  if (blank < 0 || !isNoteText(note) || lines.pop() !== '') {
    throw new NoteFault('This is no signed note: expected text, a blank line and signature lines.');
  }
  if (lines.length > signatureLinesMax) throw new NoteFault(`A note has at most ${signatureLinesMax} signatures.`);
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(base64 ?? '');
  if (name === undefined || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    throw new NoteFault('A signature line of the note cannot be read.');
  }
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/**
 * The text of a note that this key signed. Signatures of other keys are passed over; a line in this key's name that
 * does not verify spoils the note. Throws `NoteFault`.
 */
export function openNote(note: string, key: VerifierKey, verify: Ed25519Verify): string {
  const { text, signatures } = parseNote(note);
  const ours = signatures.filter((one) => one.name === key.name && equalBytes(one.keyId, key.keyId));
  if (ours.length === 0) throw new NoteFault(`The note is not signed by ${key.name}+${toHex(key.keyId)}.`);
  const message = utf8(text);
  for (const { signature } of ours) {
    if (signature.length !== signatureBytes || !verify(key.publicKey, message, signature)) {
      throw new NoteFault(`The signature of ${key.name} does not verify: the note was changed.`);
    }
  }
  return text;
}

/** What a log says of itself at one moment: everything before it is fixed by the root. */
export type Checkpoint = {
  /** Name of the log, unique in the world: a host name and a path without scheme. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Further lines, passed on unread. */
  readonly extensions: readonly string[];
};

/** The text of a checkpoint, to be signed as a note. */
export function printCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return `${[origin, String(size), toBase64(root), ...extensions].join('\n')}\n`;
}

/** Throws `NoteFault`. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, decimal, base64, ...rest] = text.split('\n');
  const root = fromBase64(base64 ?? '');
  const size = /^(?:0|[1-9][0-9]*)$/.test(decimal ?? '') ? Number(decimal) : Number.NaN;
  if (!origin || !Number.isSafeInteger(size) || root?.length !== 32 || rest.pop() !== '' || rest.includes('')) {
    throw new NoteFault('This is no checkpoint: expected origin, size and root hash, a line each.');
  }
  return { origin, size, root, extensions: rest };
}

/** The checkpoint of a note that this key signed for its own log: origin and key name are one. Throws `NoteFault`. */
export function openCheckpoint(note: string, key: VerifierKey, verify: Ed25519Verify): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, key, verify));
  if (checkpoint.origin === key.name) return checkpoint;
  throw new NoteFault(`The checkpoint is of the log ${checkpoint.origin}, not of ${key.name}.`);
}
