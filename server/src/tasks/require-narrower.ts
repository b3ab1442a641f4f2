import type { Authority, RefusalCode } from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import { refuse } from '../foundation/index.ts';

export function isWithin(authority: Authority, parent: Authority): boolean {
  return narrows(authority, parent).narrower;
}

/** INVARIANT (effective authority): a task never starts with more than each of its sources allows. */
export function requireNarrower(authority: Authority, parent: Authority, code: RefusalCode, whose: string): void {
  const result = narrows(authority, parent, whose);
  if (result.narrower) return;
  throw refuse(code, result.says, `${result.says} Ask for less.`);
}
