import { refuse } from './json.ts';

/** A policy that this evaluator does not understand whole, and therefore does not run. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  readonly policy: string;

  constructor(policy: string, message: string, options?: ErrorOptions) {
    super(`policy ${policy}: ${message}`, options);
    this.policy = policy;
  }
}

export function refuseTree(message: string): never {
  return refuse(`the syntax tree is not one this version understands: ${message}`);
}
