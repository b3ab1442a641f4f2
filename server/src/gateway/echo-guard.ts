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
  /** Whether a text that came as bytes of latin1, e.g. a header, holds a secret. */
  inText(text: string): boolean;
  /** What may go on now; undefined where a secret was found. After that the guard lets nothing pass. */
  pass(piece: Uint8Array): Uint8Array | undefined;
  /** What was held back and turned out to be harmless. */
  rest(): Uint8Array;
};

const nothing = Buffer.alloc(0);

export function createEchoGuard(secrets: readonly Secret[]): EchoGuard {
  const forms = secrets.flatMap(formsOf);
  let held: Buffer = nothing;
  let found = false;

  return {
    inText: (text) => forms.length > 0 && holds(forms, Buffer.from(text, 'latin1')),
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

// A secret is lent a thousand times while it is the same object.
const formsKnown = new WeakMap<Secret, readonly Buffer[]>();

function formsOf(secret: Secret): readonly Buffer[] {
  const known = formsKnown.get(secret);
  if (known !== undefined) return known;
  const forms = echoForms(secret.unwrap());
  formsKnown.set(secret, forms);
  return forms;
}

/** The secret in every form that is looked for, each once. */
export function echoForms(secret: string): readonly Buffer[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const texts = [
    secret,
    ...base64Forms(bytes),
    hex,
    hex.toUpperCase(),
    ...percentForms(secret, hex),
    ...jsonForms(secret, hex),
  ];
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

function percentForms(secret: string, hex: string): string[] {
  const throughout = hex.replace(/../g, '%$&');
  const always = [throughout, throughout.toUpperCase()];
  if (unreserved.test(secret)) return always;
  const component = encodeURIComponent(secret);
  const form = new URLSearchParams({ '': secret }).toString().slice(1);
  const some = [component, strict(component), form, encodeURI(secret)];
  return [...always, ...some, ...some.map((text) => text.replace(/%../g, (sequence) => sequence.toLowerCase()))];
}

// RFC 3986 §2.3: nothing escapes these, in URLs or in JSON.
const unreserved = /^[A-Za-z0-9_.~-]*$/;

// RFC 3986 §2.2: what encodeURIComponent leaves alone although it is reserved.
const strict = (text: string) =>
  text.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Stored secrets are ASCII, so each character is one byte and one escape. */
function jsonForms(secret: string, hex: string): string[] {
  const always = [hex.replace(/../g, '\\u00$&'), hex.toUpperCase().replace(/../g, '\\u00$&')];
  if (unreserved.test(secret)) return always;
  const plain = JSON.stringify(secret).slice(1, -1);
  const html = plain.replace(/[<>&'+]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  const some = [plain, html, plain.replaceAll('/', '\\/'), html.replaceAll('/', '\\/')];
  return [
    ...always,
    ...some,
    ...some.map((text) => text.replace(/\\u00../g, (sequence) => `\\u${sequence.slice(2).toUpperCase()}`)),
  ];
}
