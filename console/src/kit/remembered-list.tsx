import type { RememberedShown } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useReach } from '../plane/reach.ts';
import { BoundsSaid } from './bounds-said.tsx';
import { Button } from './button.tsx';
import { Countdown } from './countdown.tsx';
import { EndConfirm } from './end-confirm.tsx';
import { Foreign } from './foreign.tsx';
import { readAmount, readMany } from './read-amount.ts';
import { Sentence } from './sentence.tsx';
import { useNow } from './use-now.ts';
import { Moment } from './when.tsx';

type RememberedListProps = {
  readonly remembered: readonly RememberedShown[];
  readonly mayEnd: (one: RememberedShown) => boolean;
  /** Whether each leads to its question: not where that is what one looks at. */
  readonly leadsToQuestion?: boolean;
};

/** Yeses that stand for later calls: their bounds, what they let through, until when, and the way to end each. */
export function RememberedList({ remembered, mayEnd, leadsToQuestion = true }: RememberedListProps) {
  const [asked, setAsked] = useState<RememberedShown['id'] | null>(null);
  const now = useNow();
  const ending = remembered.find(({ id }) => id === asked);
  return (
    <>
      <ul aria-label="Remembered yeses" className="m-0 grid list-none gap-3 p-0">
        {remembered.map((one) => (
          <li key={one.id} className="grid gap-2 rounded-card border border-line bg-surface p-4">
            <Remembered
              one={one}
              mayEnd={mayEnd(one)}
              leadsToQuestion={leadsToQuestion}
              onEnd={() => setAsked(one.id)}
            />
          </li>
        ))}
      </ul>
      {ending !== undefined && (
        <EndConfirm
          title={
            <>
              End the remembered yes: <Sentence parts={ending.sentence} />?
            </>
          }
          ends={['Such calls are asked about again, from now on.', 'What it let through stays done.']}
          confirm="End it now"
          reason={{ usual: 'Ended in the console.' }}
          isOver={!isStanding(ending, now)}
          onClose={() => setAsked(null)}
          run={({ operator }, reason) => operator.approvals.endRemembered(ending.id, reason)}
        />
      )}
    </>
  );
}

const isStanding = ({ state, expiresAt }: RememberedShown, now: number): boolean =>
  state === 'standing' && now < expiresAt;

type RememberedProps = {
  readonly one: RememberedShown;
  readonly mayEnd: boolean;
  readonly leadsToQuestion: boolean;
  readonly onEnd: () => void;
};

function Remembered({ one, mayEnd, leadsToQuestion, onEnd }: RememberedProps) {
  const { lostSince } = useReach();
  const reason = useId();
  const isOpen = isStanding(one, useNow());
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="min-w-0 flex-1 basis-64 font-medium text-body wrap-anywhere">
          <Sentence parts={one.sentence} />
        </p>
        {isOpen ? (
          <span className="flex flex-wrap items-center gap-3 text-interface">
            <Countdown from={one.rememberedAt} to={one.expiresAt} />
            <Button look="danger-outlined" offBy={mayEnd ? null : reason} disabled={lostSince !== null} onClick={onEnd}>
              End…
              <span className="sr-only">
                {' '}
                the remembered yes: <Sentence parts={one.sentence} />
              </span>
            </Button>
          </span>
        ) : (
          <span className="text-interface text-text-2">
            {one.state === 'ended' ? 'Ended' : 'Ran out'} <Moment at={one.endedAt ?? one.expiresAt} />
          </span>
        )}
      </div>
      <p className="text-interface text-text-2">
        <BoundsSaid bounds={one.bounds} amount={one.amount} />
      </p>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-caption text-text-2">
        <span>
          Yes of <Foreign inline text={one.personName ?? one.person} />, <Moment at={one.rememberedAt} />
        </span>
        <span className="text-text">{usedOf(one)}</span>
        {leadsToQuestion && (
          <Link
            to="/inbox/{-$approval}"
            params={{ approval: one.approval }}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            Open the question
          </Link>
        )}
        {isOpen && !mayEnd && (
          <span id={reason}>
            Who said it, who asked for the task, the agent’s owner, an approver or an administrator can end it.
          </span>
        )}
      </p>
    </>
  );
}

/** `Used: 1 of 3 calls, 40.00 USD of 70.00 USD`. */
function usedOf({ left }: RememberedShown): string {
  const used = left.map(({ unit, spent, max }) =>
    unit === 'calls' ? `${spent} of ${readMany(max, unit)}` : `${readAmount(spent, unit)} of ${readAmount(max, unit)}`,
  );
  return `Used: ${used.join(', ')}`;
}
