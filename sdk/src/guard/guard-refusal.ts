import { type RefusalCode, refusalRow } from '@ambit/protocol';

/** Why a request does not pass. The caller hears `says`; `because` is for the log of the API and holds no secret. */
export class GuardRefusal extends Error {
  override readonly name = 'GuardRefusal';
  readonly code: RefusalCode;
  readonly because: string;
  readonly says: string;
  /** Further parameters of the challenge, e.g. `acr_values` (RFC 9470 §3). */
  readonly parameters: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
    because: string,
    says: string = refusalRow(code).says,
    parameters: Readonly<Record<string, string>> = {},
  ) {
    super(`${code}: ${because}`);
    this.code = code;
    this.because = because;
    this.says = says;
    this.parameters = parameters;
  }
}

/** An answer that every framework can send. */
export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const retrySeconds = '1';

/** RFC 9457 problem details, with the challenge of RFC 6750 §3, RFC 9449 §7.1 and RFC 9728 §5.1 where there is one. */
export function answerTo(
  refusal: GuardRefusal,
  scheme: 'DPoP' | 'Bearer',
  resourceMetadata: string,
  algs: string,
): Answered {
  const { status, title, oauth } = refusalRow(refusal.code);
  const problem = { type: `urn:ambit:refusal:${refusal.code}`, title, status, detail: refusal.says };
  const isChallenge = status === 401 || status === 403;
  // RFC 6750 §3.1: who sent nothing hears no error.
  const isError = isChallenge && refusal.code !== 'token.missing';
  const parameters = {
    ...(isError && { error: oauth ?? 'invalid_token', error_description: refusal.says }),
    ...refusal.parameters,
    ...(scheme === 'DPoP' && { algs }),
    resource_metadata: resourceMetadata,
  };
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(isChallenge && { 'www-authenticate': `${scheme} ${printed(parameters)}` }),
      ...(status === 503 && { 'retry-after': retrySeconds }),
    },
    body: JSON.stringify(problem),
  };
}

/** RFC 6750 §3: what may stand in a quoted parameter is ASCII without quotes and backslashes. */
const printed = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}="${value.replaceAll(/[^ !#-[\]-~]/g, '?')}"`)
    .join(', ');
