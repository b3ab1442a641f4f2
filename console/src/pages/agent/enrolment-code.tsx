import type { AgentEnrolment } from '@ambit/sdk/operator';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readDuration } from '../../kit/read-time.ts';
import { ShownOnce } from '../../kit/shown-once.tsx';
import { useNow } from '../../kit/use-now.ts';
import { WaitsNote } from '../../kit/waits-note.tsx';
import { When } from '../../kit/when.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { useNames } from '../../plane/use-names.ts';
import type { Seen } from './page.tsx';
import { whyNoKeys } from './why-no-keys.ts';

/** The one-time code by which it makes a key of its own: the one that is open, and the way to another. */
export function EnrolmentCode({ seen, whyNot }: { readonly seen: Seen; readonly whyNot: string | null }) {
  const { agent, overview } = seen;
  const doing = useDoing();
  const names = useNames();
  const now = useNow();
  const [issued, setIssued] = useState<AgentEnrolment | null>(null);
  const isOff = doing.waiting !== null || doing.isBusy;
  const withdraw = async () => {
    if (await doing.run(({ operator }) => operator.agents.withdrawCodes(agent.id))) setIssued(null);
  };
  const open = (overview.codes ?? []).filter(({ expiresAt }) => now < expiresAt);
  return (
    <section className="grid justify-items-start gap-2">
      <h2 className="font-semibold text-section">Let it make its own key</h2>
      <p className="max-w-[72ch] text-interface text-text-2">
        A one-time code, for the agent and nobody else: its private half never leaves where the agent runs.
      </p>
      {open.map(({ id, issuedBy, issuedAt, expiresAt, keySeconds }) => (
        <p key={id} className="text-interface">
          A code is open: issued {readDuration(now - issuedAt)} ago by{' '}
          <Foreign inline text={names[issuedBy] ?? issuedBy} />, good until <When at={expiresAt} />
          {keySeconds !== null && `, for a key that holds ${readDuration(keySeconds * 1000)}`}. Another one withdraws
          it.
        </p>
      ))}
      {doing.waiting !== null && <WaitsNote proposal={doing.waiting} />}
      <div className="flex flex-wrap gap-2">
        <Button
          offBy={whyNot && whyNoKeys}
          disabled={isOff}
          onClick={() => void doing.run(async ({ operator }) => setIssued(await operator.agents.enrolCode(agent.id)))}
        >
          {open.length === 0 ? 'Issue an enrolment code' : 'Issue another code'}
        </Button>
        {open.length > 0 && (
          <Button look="danger-outlined" offBy={whyNot && whyNoKeys} disabled={isOff} onClick={() => void withdraw()}>
            Withdraw it
          </Button>
        )}
      </div>
      {issued !== null && (
        <ShownOnce title="A one-time code for this agent" value={issued.code}>
          It is shown this once, and good until <When at={issued.expiresAt} />.
        </ShownOnce>
      )}
      <Fault says={doing.fault} />
    </section>
  );
}
