import { refusalRow } from '@ambit/protocol';
import type { Refusal } from '../errors.ts';
import type { Reply } from './route.ts';

/** Problem details (RFC 9457) for a refusal. Only safe sentences go out; `because` stays in the log. */
export function problem(refusal: Refusal, entry?: string): Reply {
  const row = refusalRow(refusal.code);
  const body = {
    ...refusal.members,
    type: `urn:ambit:refusal:${refusal.code}`,
    title: row.title,
    status: row.status,
    detail: refusal.says,
    code: refusal.code,
    ...(entry === undefined ? {} : { entry }),
  };
  return {
    status: row.status,
    headers: refusal.headers,
    text: { type: 'application/problem+json', content: JSON.stringify(body) },
  };
}

/** The same refusal as RFC 8935 §2.3 says it: 400 with a code of §2.4, except where it is no fault of the event. */
export function secEventError(refusal: Refusal, entry?: string): Reply {
  const row = refusalRow(refusal.code);
  const isOurs = row.status >= 500 || row.status === 429;
  return {
    status: isOurs ? row.status : 400,
    headers: refusal.headers,
    body: {
      err: row.secevent ?? 'invalid_request',
      description: refusal.says,
      code: refusal.code,
      ...(entry === undefined ? {} : { entry }),
    },
  };
}

// RFC 6749 §5.2, RFC 7662 §2.3: 401 only where the caller's own authentication failed.
const unauthenticated: ReadonlySet<string> = new Set(['invalid_client', 'invalid_token']);

/** The same refusal as an OAuth endpoint says it. */
export function oauthError(refusal: Refusal, entry?: string): Reply {
  const row = refusalRow(refusal.code);
  const error = row.oauth ?? (row.status >= 500 ? 'server_error' : 'invalid_request');
  const status = row.status >= 500 || row.status === 429 ? row.status : unauthenticated.has(error) ? 401 : 400;
  return {
    status,
    headers: { ...refusal.headers, 'cache-control': 'no-store' },
    body: { error, error_description: refusal.says, code: refusal.code, ...(entry === undefined ? {} : { entry }) },
  };
}
