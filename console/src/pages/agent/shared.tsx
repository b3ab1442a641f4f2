import type { WhenShared } from '@ambit/sdk/operator';
import { useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { When } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';

/** What happens where a credential of it turns up in two places at once, whether it did, and the way to change that. */
export function Shared({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const [wanted, setWanted] = useState<WhenShared | null>(null);
  const isSuspended = agent.doesWhenShared === 'suspend';
  const isForAll = isSuspended && agent.whenShared !== 'suspend';
  const whyNot = agent.state === 'retired' ? 'It is retired.' : whyNotDo('share', agent, me, owner);
  const reason = useId();
  const found = Math.max(0, ...agent.instances.map(({ sharedAt }) => sharedAt ?? 0));
  return (
    <section className="grid justify-items-start gap-2">
      <h2 className="font-semibold text-section">If a key of it turns up in two places at once</h2>
      <p className="max-w-[72ch] text-interface">
        {isSuspended ? (
          <>
            It is <strong className="font-semibold">suspended when shared</strong>
            {isForAll && ', as all agents of the organisation are'}: everything of it stops until its owner lets it act
            again.
          </>
        ) : (
          'That is written down, and it goes on.'
        )}
      </p>
      {found > 0 && (
        <p className="text-ask text-interface">
          A key of it was in two places at <When at={found} />: look for who copied it, and rotate the key.
        </p>
      )}
      {!isForAll && (
        <Button offBy={whyNot && reason} onClick={() => setWanted(isSuspended ? 'record' : 'suspend')}>
          {isSuspended ? 'Let it go on when shared…' : 'Suspend it when shared…'}
        </Button>
      )}
      {!isForAll && <WhyOff id={reason} says={whyNot} />}
      {wanted !== null && (
        <EndConfirm
          title={wanted === 'suspend' ? 'Suspend it when shared' : 'Let it go on when shared'}
          confirm={wanted === 'suspend' ? 'Suspend it when shared' : 'Let it go on'}
          ends={[
            wanted === 'suspend'
              ? 'Where a key of it is used in two places at once, everything that it does stops at that moment.'
              : 'Whoever copied a key of it could use it beside the agent: only an entry would say so.',
          ]}
          reason="wanted"
          onClose={() => setWanted(null)}
          run={({ operator }, reason) => operator.agents.whenShared(agent.id, wanted, reason)}
        />
      )}
    </section>
  );
}
