import type { Approval } from '@ambit/sdk/operator';
import { lazy, Suspense } from 'react';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { useSaid } from './use-said.tsx';

// Few answers are remembered, or given together.
const RememberedHere = lazy(async () => ({ default: (await import('./remembered-here.tsx')).RememberedHere }));
const TogetherHere = lazy(async () => ({ default: (await import('./together-here.tsx')).TogetherHere }));

/** What became of a question that is over. It stays until the person moves on. */
export function Outcome({ approval }: { readonly approval: Approval }) {
  const { remember: bounds, together } = approval.answers.at(-1) ?? {};
  return (
    <>
      <Became approval={approval} />
      {bounds !== undefined && (
        <Suspense>
          <RememberedHere approval={approval} bounds={bounds} />
        </Suspense>
      )}
      {together !== undefined && (
        <Suspense>
          <TogetherHere approval={approval} />
        </Suspense>
      )}
    </>
  );
}

function Became({ approval }: { readonly approval: Approval }) {
  const { decision, title, says } = useSaid(approval);
  const reason = approval.answers.at(-1)?.reason ?? null;
  return (
    <div role="status" className="grid gap-1 rounded-card border border-line bg-sunken px-4 py-3">
      <p className="flex items-start gap-2 font-semibold text-body">
        <span className="pt-1">
          <DecisionMark decision={decision} />
        </span>
        <span>{title}</span>
      </p>
      <p className="pl-[22px] text-interface text-text-2">{says}</p>
      {reason !== null && (
        <p className="pl-[22px] text-interface">
          Why:{' '}
          <q>
            <Foreign inline text={reason} />
          </q>
        </p>
      )}
    </div>
  );
}
