import { cleanText } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';

type BesideProps = { readonly approval: Approval };

/** What the agent says of its call, where it says anything. */
export function Claim({ approval: { card, shown } }: BesideProps) {
  if (card.claim === null) return null;
  return <Foreign by={`${claimant(shown.agent)} claim`} text={card.claim.text} folds="never" />;
}

/** In a label of ours no name stands that could say something else. */
const claimant = (agent: string): string =>
  /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(agent) ? `${agent}’s` : 'The agent’s';

/** What was read again when it was asked, or why nothing was. */
export function LookedAgain({ approval: { card, shown } }: BesideProps) {
  if (card.lookedAgain === null) return null;
  return (
    <section className="grid gap-1.5">
      <p className="text-interface text-text-2">
        <Sentence parts={card.lookedAgain.sentence} />
      </p>
      {shown.lookedAgain?.status === 0 ? (
        // Then these are the plane's own words about why.
        <p className="text-interface">{cleanText(card.lookedAgain.text)}</p>
      ) : (
        <Foreign by="What was read again" text={card.lookedAgain.text} folds="soon" />
      )}
    </section>
  );
}
