import type { AgentRoutes, AnswerOf } from '@ambit/protocol';
import type { Self } from './self.ts';
import type { Token } from './token.ts';
import { type Asked, requestOf } from './wire/asked.ts';
import { readAnswer } from './wire/read-answer.ts';
import { mayBeRefusal, readRefusal } from './wire/refusal.ts';
import type { Renewed } from './wire/renewed.ts';
import { type Sending, send } from './wire/wire.ts';

/** Asks the plane’s own API for agents. */
export const askPlane = async <R extends keyof AgentRoutes>(
  self: Self,
  tokens: Renewed<Token>,
  route: R,
  ...given: Asked<R>
): Promise<AnswerOf<R>> => readAnswer(await sendWithToken(self, tokens, requestOf(route, ...given)));

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
