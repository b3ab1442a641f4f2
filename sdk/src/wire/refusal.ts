import {
  type Authority,
  isRefusalCode,
  mediaType,
  type ProposalId,
  parseId,
  planeHeader,
  refusalRow,
} from '@ambit/protocol';

/** A refusal as it came over the wire (RFC 9457, or RFC 6749 §5.2 from the OAuth endpoints). */
export type RefusalParts = {
  /** One of the published codes, e.g. `authority.not_covered`. A newer plane may know more of them than this package. */
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The plane’s sentence about this very case. */
  readonly says: string;
  /** The entry of the log that tells of it, where there is one. */
  readonly entry: string | null;
  /** After how many seconds it may be tried again, where that helps. */
  readonly retryAfterSeconds: number | null;
  /** What would have covered the call, where that is what it lacked: `task.elevate` can ask for it. */
  readonly missing?: Authority | null;
  /** Where it waits for a second person instead of being done. */
  readonly proposal?: ProposalId | null;
};

/**
 * Ambit said no. Every refusal is one of these, most of them one of the kinds below. Apart from `Unknown`, what was
 * refused was not done.
 */
export class AmbitRefusal extends Error {
  override readonly name: string = 'AmbitRefusal';
  readonly code: string;
  readonly status: number;
  readonly says: string;
  readonly entry: string | null;
  readonly retryAfterSeconds: number | null;
  /** What would have covered the call, where that is what it lacked: `task.elevate` can ask for it. */
  readonly missing: Authority | null;
  /** With the code `proposal.waits`: where it waits for a second person. Nothing was changed yet. */
  readonly proposal: ProposalId | null;

  constructor(parts: RefusalParts, options?: ErrorOptions) {
    const { code, status, says, entry, retryAfterSeconds, missing = null, proposal = null } = parts;
    super(`${says} (${code}${entry === null ? '' : `, ${entry}`})`, options);
    this.code = code;
    this.status = status;
    this.says = says;
    this.entry = entry;
    this.retryAfterSeconds = retryAfterSeconds;
    this.missing = missing;
    this.proposal = proposal;
  }

  /** What to do about any refusal with this code, in one sentence. */
  get next(): string {
    return isRefusalCode(this.code) ? refusalRow(this.code).says : this.says;
  }
}

/** Authority, the rules, or what is left do not permit it. Doing the same again leads to the same. */
export class Denied extends AmbitRefusal {
  override readonly name = 'Denied';
}

/** A person said no. Do not try to reach the same effect another way. */
export class ApprovalRefused extends AmbitRefusal {
  override readonly name = 'ApprovalRefused';
}

/** Nobody answered in time. */
export class ApprovalExpired extends AmbitRefusal {
  override readonly name = 'ApprovalExpired';
}

/** The task is over, or one above it, and with it everything made under it. */
export class TaskEnded extends AmbitRefusal {
  override readonly name = 'TaskEnded';
}

/** A rule wants the person who asked to prove again who they are: ask them, then make the same call again (RFC 9470). */
export class StepUpNeeded extends AmbitRefusal {
  override readonly name = 'StepUpNeeded';
}

/** The caller did not prove who it is: its key, its token or a proof does not hold. */
export class Unauthenticated extends AmbitRefusal {
  override readonly name = 'Unauthenticated';
}

/** Nobody knows whether the call happened, or its answer is lost. It is never repeated: look before you try again. */
export class Unknown extends AmbitRefusal {
  override readonly name = 'Unknown';
}

const kinds: { readonly [code: string]: new (parts: RefusalParts) => AmbitRefusal } = {
  'approval.refused': ApprovalRefused,
  'approval.expired': ApprovalExpired,
  'approval.unknown': Unknown,
  'gateway.upstream_unknown': Unknown,
  'gateway.answer_withheld': Unknown,
  'authentication.too_old': StepUpNeeded,
  'task.ended': TaskEnded,
  'ending.over': TaskEnded,
};

/** The refusal as an error of its kind. */
export function refusalFrom(parts: RefusalParts): AmbitRefusal {
  const { code } = parts;
  // The OAuth endpoints answer 400 to nearly everything (RFC 6749 §5.2); the table tells a denial from a bad request.
  const status = isRefusalCode(code) ? refusalRow(code).status : parts.status;
  const Kind = Object.hasOwn(kinds, code) ? kinds[code] : kindOfStatus(status);
  return new (Kind ?? AmbitRefusal)(parts);
}

function kindOfStatus(status: number) {
  if (status === 401) return Unauthenticated;
  return status === 403 ? Denied : AmbitRefusal;
}

/** What answered was not Ambit, or could not be read: a proxy in between, a wrong address. */
export class AmbitFault extends Error {
  override readonly name = 'AmbitFault';
}

const problemType = 'urn:ambit:refusal:';

type Body = Readonly<Record<string, unknown>>;

/** Whether the plane may be refusing here, by the head alone: what an upstream answered says that it is the upstream’s. */
export function mayBeRefusal(response: Response): boolean {
  return !response.ok && !isUpstreams(response) && mediaOf(response) === mediaType.problem;
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
    missing: Array.isArray(body.authorization_details) ? (body.authorization_details as Authority) : null,
    proposal: code === 'proposal.waits' ? (parseId('proposal', body.proposal) ?? null) : null,
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
