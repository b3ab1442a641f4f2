import type { StandingGrant } from '@ambit/sdk/operator';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { readDuration } from '../../kit/read-time.ts';
import { EmptyState } from '../../kit/states.tsx';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useNames } from '../../plane/use-names.ts';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';

/** Within what it may open tasks unasked, as its owner signed it. */
export function GrantsTab({ seen: { agent, owner } }: { readonly seen: Seen }) {
  const { me } = usePlane();
  const now = useNow();
  const names = useNames();
  const [revoked, setRevoked] = useState<StandingGrant | null>(null);
  const whyNot = whyNotDo('suspend', agent, me, owner);
  const standing = agent.standingGrants.filter((one) => one.state === 'active' && one.expiresAt > now);
  if (standing.length === 0) {
    return (
      <EmptyState title="It opens no task unasked.">
        A standing grant, signed by its owner, would let it. Until then each task is opened by a person.
      </EmptyState>
    );
  }
  return (
    <>
      {standing.map((grant) => (
        <section key={grant.id} className="grid gap-2">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="font-semibold text-section">
              At most {grant.document.liveTasksMax} at once, each for{' '}
              {readDuration(grant.document.taskSecondsMax * 1000)}, until <When at={grant.expiresAt} as="day" />
            </h2>
            <Button disabled={whyNot !== null} onClick={() => setRevoked(grant)}>
              Revoke…
            </Button>
          </div>
          <p className="text-caption text-text-2">
            Signed by <Foreign inline text={names[grant.owner] ?? grant.owner} />, <When at={grant.signedAt} as="day" />
          </p>
          <GrantLines authority={grant.document.authority} source="person" />
        </section>
      ))}
      {whyNot !== null && (
        <p className="text-caption text-text-2">
          <Foreign inline text={whyNot} />
        </p>
      )}
      {revoked !== null && (
        <EndConfirm
          title="Revoke this standing grant"
          confirm="Revoke it"
          ends={['It opens no further task by it.', 'Every call in tasks that it opened by it is refused.']}
          onClose={() => setRevoked(null)}
          run={({ operator }) => operator.standingGrants.revoke(revoked.id)}
        />
      )}
    </>
  );
}
