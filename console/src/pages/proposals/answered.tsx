import type { Proposal } from '@ambit/sdk/operator';
import type { ReactNode } from 'react';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readTime } from '../../kit/read-time.ts';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { useNow } from '../../kit/use-now.ts';
import { isWaiting } from '../../plane/may-confirm.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useNames } from '../../plane/use-names.ts';
import { isFields } from './changes-of.ts';

const says = {
  done: ['permit', 'confirmed it', 'It was done, once, exactly as shown.'],
  refused: ['deny', 'said no', 'Nothing was changed. There is nothing left to answer.'],
  failed: ['deny', 'confirmed it', 'It could not be done, and is not tried again. The log says why.'],
} as const;

/** What became of a proposal that is over, and what the change itself answered to whoever confirmed it just now. */
export function Answered({ proposal, answer }: { readonly proposal: Proposal; readonly answer: unknown }) {
  const { me } = usePlane();
  const names = useNames();
  const now = useNow();
  const { state, answeredBy } = proposal;
  if (isWaiting(proposal, now)) return null;
  if (state === 'open') {
    return (
      <Outcome decision="deny" title="It ended by itself: nobody answered within a week.">
        Nothing was changed.
      </Outcome>
    );
  }
  const [decision, did, what] = says[state];
  const who = answeredBy === me.id ? 'You' : answeredBy === null ? 'Somebody' : (names[answeredBy] ?? answeredBy);
  return (
    <>
      <Outcome
        decision={decision}
        title={
          <>
            <Foreign inline text={who} /> {did}.
          </>
        }
      >
        {what}
      </Outcome>
      <Code answer={answer} />
    </>
  );
}

type OutcomeProps = {
  readonly decision: 'permit' | 'deny';
  readonly title: ReactNode;
  readonly children: string;
};

function Outcome({ decision, title, children }: OutcomeProps) {
  return (
    <div role="status" className="grid gap-1 rounded-card border border-line bg-sunken px-4 py-3">
      <p className="flex items-center gap-2 font-semibold text-body">
        <DecisionMark decision={decision} />
        <span>{title}</span>
      </p>
      <p className="pl-[22px] text-interface text-text-2">{children}</p>
    </div>
  );
}

/** A one-time code, which whoever confirmed gets, and nobody else. */
function Code({ answer }: { readonly answer: unknown }) {
  const held = isFields(answer) && isFields(answer.enrolment) ? answer.enrolment : answer;
  if (!isFields(held) || typeof held.code !== 'string') return null;
  return (
    <ShownOnce title="A one-time code came of it" value={held.code}>
      {typeof held.expiresAt === 'number' && `Good until ${readTime.minute(held.expiresAt)}, shown this once. `}
      Whoever has it becomes that person: hand it over yourself.
    </ShownOnce>
  );
}
