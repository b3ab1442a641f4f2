import type { Secret } from '../foundation/index.ts';

/**
 * Looks for lent secrets in an answer while it streams, across the borders of its pieces. It holds back what could be
 * the beginning of one and nothing else, so a stream without secrets is not delayed.
 *
 * It sees a secret as it is, in base64 at each of its three alignments (plain and URL-safe), in hex, percent-encoded,
 * and as a JSON string, each in the spellings that software produces. An upstream that wants to hide a secret in its
 * answer can: it was given the secret. This stops the one that mirrors it.
 */
export type EchoGuard = {
  /** Whether a header's value or name holds a secret. */
  inHeader(name: string, value: string): boolean;
  /** What may go on now; undefined where a secret was found. After that the guard lets nothing pass. */
  pass(piece: Uint8Array): Uint8Array | undefined;
  /** What was held back and turned out to be harmless. */
  rest(): Uint8Array;
};

const nothing = Buffer.alloc(0);

export function createEchoGuard(secrets: readonly Secret[]): EchoGuard {
  const forms = secrets.flatMap((secret) => echoForms(secret.unwrap()));
  let held: Buffer = nothing;
  let found = false;

  return {
    inHeader: (name, value) => holds(forms, Buffer.from(`${name}: ${value}`, 'latin1')),
    pass(piece) {
      if (forms.length === 0) return piece;
      const window = held.length === 0 ? bufferOf(piece) : Buffer.concat([held, piece]);
      found ||= holds(forms, window);
      if (found) return undefined;
      const keep = beginningLength(forms, window);
      held = window.subarray(window.length - keep);
      return window.subarray(0, window.length - keep);
    },
    rest() {
      const last = found ? nothing : held;
      held = nothing;
      return last;
    },
  };
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const holds = (forms: readonly Buffer[], window: Buffer) => forms.some((form) => window.includes(form));

/** Length of the longest end of `window` with which one of the forms begins. */
function beginningLength(forms: readonly Buffer[], window: Buffer): number {
  let longest = 0;
  for (const form of forms) {
    let at = window.indexOf(form[0]!, Math.max(0, window.length - form.length + 1));
    while (at !== -1 && window.length - at > longest) {
      if (window.compare(form, 0, window.length - at, at) === 0) longest = window.length - at;
      at = window.indexOf(form[0]!, at + 1);
    }
  }
  return longest;
}

/** The secret in every form that is looked for, each once. */
export function echoForms(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const texts = [secret, ...base64Forms(bytes), hex, hex.toUpperCase(), ...percentForms(secret), ...jsonForms(secret)];
  return [...new Set(texts)].map((text) => Buffer.from(text));
}

/** Where `bytes` stand inside something larger, their base64 is one of three texts, less the characters they share. */
function base64Forms(bytes: Buffer): string[] {
  const plain = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return text.slice(before === 0 ? 0 : before + 1, text.length - shared);
  });
  return [...plain, ...plain.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

function percentForms(secret: string): string[] {
  const component = encodeURIComponent(secret);
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const path = encodeURI(secret);
  const all = [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const upper = [component, strict(component), form, path, all.toUpperCase()];
  return [...upper, ...upper.map(lowerEscapes)];
}

// RFC 3986 §2.2: what encodeURIComponent leaves alone although it is reserved.
const strict = (text: string) =>
  text.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const lowerEscapes = (text: string) => text.replace(/%[0-9A-F]{2}/g, (sequence) => sequence.toLowerCase());

function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1);
  const slashes = plain.replaceAll('/', '\\/');
  const html = plain.replace(/[<>&'+]/g, unicodeEscape);
  const all = [...secret].map(unicodeEscape).join('');
  const forms = [plain, slashes, html, html.replaceAll('/', '\\/'), all];
  return [
    ...forms,
    ...forms.map((text) => text.replace(/\\u[0-9a-f]{4}/g, (sequence) => `\\u${sequence.slice(2).toUpperCase()}`)),
  ];
}

const unicodeEscape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
