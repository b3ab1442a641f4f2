import type { EnrolmentCode } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { Id } from '../../kit/id.tsx';
import { readTime } from '../../kit/read-time.ts';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { Who } from '../../kit/who.tsx';
import { LacksRole } from '../../plane/lacks-role.tsx';
import { planeNow } from '../../plane/reach.ts';
import { usePlane, useSession } from '../../plane/session-provider.tsx';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import type { Go } from './page.tsx';
import { RunThis } from './run-this.tsx';
import { keySnippet } from './snippets.ts';
import type { Progress } from './steps.ts';
import { Waiting } from './waiting.tsx';

type StepProps = { readonly progress: Progress; readonly onGo: Go };

const ninetyDaysMs = 90 * 86_400_000;

export function AgentStep({ progress, onGo }: StepProps) {
  const { me } = usePlane();
  const { agent, hasKey } = progress;
  if (agent === null) {
    if (!me.roles.includes('owner')) return <HandOver progress={progress} />;
    return <Register progress={progress} onGo={onGo} />;
  }
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-body">
        <Who who={{ kind: 'agent', name: agent.name }} />
        <Id id={agent.id} />
      </p>
      {hasKey ? (
        <p className="flex items-center gap-2.5 rounded-card border border-permit-line bg-permit-soft p-4 text-body">
          <DecisionMark decision="permit" size={18} />
          <span>
            <Foreign inline text={agent.name} /> has a key of its own. It proves itself by it from now on.
          </span>
        </p>
      ) : (
        <Enrol progress={progress} />
      )}
    </>
  );
}

function Register({ progress: { api, chosen }, onGo }: StepProps) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  if (api === null)
    return <p className="text-body">Put an API behind Ambit first: an agent is registered for its zone.</p>;
  if (me.delegable.length === 0)
    return (
      <p className="rounded-card border border-ask-line bg-ask-soft p-4 text-interface">
        You may hand nothing to agents yet. An administrator sets what you may hand over, under Settings, People.
      </p>
    );
  return (
    <Attempt
      says="You answer for it. It gets no power by this: that comes with a task, and never more than you may hand over."
      failed="No agent was registered."
      run={async () => {
        const made = await operator.agents.register({
          name: name.trim(),
          team: 'trial',
          purpose: 'Tries Ambit.',
          environment: api.environment,
          zone: api.zone,
          expiresAt: planeNow() + ninetyDaysMs,
          ceiling: me.delegable,
        });
        await operator.agents.activate(made.id);
        await queries.invalidateQueries();
        onGo('agent', { ...chosen, agent: made.id });
      }}
    >
      {(isBusy) => (
        <div className="grid max-w-xl gap-4">
          <TextField
            label="What it is called"
            hint="Small letters, digits and dashes. It ends in 90 days unless you end it sooner."
            value={name}
            onChange={setName}
            isCode
            required
            maxLength={40}
            pattern="[a-z][a-z0-9\-]*"
            placeholder="refund-bot"
          />
          <Button type="submit" look="filled" size="large" disabled={isBusy} className="justify-self-start">
            Register and activate it
          </Button>
        </div>
      )}
    </Attempt>
  );
}

/** A key that the agent makes itself, enrolled by a code of one use. */
function Enrol({ progress: { agent } }: { readonly progress: Progress }) {
  const { operator } = usePlane();
  const health = useRead(['health'], ({ operator: plane }) => plane.health());
  const [code, setCode] = useState<EnrolmentCode | null>(null);
  if (agent === null) return null;
  if (health.isPending) return <Loading />;
  if (health.data === undefined)
    return (
      <ErrorState what="The gateway’s address could not be read." error={health.error} onTryAgain={health.refetch} />
    );
  if (code === null)
    return (
      <Attempt
        says="The code lets the agent bring one key. It works once, and is shown once."
        failed="No code was made."
        run={async () => setCode(await operator.agents.enrolCode(agent.id))}
      >
        {(isBusy) => (
          <Button type="submit" look="filled" size="large" disabled={isBusy} className="justify-self-start">
            Make a one-time code
          </Button>
        )}
      </Attempt>
    );
  return (
    <>
      <RunThis
        file="enrol.mjs"
        code={keySnippet({ gateway: health.data.agents, name: fileName(agent.name), code: code.code })}
      />
      <Waiting>
        Waiting for its key. The code works once, until {readTime.minute(code.expiresAt)}. You can leave this page.
      </Waiting>
    </>
  );
}

/** Names of agents are texts that somebody else may have chosen: a file is named by letters only. */
export const fileName = (name: string): string => name.replaceAll(/[^a-z0-9-]/g, '') || 'agent';

/** Whoever administers does not also own agents, unless somebody else gave them that role. */
function HandOver({ progress: { api, others } }: { readonly progress: Progress }) {
  const { operator, me } = usePlane();
  const { exit } = useSession();
  const [name, setName] = useState('');
  const [made, setMade] = useState<{ readonly name: string; readonly code: string; readonly expiresAt: number } | null>(
    null,
  );
  if (!me.roles.includes('administrator')) return <LacksRole lacks="owner" what="register an agent" />;
  if (api === null) return <p className="text-body">Put an API behind Ambit first.</p>;
  if (made !== null)
    return (
      <section aria-labelledby="code" className="grid max-w-xl gap-3">
        <h2 id="code" className="text-section">
          A one-time code for <Foreign inline text={made.name} />
        </h2>
        <p className="text-interface text-text-2">
          Shown this once, good until {readTime.minute(made.expiresAt)}. Hand it over yourself: whoever has it becomes
          that person.
        </p>
        <p className="rounded-card border border-line bg-canvas p-4">
          <Id id={made.code} label="Copy the code" />
        </p>
        <p className="text-interface text-text-2">
          They sign in with it at {location.origin}/start/agent and go on there.
        </p>
        <Button className="justify-self-start" onClick={() => void exit()}>
          Sign out, and go on here as that person
        </Button>
      </section>
    );
  return (
    <>
      {others.length > 0 && <AtWork agents={others} />}
      <Attempt
        says="An agent belongs to a person with the role owner. You do not hold it, and nobody gives roles to themselves: invite the person who will ask agents to work."
        failed="Nobody was invited."
        run={async () => {
          const { actions } = await operator.catalog.actions({ api: api.name });
          const ids = actions.filter(({ effect, held }) => effect === 'read' && held === null).map(({ id }) => id);
          const delegable = ids.length === 0 ? [] : [{ type: 'ambit_grant' as const, actions: ids }];
          const { enrolment } = await operator.persons.register({ name: name.trim(), roles: ['owner'], delegable });
          setMade({ name: name.trim(), ...enrolment });
        }}
      >
        {(isBusy) => (
          <div className="grid max-w-xl gap-4">
            <TextField
              label="Name of the person"
              hint={`They get the role owner, and may hand agents what only reads at ${api.name}.`}
              value={name}
              onChange={setName}
              required
              maxLength={100}
            />
            <Button
              type="submit"
              look={others.length > 0 ? 'outlined' : 'filled'}
              size="large"
              disabled={isBusy}
              className="justify-self-start"
            >
              Invite
            </Button>
          </div>
        )}
      </Attempt>
    </>
  );
}

const shownMax = 5;

/** Who is there already: their owners need no invitation. */
function AtWork({ agents }: { readonly agents: Progress['others'] }) {
  const names = useNames();
  return (
    <section
      aria-labelledby="at-work"
      className="grid max-w-xl gap-2 rounded-card border border-line bg-canvas p-4 text-interface"
    >
      <h2 id="at-work" className="text-section">
        Agents are here already
      </h2>
      <ul className="m-0 grid list-none gap-1 p-0">
        {agents.slice(0, shownMax).map(({ id, name, owner }) => (
          <li key={id} className="flex flex-wrap items-center gap-1.5">
            <Who who={{ kind: 'agent', name }} /> of <Who who={{ kind: 'person', name: names[owner] ?? owner }} />
          </li>
        ))}
      </ul>
      {agents.length > shownMax && <p className="text-text-2">and {agents.length - shownMax} more.</p>}
      <p className="text-text-2">
        Whoever owns one goes on with the first call at{' '}
        <span className="code wrap-anywhere">{location.origin}/start/call</span>, and you need to invite nobody. What
        agents do stands under <TextLink to="/runs">Runs</TextLink>.
      </p>
    </section>
  );
}
