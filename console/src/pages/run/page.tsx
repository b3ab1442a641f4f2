import { type EntryId, parseId, type TaskId } from '@ambit/protocol';
import type { Lane, Run, RunLine } from '@ambit/sdk/operator';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { ArrowRight, ChevronLeft } from 'lucide-react';
import { Fragment, useMemo, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { StateChip } from '../../kit/state-chip.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useMedia } from '../../kit/use-media.ts';
import { Time } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { useRead } from '../../plane/use-read.ts';
import { DecisionFilter } from './decision-filter.tsx';
import { purposeOf, whoOf } from './lane-names.ts';
import { RunLines } from './run-lines.tsx';
import { type Panel, panels, RunPanel } from './run-panel.tsx';
import { RunStrip } from './run-strip.tsx';
import { UndoDialog } from './undo-dialog.tsx';

type Search = { readonly decision?: string; readonly line?: string; readonly panel?: string };

export function Page() {
  const { task } = useParams({ strict: false }) as { readonly task?: string };
  const run = parseId('task', task);
  if (run === undefined) {
    return (
      <div className="p-4">
        <PageTitle tab="Run">Run</PageTitle>
        <EmptyState title="This is not the id of a run.">
          It begins with tsk_ and stands on the list of runs. <TextLink to="/runs">Show all runs</TextLink>
        </EmptyState>
      </div>
    );
  }
  return <Found key={run} id={run} />;
}

function Found({ id }: { readonly id: TaskId }) {
  const {
    data: run,
    isPending,
    error,
    refetch,
  } = useRead(['runs', 'one', id], ({ operator }) => operator.runs.show(id));
  if (run !== undefined) return <Shown run={run} />;
  return (
    <div className="p-4">
      <PageTitle tab="Run">Run</PageTitle>
      {isPending ? (
        <Loading />
      ) : (
        <ErrorState what="This run could not be loaded." error={error} onTryAgain={refetch}>
          <TextLink to="/runs">Show all runs</TextLink>
        </ErrorState>
      )}
    </div>
  );
}

function Shown({ run }: { readonly run: Run }) {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const waits = useWaits(run);
  const isWide = useMedia('(min-width: 1280px)');
  const [undoing, setUndoing] = useState<RunLine | null>(null);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const decision = (['permit', 'ask', 'deny'] as const).find((one) => one === search.decision) ?? 'all';
  const given = panels.find((one) => one === search.panel);
  const selected = run.lines.find(({ index }) => String(index) === search.line);
  const panel: Panel = given === 'line' && selected === undefined ? 'touched' : (given ?? 'touched');
  const lines = decision === 'all' ? run.lines : run.lines.filter((line) => line.decision === decision);
  const go = (to: Partial<Record<keyof Search, string | undefined>>) =>
    void navigate({
      to: '/runs/$task',
      params: { task: run.run },
      search: without({ ...search, ...to }),
      replace: true,
    });
  const select = (index: number) => go({ line: String(index), panel: 'line' });
  const step = (by: number) => {
    const at = lines.findIndex(({ index }) => index === selected?.index);
    const next = at < 0 ? lines[by > 0 ? 0 : lines.length - 1] : lines[at + by];
    if (next !== undefined) select(next.index);
  };
  useKeys([
    { keys: 'j', says: 'Next line', run: () => step(1), repeats: true },
    { keys: 'k', says: 'Line before', run: () => step(-1), repeats: true },
    {
      keys: 'u',
      says: 'Undo the line…',
      run: () => selected?.undo?.isOpen === true && setUndoing(selected),
    },
    { keys: 'escape', says: 'Back to what it touched', run: () => go({ line: undefined, panel: undefined }) },
  ]);
  const isPanelAlone = !isWide && given !== undefined;
  return (
    <div className="flex h-full min-h-0">
      <div
        ref={setScroller}
        className={`min-h-0 min-w-0 flex-1 overflow-y-auto bg-surface ${isPanelAlone ? 'hidden' : ''}`}
      >
        <div className="grid gap-4 px-7 py-4 max-sm:px-4">
          <Heading run={run} />
          {!isWide && (
            <p className="flex flex-wrap gap-2">
              {panels
                .filter((one) => one !== 'line')
                .map((one) => (
                  <Button key={one} onClick={() => go({ panel: one })}>
                    {one === 'touched' ? 'What it touched' : one === 'chain' ? 'Chain' : 'Raw'}
                  </Button>
                ))}
            </p>
          )}
          <RunStrip run={run} />
          <DecisionFilter
            lines={run.lines}
            value={decision}
            onChange={(to) => go({ decision: to === 'all' ? undefined : to })}
          />
          {lines.length === 0 ? (
            <EmptyState
              title={decision === 'all' ? 'Nothing happened yet.' : `No ${nouns[decision]} lines in this run.`}
            >
              {decision === 'all' ? (
                'Its first line appears here the moment the agent takes the task.'
              ) : (
                <button type="button" className="text-accent underline" onClick={() => go({ decision: undefined })}>
                  Show all {run.lines.length}
                </button>
              )}
            </EmptyState>
          ) : (
            <RunLines
              lines={lines}
              lanes={run.lanes}
              selected={selected?.index ?? null}
              waits={waits}
              scroller={scroller}
              onSelect={select}
              onUndo={setUndoing}
            />
          )}
          {run.isCut && (
            <p className="text-caption text-text-2">
              The run is longer than what is shown here. <code className="code">ambit audit export</code> has all of it.
            </p>
          )}
        </div>
      </div>
      {(isWide || isPanelAlone) && (
        <aside
          data-fills-phone
          aria-label="About this run"
          className={`flex min-h-0 flex-col border-line bg-canvas ${isWide ? 'w-[344px] shrink-0 border-l' : 'flex-1'}`}
        >
          {!isWide && (
            <button
              type="button"
              onClick={() => go({ panel: undefined, line: undefined })}
              className="flex min-h-11 items-center gap-2 border-line border-b px-4 font-semibold text-body hover:bg-hover"
            >
              <ChevronLeft aria-hidden="true" className="size-5" />
              Back to the run
            </button>
          )}
          <RunPanel
            run={run}
            panel={panel}
            line={selected}
            onChoose={(to) => go({ panel: to })}
            onUndo={setUndoing}
            onLine={select}
          />
        </aside>
      )}
      {undoing !== null && (
        <UndoDialog line={undoing} onClose={() => setUndoing(null)} onDone={() => select(undoing.index)} />
      )}
    </div>
  );
}

/** Who may answer the questions of a run that are open, by the entries that asked them. */
function useWaits({ tasks }: Run): ReadonlyMap<EntryId, string> {
  const { data } = useRead(['approvals', 'inbox'], ({ operator }) => operator.approvals.inbox());
  return useMemo(() => {
    const open = new Map((data?.questions ?? []).map(({ id, role }) => [id, role]));
    const found = tasks.flatMap(stepsUnder).flatMap(({ entry, approval }) => {
      const role = approval === null ? undefined : open.get(approval);
      return role === undefined ? [] : [[entry, `a person with the role ${role}`] as const];
    });
    return new Map(found);
  }, [tasks, data]);
}

const stepsUnder = ({ steps, tasks }: Run['tasks'][number]): Run['tasks'][number]['steps'] => [
  ...steps,
  ...tasks.flatMap(stepsUnder),
];

const nouns = { permit: 'permitted', ask: 'asked', deny: 'denied' } as const;

const without = (search: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(search).filter((pair): pair is [string, string] => pair[1] !== undefined));

function Heading({ run }: { readonly run: Run }) {
  const first = run.lanes[0];
  const purpose = first === undefined ? null : purposeOf(first);
  return (
    <header className="grid gap-1.5">
      <p className="flex flex-wrap items-center gap-2 text-interface">
        <Link to="/runs" className="text-accent hover:underline">
          Runs
        </Link>
        <span aria-hidden="true" className="text-text-3">
          /
        </span>
        <Id id={run.run} label="Copy the id of this run" />
      </p>
      <div className="flex flex-wrap items-center gap-3">
        <PageTitle tab="Run">{purpose === null ? 'A task' : <Foreign inline text={purpose} />}</PageTitle>
        {run.state !== null && <StateChip of="task" state={run.state} />}
      </div>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-interface text-text-2">
        {first !== undefined && <Asked run={run} />}
        {run.lanes.filter(isAgents).map((lane, at) => (
          <Fragment key={lane.task}>
            <ArrowRight aria-hidden="true" className="size-3.5" />
            {lane.agent === null ? (
              'nobody took it'
            ) : (
              <span className="inline-flex items-center gap-1">
                <Who who={whoOf(lane.agent)} lane={at === 0 ? 1 : 2} /> {at === 0 ? 'acted' : 'helped'}
              </span>
            )}
          </Fragment>
        ))}
        <span className="whitespace-nowrap">
          · <Time at={run.startedAt} as="day" />, <Time at={run.startedAt} /> to <Time at={run.lastAt} />
        </span>
      </p>
    </header>
  );
}

/** What a person takes back by hand is told at its line. */
const isAgents = ({ undoes }: Lane) => undoes === null;

function Asked({ run }: { readonly run: Run }) {
  const by = run.lanes[0]?.requester;
  if (by === undefined || by === null) return 'Nobody asked: a standing grant';
  return (
    <span className="inline-flex items-center gap-1">
      <Who who={whoOf(by)} /> asked
    </span>
  );
}
