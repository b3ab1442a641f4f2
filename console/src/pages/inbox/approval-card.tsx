import type { Approval } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { ListTree, TriangleAlert, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Countdown } from '../../kit/countdown.tsx';
import { DecisionChip } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { useMedia } from '../../kit/use-media.ts';
import { useNow } from '../../kit/use-now.ts';
import { Time } from '../../kit/when.tsx';
import { Budget } from './budget.tsx';
import { CardSection } from './card-section.tsx';
import { ExactCall } from './exact-call.tsx';
import { Outcome } from './outcome.tsx';
import { isOpen, namedIn } from './question.ts';
import { Claim, LookedAgain } from './said-beside.tsx';
import { SpokenTime } from './spoken-time.tsx';
import { ValueTable } from './value-table.tsx';
import { WhoActs } from './who-acts.tsx';
import { WhyStopped } from './why-stopped.tsx';

type ApprovalCardProps = {
  readonly approval: Approval;
  /** Whether there is a page of its run, and this person may read it. */
  readonly leadsToRun: boolean;
  readonly isCallOpen: boolean;
  readonly onToggleCall: () => void;
  /** The answers, or why there are none. */
  readonly foot: ReactNode;
  readonly notice: ReactNode;
};

/** One question from the top: what, for whom, why stopped, can it be undone, what is left, who says so. */
export function ApprovalCard(props: ApprovalCardProps) {
  const { approval, leadsToRun, isCallOpen, onToggleCall, foot, notice } = props;
  const { card, askedAt, expiresAt } = approval;
  const isStillOpen = isOpen(approval, useNow());
  return (
    <article aria-labelledby="question" className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex min-h-12 flex-wrap max-sm:hidden items-center gap-x-3 gap-y-1 border-line border-b px-8 py-2 text-interface max-sm:px-4">
        <DecisionChip decision="ask" />
        <span className="text-text-2 max-sm:hidden">
          {isStillOpen ? 'Waiting since' : 'Asked at'} <Time at={askedAt} />
        </span>
        <span className="ml-auto flex items-center gap-3">
          {isStillOpen && <Countdown from={askedAt} to={expiresAt} />}
          {leadsToRun && <RunLink run={approval.run} />}
        </span>
      </header>
      <SpokenTime to={expiresAt} />
      <div className="min-h-0 flex-1 scroll-pb-24 overflow-y-auto">
        <div className="grid max-w-[880px] gap-5 px-8 pt-6 pb-8 max-sm:gap-4 max-sm:px-4 max-sm:pt-4">
          {notice}
          {!isStillOpen && <Outcome approval={approval} />}
          <div className="grid gap-2">
            <span className="sm:hidden">
              <DecisionChip decision="ask" />
            </span>
            <h2
              id="question"
              className="text-sentence text-balance wrap-anywhere max-sm:text-[1.5rem] max-sm:leading-8"
            >
              <Sentence parts={card.sentence} />
            </h2>
            <Ids approval={approval} />
          </div>
          <WhoActs approval={approval} />
          <WhyStopped stopped={card.stopped} />
          <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
            <CardSection title="Can it be undone?">
              <p className="flex items-start gap-2 font-medium text-interface">
                {card.undo.isFinal ? (
                  <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-deny" />
                ) : (
                  <Undo2 aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-text-2" />
                )}
                <span>
                  <Sentence parts={card.undo.sentence} />
                </span>
              </p>
            </CardSection>
            <div className="grid content-start gap-3">
              <Budget budget={card.budget} />
            </div>
          </div>
          <Values values={card.values} headers={card.headers} />
          <Claim approval={approval} />
          <LookedAgain approval={approval} />
          <ExactCall approval={approval} isOpen={isCallOpen} onToggle={onToggleCall} />
        </div>
      </div>
      {foot}
    </article>
  );
}

/** With the card on a phone, the table is one press away; it says how much of it nobody else said. */
function Values({ values, headers }: Pick<Approval['card'], 'values' | 'headers'>) {
  const isNarrow = useMedia('(max-width: 639px)');
  const alone = values.filter(({ from }) => from.some((part) => 'agent' in part)).length;
  if (!isNarrow) return <ValueTable values={values} headers={headers} />;
  return (
    <details className="border-line border-y text-interface">
      <summary className="flex min-h-11 cursor-pointer items-center gap-2 font-medium">
        Where the values came from
        <span className="ml-auto font-normal text-caption text-text-2">
          {alone} of {values.length} by the agent alone
        </span>
      </summary>
      <ValueTable values={values} headers={headers} />
    </details>
  );
}

function Ids({ approval }: { readonly approval: Approval }) {
  const named = namedIn(approval);
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1 text-caption text-text-2">
      {named.map(({ kind, value }) => (
        <span key={`${kind} ${value}`}>
          <span className="capitalize">{kind}</span> <Id id={value} label={`Copy the id of this ${kind}`} />
        </span>
      ))}
      <span>
        Action{' '}
        <span className="code text-text">
          <Foreign inline text={approval.action} />
        </span>
      </span>
      {named.some(({ label }) => label !== undefined) && (
        <span>
          <span className="dotted">Dotted</span>: a name the API supplied. The id decides.
        </span>
      )}
    </p>
  );
}

function RunLink({ run }: { readonly run: string }) {
  return (
    <Link
      to="/runs/$task"
      params={{ task: run }}
      className="flex items-center gap-1.5 border-line border-l pl-3 font-medium text-accent hover:underline"
    >
      <ListTree aria-hidden="true" className="size-4" />
      <span className="max-sm:sr-only">See the run</span>
    </Link>
  );
}
