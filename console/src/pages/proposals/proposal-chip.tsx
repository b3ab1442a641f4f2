import type { Proposal } from '@ambit/sdk/operator';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';
import { useNow } from '../../kit/use-now.ts';
import { isWaiting } from '../../plane/may-confirm.ts';

const said: Readonly<Record<Proposal['state'], readonly [Decision, string]>> = {
  open: ['ask', 'Waits'],
  done: ['permit', 'Done'],
  refused: ['deny', 'Refused'],
  failed: ['deny', 'Could not be done'],
};

/** How a proposal stands: a shape, and a word beside it. */
export function ProposalChip({ proposal }: { readonly proposal: Proposal }) {
  const now = useNow();
  const isLate = proposal.state === 'open' && !isWaiting(proposal, now);
  const [decision, word] = isLate ? (['deny', 'Ended'] as const) : said[proposal.state];
  return (
    <span className="inline-flex items-center gap-1.5 text-interface">
      <DecisionMark decision={decision} />
      {word}
    </span>
  );
}
