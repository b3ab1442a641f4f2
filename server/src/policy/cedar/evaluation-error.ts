/**
 * What Cedar itself calls an error: overflow, a missing attribute, a value of the wrong kind. A policy that ends in one
 * is reported as erroring. Every other exception (a stack overflow, a defect of ours) is a fault and fails the whole
 * request: swallowing it here would skip a forbid without a word.
 */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

export function fail(message: string): never {
  throw new EvaluationError(message);
}
