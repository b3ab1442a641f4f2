/** RFC 9457 problem details. Thrown by the verbs, written to the wire in one place (`api.ts`). */
export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string) {
    super(detail);
    this.code = code;
    this.status = problems[code].status;
  }
}

const problems = {
  malformed: { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'No valid shop key was presented' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'over-refund': { status: 409, title: 'The refund exceeds what remains of the order' },
  'wrong-currency': { status: 409, title: 'The order was paid in another currency' },
  'already-settled': { status: 409, title: 'The refund has been paid out' },
  full: { status: 409, title: 'There is no room for more' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not application/json' },
  'key-reused': { status: 422, title: 'The idempotency key belongs to another request' },
  'bad-query': { status: 422, title: 'The query cannot be understood' },
  fault: { status: 500, title: 'The shop failed' },
} as const;

export type ProblemCode = keyof typeof problems;

export function problemBody(problem: Problem) {
  const { status, title } = problems[problem.code];
  return { type: `urn:shop:problem:${problem.code}`, title, status, detail: problem.message };
}
