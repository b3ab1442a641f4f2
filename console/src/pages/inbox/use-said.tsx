import { type ApprovalId, type PersonId, sayMoved } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Decision } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { Time } from '../../kit/when.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';

type Said = { readonly decision: Decision; readonly title: ReactNode; readonly says: ReactNode };

/** What became of a question that is over, in words: who said what, and what came of it. */
export function useSaid(approval: Approval): Said {
  const { state, answers, expiresAt, shown } = approval;
  const who = useWho();
  const last = answers.at(-1);
  const answered = (word: string) =>
    last === undefined ? (
      `Somebody said ${word}.`
    ) : (
      <>
        {who(last.person)} said {word} at <Time at={last.at} as="second" />.
      </>
    );
  const agent = <Foreign inline text={shown.agent} />;
  switch (state) {
    case 'refused':
      return { decision: 'deny', title: answered('no'), says: 'Nothing was sent.' };
    case 'approved':
    case 'claimed':
      return { decision: 'permit', title: answered('yes'), says: 'The call goes out now, once.' };
    case 'done':
      return { decision: 'permit', title: answered('yes'), says: 'The call was sent, once, exactly as shown.' };
    case 'unknown':
      return {
        decision: 'ask',
        title: answered('yes'),
        says: 'The call was sent, and the answer never came. It counts as spent. Look before anyone tries again.',
      };
    case 'denied':
      return {
        decision: 'deny',
        title: answered('yes'),
        says: 'The call was decided again before it went out, and denied. Nothing was sent.',
      };
    case 'moved':
      return {
        decision: 'deny',
        title: answered('yes'),
        says: <Moved approval={approval} />,
      };
    case 'ended':
      return { decision: 'deny', title: 'Its task ended first.', says: <>Nothing was sent; {agent} was told.</> };
    default:
      return {
        decision: 'deny',
        title: (
          <>
            This question ended at <Time at={expiresAt} />.
          </>
        ),
        says: <>Nothing was sent; {agent} was told.</>,
      };
  }
}

/** What is not as it was, and where it is asked anew. */
function Moved({ approval }: { readonly approval: Approval }) {
  const { successor, shown } = approval;
  const { data: anew } = useRead(
    ['approvals', 'one', successor ?? ''],
    ({ operator }) => operator.approvals.show(successor ?? ('' as ApprovalId)),
    { isOff: successor === null },
  );
  return (
    <>
      Nothing was sent.{' '}
      {anew === undefined ? (
        'What it was about changed since it was asked; a new question was asked about how things are now.'
      ) : (
        <Sentence parts={sayMoved(shown, anew.shown)} />
      )}
      {successor !== null && (
        <span className="block pt-1">
          <Link
            to="/inbox/{-$approval}"
            params={{ approval: successor }}
            className="inline-flex min-h-6 items-center font-medium text-accent hover:underline"
          >
            Open the new question
          </Link>
        </span>
      )}
    </>
  );
}

function useWho(): (person: PersonId) => ReactNode {
  const { me } = usePlane();
  const names = useNames();
  return (person) => (person === me.id ? 'You' : <Foreign inline text={names[person] ?? person} />);
}
