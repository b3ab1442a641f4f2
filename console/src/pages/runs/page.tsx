import type { RunInShort } from '@ambit/sdk/operator';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { type Decision, DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { readSince, readTime } from '../../kit/read-time.ts';
import { StateChip } from '../../kit/state-chip.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useNow } from '../../kit/use-now.ts';
import { Who } from '../../kit/who.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

const pageSize = 200;
const decisions = ['permit', 'ask', 'deny'] as const;
const filters = [
  { value: 'all', says: 'All' },
  { value: 'ask', says: 'With questions' },
  { value: 'deny', says: 'With denials' },
] as const;
type Filter = (typeof filters)[number]['value'];

/** What agents did, newest first. */
export function Page() {
  const { operator } = usePlane();
  const { show } = useSearch({ strict: false }) as { readonly show?: string };
  const filter: Filter = filters.find(({ value }) => value === show)?.value ?? 'all';
  const navigate = useNavigate();
  const newest = useRead(['runs', 'newest'], (session) => session.operator.runs.list({ limit: pageSize }));
  const older = useOlder((before) => operator.runs.list({ limit: pageSize, before }));
  const pages = useMemo(
    () => (newest.data === undefined ? [] : [newest.data, ...older.pages]),
    [newest.data, older.pages],
  );
  const names = useMemo<Names>(() => Object.assign({}, ...pages.map((page) => page.names)), [pages]);
  const all = useMemo(
    () => [...new Map(pages.flatMap((page) => page.runs).map((run) => [run.run, run])).values()],
    [pages],
  );
  const runs = filter === 'all' ? all : all.filter(({ decided }) => (decided?.[filter] ?? 0) > 0);
  const next = pages.at(-1)?.next ?? null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center justify-between gap-3 px-7 pt-5 pb-4 max-sm:px-4">
        <PageTitle tab="Runs">Runs</PageTitle>
        <TabBar
          label="Which runs"
          value={filter}
          onChange={(to) => void navigate({ to: '/runs', search: to === 'all' ? {} : { show: to }, replace: true })}
          tabs={filters.map((one) => ({ ...one, ...(one.value === 'all' && { count: all.length }) }))}
        />
      </div>
      {newest.isPending && <Loading />}
      {newest.isError && newest.data === undefined && (
        <ErrorState what="The runs could not be loaded." error={newest.error} onTryAgain={newest.refetch} />
      )}
      {newest.data !== undefined && all.length === 0 && (
        <EmptyState title="No run is here yet.">
          What agents do for you is here at once; a reviewer or an auditor sees what they do for everybody.{' '}
          <TextLink to="/start/{-$step}" params={{ step: undefined }}>
            Send a first call
          </TextLink>
        </EmptyState>
      )}
      {all.length > 0 && runs.length === 0 && (
        <EmptyState title={filter === 'ask' ? 'No run had a question.' : 'No run had a denial.'}>
          <Link to="/runs" search={{}} className="text-accent underline">
            Show all {all.length}
          </Link>
        </EmptyState>
      )}
      {runs.length > 0 && <RunList runs={runs} names={names} />}
      {next !== null && (
        <p className="flex items-center gap-3 border-line border-t px-7 py-3 text-caption text-text-2 max-sm:px-4">
          <Button disabled={older.isReading} onClick={() => older.read(next)}>
            {older.isReading ? 'Loading older runs…' : 'Show older runs'}
          </Button>
          {older.failed !== null && <span role="alert">They could not be loaded. Try again.</span>}
          <span>{all.length.toLocaleString()} are shown.</span>
        </p>
      )}
    </div>
  );
}

type Names = Readonly<Record<string, string>>;

/** Pages that were asked for by hand. They are the past: only the newest one changes. */
function useOlder<T>(read: (before: number) => Promise<T>) {
  const [pages, setPages] = useState<readonly T[]>([]);
  const [isReading, setReading] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  return {
    pages,
    isReading,
    failed,
    read(before: number) {
      setReading(true);
      setFailed(null);
      read(before)
        .then((page) => setPages((known) => [...known, page]), setFailed)
        .finally(() => setReading(false));
    },
  };
}

/** What a row is likely to be high, until it is measured. */
const rowHeight = 56;

function RunList({ runs, names }: { readonly runs: readonly RunInShort[]; readonly names: Names }) {
  const scroller = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const [at, setAt] = useState(-1);
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => runs[index]?.run ?? index,
    overscan: 4,
  });
  useEffect(() => {
    if (at < 0) return;
    virtual.scrollToIndex(at, { align: 'auto' });
    scroller.current?.querySelector<HTMLElement>(`[data-index="${at}"] a`)?.focus({ preventScroll: true });
  }, [at, virtual]);
  const step = (by: number) => setAt(Math.min(runs.length - 1, Math.max(0, at + by)));
  const open = () => {
    const run = runs[at]?.run;
    if (run !== undefined) void navigate({ to: '/runs/$task', params: { task: run } });
  };
  useKeys([
    { keys: 'j', says: 'Next run', run: () => step(1), repeats: true },
    { keys: 'k', says: 'Run before', run: () => step(-1), repeats: true },
    { keys: 'o', says: 'Open the run', run: open },
  ]);
  return (
    // Whoever has no pointer scrolls it by its own keys.
    <section
      ref={scroller}
      aria-label="Runs, newest first"
      className="min-h-0 flex-1 overflow-y-auto border-line border-t bg-surface"
    >
      <ol className="relative m-0 list-none p-0" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const run = runs[index];
          if (run === undefined) return null;
          return (
            <li
              key={key}
              data-index={index}
              ref={virtual.measureElement}
              aria-setsize={runs.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0 contain-layout"
              style={{ transform: `translateY(${start}px)` }}
            >
              <Row run={run} names={names} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Drawn anew only where something of it changed: while one scrolls, most rows stay as they are. */
const Row = memo(function Row({ run, names }: { readonly run: RunInShort; readonly names: Names }) {
  const now = useNow();
  const named = (id: string) => names[id] ?? id;
  return (
    <Link
      to="/runs/$task"
      params={{ task: run.run }}
      className="flex min-h-12 flex-wrap items-center gap-x-5 gap-y-1 border-line border-b px-7 py-2 text-interface -outline-offset-2 hover:bg-hover max-sm:px-4"
    >
      <span className="grid min-w-0 flex-1 basis-60 gap-0.5">
        <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          {run.agent === null ? (
            <span className="text-text-2">No agent took it yet</span>
          ) : (
            <span className="font-medium">
              <Who who={{ kind: 'agent', name: named(run.agent) }} />
            </span>
          )}
          <span className="text-text-2">{run.requester === null ? 'on its own' : 'for'}</span>
          {run.requester !== null && <Who who={{ kind: 'person', name: named(run.requester) }} />}
        </span>
        {run.purpose !== null && (
          <span className="text-text-2 wrap-anywhere">
            <Foreign inline text={run.purpose.text} />
          </span>
        )}
      </span>
      <Counts decided={run.decided} />
      <span className="flex w-24 max-sm:w-auto">{run.state !== null && <StateChip of="task" state={run.state} />}</span>
      <time
        dateTime={new Date(run.at).toISOString()}
        title={readTime.full(run.at)}
        className="w-36 text-right text-text-2 tabular-nums max-sm:w-auto"
      >
        {readSince(run.at, now)}
      </time>
    </Link>
  );
});

const words: Readonly<Record<Decision, string>> = { permit: 'permitted', ask: 'asked', deny: 'denied' };

function Counts({ decided }: Pick<RunInShort, 'decided'>) {
  if (decided === null) return null;
  return (
    <span className="flex gap-3 tabular-nums max-sm:gap-2">
      {decisions.map((one) => (
        <span
          key={one}
          className={`flex w-14 items-center gap-1 ${decided[one] === 0 ? 'invisible max-sm:hidden' : 'max-sm:w-auto'}`}
        >
          <DecisionMark decision={one} />
          {decided[one]}
          {decided.isCut && '+'}
          <span className="sr-only"> {words[one]}</span>
        </span>
      ))}
    </span>
  );
}
