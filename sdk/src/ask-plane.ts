import { mediaType, utf8 } from '@ambit/protocol';
import type { Self } from './self.ts';
import type { Token } from './token.ts';
import { readAnswer } from './wire/read-answer.ts';
import { mayBeRefusal, readRefusal } from './wire/refusal.ts';
import type { Renewed } from './wire/renewed.ts';
import { type Sending, send } from './wire/wire.ts';

type Asking = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown };

/** Asks the plane’s own API for agents, and answers its JSON. */
export async function askPlane<T>(self: Self, tokens: Renewed<Token>, { method, path, body }: Asking): Promise<T> {
  const sending = { method, path } as const;
  if (body === undefined) return readAnswer(await sendWithToken(self, tokens, sending));
  const headers = { 'content-type': mediaType.json };
  const bytes = new Uint8Array(utf8(JSON.stringify(body)));
  return readAnswer(await sendWithToken(self, tokens, { ...sending, headers, body: bytes }));
}

/**
 * Sends with the token in use. Where it has expired on its way nothing was done, so the request goes out once more with
 * the next one; a stream is read already and goes out once only.
 */
export async function sendWithToken(
  { wire, proofKey }: Self,
  tokens: Renewed<Token>,
  sending: Omit<Sending, 'token'>,
): Promise<Response> {
  const token = await tokens.current();
  const response = await send(wire, proofKey, { ...sending, token: token.text });
  if (!(await isExpiredToken(response)) || sending.body instanceof ReadableStream) return response;
  await response.body?.cancel();
  tokens.drop(token);
  return send(wire, proofKey, { ...sending, token: (await tokens.current()).text });
}

async function isExpiredToken(response: Response): Promise<boolean> {
  if (response.status !== 401 || !mayBeRefusal(response)) return false;
  return (await readRefusal(response.clone()))?.code === 'token.expired';
}
