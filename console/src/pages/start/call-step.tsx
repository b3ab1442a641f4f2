import type { AgentId, Authority, TaskId } from '@ambit/protocol';
import type { ActionInShort } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Attempt, Choice, TextField } from '../../kit/form.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { fileName } from './agent-step.tsx';
import { DecidedCard } from './decided-card.tsx';
import type { Go } from './page.tsx';
import { RunThis } from './run-this.tsx';
import { callSnippet } from './snippets.ts';
import type { Progress } from './steps.ts';
import { Waiting } from './waiting.tsx';

type CallStepProps = { readonly progress: Progress; readonly onGo: Go; readonly waits?: boolean };

/** A task for one read, the code that makes it, and how it was decided, as it happens. */
export function CallStep({ progress, onGo, waits = false }: CallStepProps) {
  const { api, agent, hasKey, chosen } = progress;
  const watched = waits ? progress.yes : progress.first;
  if (api === null || agent === null || !hasKey)
    return <p className="text-body">First your API and an agent with a key of its own: go back to those steps.</p>;
  if (watched.task === null)
    return (
      <OpenTask
        api={api.name}
        agent={agent.id}
        waits={waits}
        onOpened={(task) =>
          onGo(waits ? 'yes' : 'call', { ...chosen, api: api.name, agent: agent.id, [waits ? 'ask' : 'task']: task })
        }
      />
    );
  return (
    <>
      <Code progress={progress} task={watched.task} name={agent.name} agent={agent.id} />
      {watched.run !== null && watched.line !== null ? (
        <DecidedCard run={watched.run} line={watched.line} agent={agent.name} />
      ) : (
        <Waiting>
          Waiting for the first call of <Foreign inline text={agent.name} />. It shows here the moment it is decided.
        </Waiting>
      )}
    </>
  );
}

type OpenTaskProps = {
  readonly api: string;
  readonly agent: AgentId;
  readonly waits: boolean;
  readonly onOpened: (task: TaskId) => void;
};

const namesIn = (path: string): readonly string[] => [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');

function OpenTask({ api, agent, waits, onOpened }: OpenTaskProps) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const found = useRead(['catalog', 'actions', api], ({ operator: plane }) => plane.catalog.actions({ api }));
  const purposes = useRead(['tasks', 'purposes'], ({ operator: plane }) => plane.tasks.purposes());
  const [chosen, setChosen] = useState<string | null>(null);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  if (found.isPending || purposes.isPending) return <Loading />;
  if (found.data === undefined)
    return <ErrorState what="The actions could not be loaded." error={found.error} onTryAgain={found.refetch} />;
  const mine = new Set(me.delegable.flatMap(({ actions }) => actions));
  const reads = found.data.actions
    .filter(({ id, effect, held }) => effect === 'read' && held === null && mine.has(id))
    .sort((one, other) => namesIn(other.path).length - namesIn(one.path).length);
  const action = reads.find(({ id }) => id === chosen) ?? reads[0];
  const purpose = (purposes.data ?? []).find(({ state }) => state === 'active');
  if (action === undefined)
    return (
      <p className="text-body">Nothing that only reads may be handed over by you. An administrator sets what may.</p>
    );
  if (purpose === undefined)
    return (
      <p className="text-body">
        No purpose is defined yet. A person with the role policy does: ambit task purpose add.
      </p>
    );
  return (
    <Attempt
      says={
        waits
          ? 'Each call under this task stops until a person with the role approver says yes. You asked for it, so another person answers.'
          : 'The task gives this one read, with these very values, for 15 minutes. Nothing else.'
      }
      failed="No task was opened."
      run={async () => {
        const { id } = await operator.tasks.open({
          agent,
          purpose: { type: purpose.name, text: waits ? 'See a call that waits for a person.' : 'Try Ambit.' },
          ttlSeconds: 900,
          authority: authorityOf(action, values, waits),
        });
        await queries.invalidateQueries();
        onOpened(id);
      }}
    >
      {(isBusy) => (
        <div className="grid max-w-xl gap-4">
          <Choice
            label="What the agent may do"
            value={action.id}
            onChange={setChosen}
            choices={reads.map(({ id, path }) => ({ value: id, says: `${id} (${path})` }))}
          />
          {namesIn(action.path).map((name) => (
            <TextField
              key={name}
              label={name}
              hint="Only this value will do."
              value={values[name] ?? ''}
              onChange={(to) => setValues({ ...values, [name]: to })}
              isCode
              required
            />
          ))}
          <Button type="submit" look="filled" size="large" disabled={isBusy} className="justify-self-start">
            Open the task
          </Button>
        </div>
      )}
    </Attempt>
  );
}

function authorityOf({ id, path }: ActionInShort, values: Readonly<Record<string, string>>, waits: boolean): Authority {
  const rules = namesIn(path).map((name) => [`path.${name}`, { all: [{ equals: (values[name] ?? '').trim() }] }]);
  return [
    {
      type: 'ambit_grant',
      actions: [id],
      ...(rules.length > 0 && { where: Object.fromEntries(rules) }),
      ...(waits && { asks: [{ always: true as const, reason: 'To try it out, a person looks at each call.' }] }),
    },
  ];
}

type CodeProps = { readonly progress: Progress; readonly task: TaskId; readonly name: string; readonly agent: AgentId };

/** The code is written from the task itself, so that it is right for whoever opens this address. */
function Code({ progress: { api }, task, name, agent }: CodeProps) {
  const health = useRead(['health'], ({ operator }) => operator.health());
  const shown = useRead(['tasks', 'one', task], ({ operator }) => operator.tasks.show(task));
  const grant = shown.data?.task.authority[0];
  const action = useRead(
    ['catalog', 'action', grant?.actions[0] ?? null],
    ({ operator }) => operator.catalog.action(grant?.actions[0] ?? ''),
    { isOff: grant === undefined },
  );
  const failed = [health, shown, action].find(({ isError, data }) => isError && data === undefined);
  if (failed !== undefined) return <ErrorState what="The task could not be loaded." error={failed.error} />;
  if (health.data === undefined || action.data === undefined || grant === undefined) return <Loading />;
  const value = (argument: string) => fixedValue(grant.where?.[`path.${argument}`]);
  const path = action.data.path.replaceAll(/\{([^}]+)\}/g, (_, argument: string) =>
    encodeURIComponent(value(argument)),
  );
  const code = callSnippet({
    gateway: health.data.agents,
    name: fileName(name),
    agent,
    task,
    may: 'may do this, for 15 minutes',
    method: action.data.method,
    path: `/api/${api?.name ?? ''}${path.replaceAll("'", '%27')}`,
  });
  return <RunThis file="call.mjs" code={code} />;
}

function fixedValue(rule: { readonly all: readonly object[] } | undefined): string {
  const found = rule?.all.find((one) => 'equals' in one);
  return found !== undefined && 'equals' in found ? String(found.equals) : '';
}
