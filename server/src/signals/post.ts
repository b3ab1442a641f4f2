import { canonicalOrigin, type Header, type Outbound, refuse } from '../foundation/index.ts';

export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** `forbidden`: this plane may not reach that address at all. */
  | { readonly kind: 'failed'; readonly forbidden: boolean; readonly because: string };

const answerBytesMax = 4_194_304;

/** One POST through the one door out: no redirect is followed, and an address inside is reached only where the operator allows it. */
export function post(
  outbound: Outbound,
  key: { readonly tenant: string; readonly credential: string },
  url: string,
  headers: readonly Header[],
  body: string,
): Promise<Posted> {
  const { origin, path } = requireEndpoint(url);
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let [bytes, status] = [0, 0];
    const request = {
      origin,
      method: 'POST',
      path,
      headers: [...headers, ['accept-encoding', 'identity']] as Header[],
      body: Buffer.from(body),
    };
    const running = outbound.request(key, request, {
      answered: (code) => {
        status = code;
      },
      data(chunk) {
        bytes += chunk.length;
        if (bytes > answerBytesMax) running.cut(`the answer has more than ${answerBytesMax} bytes`);
        else chunks.push(chunk);
      },
      ended: () => resolve({ kind: 'answered', status, text: Buffer.concat(chunks).toString('utf8') }),
      broke: ({ kind, message }) => resolve({ kind: 'failed', forbidden: kind === 'refused', because: message }),
    });
  });
}

/** An address of somebody else's endpoint that can be read in one way only. Whether it may be reached is judged when it is. */
export function requireEndpoint(text: string): { readonly origin: string; readonly path: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const origin = url === undefined ? undefined : canonicalOrigin(url.origin);
  if (url === undefined || origin === undefined)
    throw refuse('signal.endpoint_invalid', `${text} is no http(s) address`);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw refuse('signal.endpoint_invalid', 'it carries a user, a password or a fragment');
  return { origin, path: url.pathname + url.search };
}

const headerForm = /^[\x21-\x7e][\x20-\x7e]{0,4094}$/;

/** The text of an Authorization header, as somebody gave it to us. */
export function requireHeader(text: string): string {
  if (headerForm.test(text)) return text;
  throw refuse('signal.endpoint_invalid', 'the authorization header holds more than visible ASCII');
}
