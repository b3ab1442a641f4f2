import { canonicalJson } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useRead } from '../../plane/use-read.ts';
import { isOpen } from './question.ts';
import { useSaid } from './use-said.tsx';

type TogetherHereProps = { readonly approval: Approval };

/** Everything that the signature under this answer was over, and what became of each. */
export function TogetherHere({ approval }: TogetherHereProps) {
  const answer = approval.answers.at(-1);
  const ids = answer?.together?.map((one) => one.approval) ?? [];
  const found = useRead(['approvals', 'together', ids.join(' ')], ({ operator }) =>
    Promise.all(ids.map((id) => operator.approvals.show(id))),
  );
  const given = canonicalJson(answer);
  return (
    <section aria-label="Answered together" className="grid gap-2">
      <p className="font-semibold text-body">One signature was over these {ids.length}. What became of each:</p>
      {found.isPending && <Loading />}
      {found.isError && (
        <ErrorState what="They could not be loaded." error={found.error} onTryAgain={() => void found.refetch()} />
      )}
      {found.data !== undefined && (
        <ol className="m-0 grid list-none border-line border-t p-0">
          {found.data.map((one) => (
            <One
              key={one.id}
              approval={one}
              isShown={one.id === approval.id}
              isAnswered={one.answers.some((each) => canonicalJson(each) === given)}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

type OneProps = { readonly approval: Approval; readonly isShown: boolean; readonly isAnswered: boolean };

function One({ approval, isShown, isAnswered }: OneProps) {
  const { decision, title, says } = useSaid(approval);
  const isWaiting = isOpen(approval, useNow());
  return (
    <li className="grid grid-cols-[14px_1fr] gap-x-2.5 border-line border-b py-2.5 text-interface">
      <span className="pt-[3px]">
        <DecisionMark decision={isWaiting ? 'ask' : decision} />
      </span>
      <div className="grid min-w-0 gap-0.5">
        <p className="font-medium wrap-anywhere">
          {isShown ? (
            <Sentence parts={approval.card.sentence} />
          ) : (
            <Link to="/inbox/{-$approval}" params={{ approval: approval.id }} className="text-accent hover:underline">
              <Sentence parts={approval.card.sentence} />
            </Link>
          )}
        </p>
        {!isAnswered && <p className="font-medium text-deny">This signature did not answer it.</p>}
        <p className="text-text-2">
          {isWaiting ? (
            'It waits for a person.'
          ) : (
            <>
              {!isAnswered && title} {says}
            </>
          )}
        </p>
      </div>
    </li>
  );
}
