import { isRefusalCode, mediaType, planeHeader, refusalRow } from '@ambit/protocol';

/** A refusal as it came over the wire (RFC 9457, or RFC 6749 §5.2 from the OAuth endpoints). */
export type RefusalParts = {
  /** One of the published codes, e.g. `authority.not_covered`. A newer plane may know more of them than this package. */
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** The plane’s sentence about this very case. */
  readonly says: string;
  /** The entry of the log that tells of it, where there is one. */
  readonly entry: string | null;
  /** After how many seconds it may be tried again, where that helps. */
  readonly retryAfterSeconds: number | null;
};

/** Ambit said no. Every refusal is one of these; nothing that was refused was done. */
export class AmbitRefusal extends Error {
  override readonly name: string = 'AmbitRefusal';
  readonly code: string;
  readonly status: number;
  readonly says: string;
  readonly entry: string | null;
  readonly retryAfterSeconds: number | null;

  constructor({ code, status, says, entry, retryAfterSeconds }: RefusalParts, options?: ErrorOptions) {
    super(`${says} (${code}${entry === null ? '' : `, ${entry}`})`, options);
    this.code = code;
    this.status = status;
    this.says = says;
    this.entry = entry;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** What to do about any refusal with this code, in one sentence. */
  get next(): string {
    return isRefusalCode(this.code) ? refusalRow(this.code).says : this.says;
  }
}

/** What answered was not Ambit, or could not be read: a proxy in between, a wrong address. */
export class AmbitFault extends Error {
  override readonly name = 'AmbitFault';
}

const problemType = 'urn:ambit:refusal:';

type Body = Readonly<Record<string, unknown>>;

/** Whether the plane itself refuses here, by the head alone: an upstream’s own error says that it is the upstream’s. */
export function mayBeRefusal(response: Response): boolean {
  return !isUpstreams(response) && mediaOf(response) === mediaType.problem;
}

export const isUpstreams = (response: Response): boolean => response.headers.get('ambit-source') === 'upstream';

const mediaOf = (response: Response) => response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();

/** The refusal in an answer of the plane, or undefined where its body is something else. Consumes the body. */
export async function readRefusal(response: Response): Promise<RefusalParts | undefined> {
  const body = bodyOf(await response.text());
  const says = textOf(body.detail) ?? textOf(body.error_description);
  const code = textOf(body.code);
  const isProblem = textOf(body.type) === `${problemType}${code}`;
  if (code === undefined || !(isProblem || textOf(body.error) !== undefined)) return undefined;
  return {
    code,
    status: response.status,
    says: says ?? 'The request was refused.',
    entry: textOf(body.entry) ?? response.headers.get(planeHeader.entry),
    retryAfterSeconds: secondsOf(response.headers.get('retry-after')),
  };
}

/** An answer that is neither what was asked for nor a refusal. */
export function notPlane(response: Response): AmbitFault {
  const from = URL.canParse(response.url) ? new URL(response.url).origin : 'The address';
  return new AmbitFault(
    `${from} answered ${response.status} in a way that Ambit does not. Check that the address is Ambit’s own, and what stands in between.`,
  );
}

function bodyOf(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function secondsOf(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
