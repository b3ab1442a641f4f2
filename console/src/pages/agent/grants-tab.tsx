import type { StandingGrant } from '@ambit/sdk/operator';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { LimitBar } from '../../kit/limit-bar.tsx';
import { readDuration } from '../../kit/read-time.ts';
import { EmptyState } from '../../kit/states.tsx';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useNames } from '../../plane/use-names.ts';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';
import { SignGrant } from './sign-grant.tsx';

/** Within what it may open tasks unasked, as its owner signed it, and the form by which its owner signs more. */
export function GrantsTab({ seen }: { readonly seen: Seen }) {
  const { agent, owner } = seen;
  const { me } = usePlane();
  const now = useNow();
  const [revoked, setRevoked] = useState<StandingGrant | null>(null);
  const whyNot = whyNotDo('suspend', agent, me, owner);
  const reason = useId();
  const standing = agent.standingGrants.filter((one) => one.state === 'active' && one.expiresAt > now);
  return (
    <>
      {standing.length === 0 && (
        <EmptyState title="It opens no task unasked.">
          A standing grant, signed by its owner, would let it. Until then each task is opened by a person.
        </EmptyState>
      )}
      {standing.map((grant) => (
        <Grant key={grant.id} grant={grant} seen={seen}>
          <Button offBy={whyNot && reason} onClick={() => setRevoked(grant)}>
            Revoke…
          </Button>
        </Grant>
      ))}
      {standing.length > 0 && <WhyOff id={reason} says={whyNot} />}
      <SignGrant seen={seen} />
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

type GrantProps = { readonly grant: StandingGrant; readonly seen: Seen; readonly children: ReactNode };

function Grant({ grant, seen: { overview }, children }: GrantProps) {
  const names = useNames();
  const { document, owner, signedAt, expiresAt } = grant;
  const holds = overview.standingGrants.find(({ id }) => id === grant.id);
  return (
    <section className="grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold text-section">
          At most {document.liveTasksMax} at once, each for {readDuration(document.taskSecondsMax * 1000)}, until{' '}
          <When at={expiresAt} as="day" />
        </h2>
        {children}
      </div>
      <p className="text-caption text-text-2">
        Signed by <Foreign inline text={names[owner] ?? owner} />, <When at={signedAt} as="day" />
      </p>
      {holds === undefined && (
        <p className="text-ask text-interface">
          It gives nothing any more: its owner, or the key that signed it, is another one now.
        </p>
      )}
      <GrantLines
        authority={document.authority}
        source="person"
        isOverTasks
        beside={(line, isFirst) =>
          isFirst &&
          holds?.budget
            .filter((one) => one.grant === line.grant)
            .map((limit) => (
              <LimitBar key={`${limit.unit} ${limit.seconds}`} title="Over all its tasks" limit={limit} />
            ))
        }
      />
    </section>
  );
}
