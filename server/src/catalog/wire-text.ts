import type { DenialValues, RefusalCode } from '@ambit/protocol';
import { type Refusal, refuse } from '../foundation/index.ts';

/** Text as it travels in an address: percent-encoding is taken off once, strictly, and put on in one way. */

export function badCall(code: RefusalCode, says: string, values: DenialValues = {}): Refusal {
  return refuse(code, says, says).with({ values });
}

/** A value that is not what is declared: `must be …`. */
export const badArgument = (argument: string, fault: string): Refusal =>
  badCall('catalog.argument_invalid', `${argument} ${fault}.`, { argument });

// RFC 3986 §3.3 pchar: everything else must arrive percent-encoded.
const pathText = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
// §3.4, and brackets, which most clients leave as they are.
const queryText = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?[\]]|%[0-9A-Fa-f]{2})*$/;

export const isPathText = (text: string) => pathText.test(text);
export const isQueryText = (text: string) => queryText.test(text);

/** Undefined where the bytes are not UTF-8, overlong forms and surrogates included (RFC 3629 §3). */
export function decodeOnce(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Everything but RFC 3986 unreserved characters is percent-encoded, so that no reader splits it. */
export function encodeText(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controlButSpacing = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

export const hasControl = (text: string) => control.test(text);
/** Line breaks and tabs are text in a query or form; other control characters are not. */
export const hasControlBeyondSpacing = (text: string) => controlButSpacing.test(text);

/** The form under which lenient servers may take two names for one. */
export const folded = (text: string) => text.normalize('NFKC').toLowerCase();
