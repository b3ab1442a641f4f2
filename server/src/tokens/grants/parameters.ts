import { JsonFault, parameter, parseJson, plainJson, tokenType } from '@ambit/protocol';
import { refuse } from '../../foundation/index.ts';
import type { ClientRequest } from '../authenticate-client.ts';
import type { Issued } from '../issue.ts';
import { tokenTypeOf } from '../token.ts';

type Parameters = ClientRequest['parameters'];

/** RFC 8707 §2, RFC 8693 §2.1: a token goes to the one place it is issued for, whatever a client would like. */
export function requireTarget(parameters: Parameters, audience: string): void {
  if (parameters[parameter.scope] !== undefined) throw refuse('grant.scope', 'a scope was asked for');
  for (const name of [parameter.resource, parameter.audience]) {
    const wanted = parameters[name];
    if (wanted === undefined || wanted === audience) continue;
    throw refuse('grant.target', `${name} is ${wanted}, not ${audience}`, `Leave out ${name}, or send ${audience}.`);
  }
}

/**
 * RFC 8707 §2: the API that a task's token shall be for, or null for the gateway. One audience a token: `resource` and
 * `audience` may say the same, never two things.
 */
export function otherResource(parameters: Parameters, gateway: string): string | null {
  const wanted = parameters[parameter.resource] ?? gateway;
  requireTarget(parameters, wanted);
  return wanted === gateway ? null : wanted;
}

/** `authorization_details` as plain JSON (RFC 9396 §2): a list of objects that each say their type. */
export function readDetails(parameters: Parameters): readonly Readonly<Record<string, unknown>>[] | undefined {
  const text = parameters[parameter.authorizationDetails];
  if (text === undefined) return undefined;
  const details = plainJson(parseDetails(text));
  if (Array.isArray(details) && details.length > 0 && details.every(isTyped)) return details;
  throw refuse(
    'grant.details',
    'it is no list of objects with a type',
    'Send a JSON list of objects, each with a type.',
  );
}

function parseDetails(text: string) {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonFault)
      throw refuse('grant.details', error.message, `authorization_details: ${error.message}`);
    throw error;
  }
}

const isTyped = (one: unknown): boolean =>
  typeof one === 'object' && one !== null && !Array.isArray(one) && 'type' in one && typeof one.type === 'string';

/** RFC 6749 §5.1, RFC 9449 §5, RFC 8705 §3, RFC 9396 §7, with the task as missions name it. */
export function tokenAnswer({ text, token }: Issued, details: readonly unknown[], taskEnds: number | null) {
  return {
    access_token: text,
    token_type: tokenTypeOf(token),
    expires_in: (token.expiresAt - token.issuedAt) / 1000,
    ...(details.length === 0 ? {} : { authorization_details: details }),
    ...(token.task === null || taskEnds === null
      ? {}
      : { mission_id: token.task, mission_expires_at: Math.floor(taskEnds / 1000) }),
    ...(token.parentToken === null ? {} : { issued_token_type: tokenType.accessToken }),
  };
}

export type TokenAnswer = ReturnType<typeof tokenAnswer>;
