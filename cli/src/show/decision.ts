import { type Line, line, paint } from '../line.ts';

/** A shape and a word beside every colour. */
export function showDecision(decision: 'permit' | 'ask' | 'deny' | null): Line {
  if (decision === 'permit') return paint('green', line`✓ permit`);
  if (decision === 'ask') return paint('yellow', line`? ask`);
  if (decision === 'deny') return paint('red', line`✗ deny`);
  return line`·`;
}
