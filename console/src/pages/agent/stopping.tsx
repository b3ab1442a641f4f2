import type { Ending } from '@ambit/sdk/operator';
import { Inbox, KeyRound, type LucideIcon, Power, Repeat, Target, TrendingUp } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { counted, sayEnding } from '../../kit/say-ending.ts';
import { WhyOff } from '../../kit/why-off.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { whyNotDo } from './may-do.ts';
import type { Seen } from './page.tsx';

type StoppingProps = {
  readonly seen: Seen;
  /** What the plane answered when it was stopped here. */
  readonly ending: Ending | null;
  readonly onEnded: (ending: Ending) => void;
};

/** The kill switch: what would end before it is pressed, and what did afterwards. */
export function Stopping({ seen, ending, onEnded }: StoppingProps) {
  const { agent, owner } = seen;
  const { me } = usePlane();
  const [asked, setAsked] = useState<'suspend' | 'retire' | null>(null);
  const isActive = agent.state === 'active';
  const whyNot = whyNotDo('suspend', agent, me, owner);
  const reason = useId();
  useKeys(isActive && whyNot === null ? [{ keys: 'shift+s', says: 'Suspend it', run: () => setAsked('suspend') }] : []);
  return (
    <>
      <Effect state={agent.state} name={agent.name} ending={ending} />
      {isActive && (
        <section aria-labelledby="suspend" className="overflow-hidden rounded-card border border-deny-line bg-surface">
          <div className="grid gap-2.5 p-4">
            <h2 id="suspend" className="flex items-center gap-2 font-semibold text-body text-deny wrap-anywhere">
              <Power aria-hidden="true" className="size-4 shrink-0" />
              <span>
                Suspend <Foreign inline text={agent.name} />
              </span>
            </h2>
            <p className="text-interface text-text-2">Stops everything it is doing, on every node:</p>
            <ul className="grid gap-1.5 text-interface">
              {hangingOf(seen).map(({ Icon, says }) => (
                <li key={says} className="flex items-center gap-2">
                  <Icon aria-hidden="true" className="size-4 shrink-0 text-text-2" /> {says}
                </li>
              ))}
            </ul>
          </div>
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-deny-line border-t bg-deny-soft px-4 py-3 text-caption">
            <Button look="danger" shortcut="shift+s" offBy={whyNot && reason} onClick={() => setAsked('suspend')}>
              Suspend now {whyNot === null && <KeyCap keys="shift+s" isOnFill />}
            </Button>
            {whyNot === null ? (
              <span className="max-sm:hidden">
                then <KeyCap keys="enter" /> to confirm
              </span>
            ) : (
              <WhyOff id={reason} says={whyNot} className="basis-full" />
            )}
          </div>
        </section>
      )}
      {(agent.state === 'suspended' || agent.state === 'draft') && (
        <section aria-label="Retire" className="grid justify-items-start gap-2">
          <Button look="danger-outlined" offBy={whyNot && reason} onClick={() => setAsked('retire')}>
            Retire it…
          </Button>
          {whyNot === null && <p className="text-caption text-text-2">For good: nobody can bring it back.</p>}
          <WhyOff id={reason} says={whyNot} />
        </section>
      )}
      {asked !== null && (
        <EndConfirm
          title={
            <>
              {asked === 'suspend' ? 'Suspend' : 'Retire'} <Foreign inline text={agent.name} />
            </>
          }
          confirm={asked === 'suspend' ? 'Suspend now' : 'Retire it'}
          ends={endsOf(seen, asked)}
          reason={{ usual: asked === 'suspend' ? 'Suspended in the console.' : 'Retired in the console.' }}
          opensOn="confirm"
          onClose={() => setAsked(null)}
          run={async ({ operator }, reason) => onEnded((await operator.agents[asked](agent.id, reason)).ending)}
        />
      )}
    </>
  );
}

/** What became of it, said at once to whoever listens; the plane’s own answer, and how long it took. */
function Effect({
  state,
  name,
  ending,
}: {
  readonly state: string;
  readonly name: string;
  readonly ending: Ending | null;
}) {
  if (state !== 'suspended' && state !== 'retired') return null;
  return (
    <section
      role={ending === null ? undefined : 'alert'}
      aria-label="How it stands"
      className="grid gap-1 rounded-card border border-deny-line bg-surface p-4"
    >
      <p className="font-semibold text-body wrap-anywhere">
        <Foreign inline text={name} /> is {state}.
      </p>
      <p className="text-interface text-text-2">
        {ending === null ? 'Every call and every token of it is refused.' : sayEnding(ending)}
      </p>
    </section>
  );
}

type Hangs = { readonly Icon: LucideIcon; readonly says: string };

function hangingOf({ overview: { hanging } }: Seen): readonly Hangs[] {
  if (hanging === null) return [{ Icon: Target, says: 'its tasks, tokens and questions, which you may not see' }];
  const { tasks, tokens, questions, elevations, remembered } = hanging;
  return [
    { Icon: Target, says: counted(tasks, 'open task') },
    { Icon: KeyRound, says: counted(tokens, 'token') },
    { Icon: Inbox, says: `${counted(questions, 'question')} waiting for a person` },
    ...(elevations === 0 ? [] : [{ Icon: TrendingUp, says: counted(elevations, 'elevation') }]),
    ...(remembered === 0 ? [] : [{ Icon: Repeat, says: counted(remembered, 'remembered yes', 'remembered yeses') }]),
  ];
}

function endsOf(seen: Seen, what: 'suspend' | 'retire'): readonly ReactNode[] {
  const running = seen.overview.hanging?.running ?? 0;
  return [
    ...hangingOf(seen).map(({ says }) => `${says} ${says.startsWith('1 ') ? 'ends' : 'end'}`),
    ...(running === 0 ? [] : [`${counted(running, 'call')} on the way already: the answer is cut where it streams`]),
    what === 'suspend'
      ? 'New calls are refused until its owner lets it act again. What ended does not come back.'
      : 'It never acts again, and cannot be brought back.',
  ];
}
