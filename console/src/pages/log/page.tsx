import type { LogPage } from '@ambit/sdk/operator';
import { Link, Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { EntryRows } from './entry-rows.tsx';
import { ExportLog } from './export-log.tsx';
import { type Directory, fieldsSaid, readSearch, type SearchRead, withDecision } from './read-search.ts';

type InAddress = { readonly q?: string; readonly before?: string };

/** The log, newest first, found by any of its fields. */
export function Page() {
  const { me } = usePlane();
  const { q = '', before } = useSearch({ strict: false }) as InAddress;
  const navigate = useNavigate();
  const go = (to: InAddress) => void navigate({ to: '/log', search: to });
  const directory = useDirectory();
  const asked = directory.data === undefined ? null : readSearch(q, directory.data);
  const isAuditor = me.roles.includes('auditor');
  return (
    <div className="grid min-h-full content-start bg-surface">
      <div className="grid gap-3 border-line border-b px-7 pt-5 pb-4 max-sm:px-4">
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div>
            <PageTitle tab="Log">Log</PageTitle>
            <p className="text-interface text-text-2">
              {isAuditor ? (
                'Everything that was decided and changed here, newest first. Each entry can be proven.'
              ) : (
                <>
                  What was done for you, newest first. What you answered for others stands{' '}
                  <TextLink
                    to="/inbox/{-$approval}"
                    params={{ approval: undefined }}
                    search={{ tab: 'answered' } as never}
                  >
                    in the inbox
                  </TextLink>
                  ; a person with the role auditor sees all of it.
                </>
              )}
            </p>
          </div>
          <ExportLog mayExport={isAuditor} />
        </div>
        {/* What was typed and not yet looked for goes when the address says something else. */}
        <SearchField key={q} given={q} onSearch={(text) => go(text === '' ? {} : { q: text })} />
        <TabBar
          label="Which decisions"
          value={asked?.is === 'search' ? (asked.search.decision ?? 'all') : 'all'}
          onChange={(to) => {
            const text = withDecision(q, to === 'all' ? null : to);
            go(text === '' ? {} : { q: text });
          }}
          tabs={[
            { value: 'all', says: 'All' },
            { value: 'permit', says: 'Permit' },
            { value: 'ask', says: 'Ask' },
            { value: 'deny', says: 'Deny' },
          ]}
        />
      </div>
      {directory.isError && directory.data === undefined && (
        <ErrorState what="The log could not be searched." error={directory.error} onTryAgain={directory.refetch} />
      )}
      {directory.isPending && <Loading />}
      {asked !== null && <Results asked={asked} q={q} before={before} />}
    </div>
  );
}

/** By whose names entries are found. */
function useDirectory() {
  return useRead<Directory>(['agents', 'directory'], async ({ operator }) => {
    const [agents, persons] = await Promise.all([
      operator.agents.list({ limit: 500 }),
      operator.persons.list({ limit: 500 }),
    ]);
    return { agents, persons };
  });
}

function SearchField({ given, onSearch }: { readonly given: string; readonly onSearch: (text: string) => void }) {
  const [text, setText] = useState(given);
  const field = useRef<HTMLInputElement>(null);
  useKeys([{ keys: '/', says: 'Search the log', run: () => field.current?.focus() }]);
  return (
    <search className="grid gap-1">
      <form
        className="flex items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text.trim());
        }}
      >
        <label className="relative min-w-0 flex-1">
          <span className="sr-only">Search the log by its fields</span>
          <Search
            aria-hidden="true"
            className="pointer-events-none absolute top-2 left-2.5 size-4 text-text-2 max-sm:top-3.5"
          />
          <input
            ref={field}
            type="search"
            value={text}
            maxLength={400}
            autoComplete="off"
            spellCheck={false}
            aria-describedby="fields-said"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
            placeholder="decision:deny agent:refund-bot resource:shop:order/*"
            className="code h-8 w-full rounded-control border border-line-strong bg-surface pr-2 pl-9 text-text placeholder:text-text-3 max-sm:h-11"
          />
        </label>
        <Button type="submit" className="max-sm:min-h-11">
          Search <KeyCap keys="enter" />
        </Button>
      </form>
      <p id="fields-said" className="text-caption text-text-2">
        By name or id, e.g. <code className="code">refund-bot</code>, or by field.{' '}
        {fieldsSaid.replace('Write one before it: ', '')}
      </p>
    </search>
  );
}

type ResultsProps = { readonly asked: SearchRead; readonly q: string; readonly before: string | undefined };

function Results({ asked, q, before }: ResultsProps) {
  if (asked.is === 'entry') return <Navigate to="/log/$entry" params={{ entry: asked.entry }} replace />;
  if (asked.is === 'fault') {
    return (
      <EmptyState title="This search cannot be read.">
        <Foreign inline text={asked.says} />
      </EmptyState>
    );
  }
  return <Found search={asked.search} q={q} before={/^\d{1,15}$/.test(before ?? '') ? Number(before) : undefined} />;
}

type FoundProps = {
  readonly search: Extract<SearchRead, { is: 'search' }>['search'];
  readonly q: string;
  readonly before: number | undefined;
};

function Found({ search, q, before }: FoundProps) {
  const { me } = usePlane();
  const isWhole = q === '' && me.roles.includes('auditor');
  const name = ['log', 'search', JSON.stringify(search), before ?? null] as const;
  const { data, isPending, error, refetch } = useRead(name, ({ operator }) =>
    operator.log.search({ ...search, ...(before !== undefined && { before }), limit: 50 }),
  );
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (before !== undefined) top.current?.scrollIntoView({ block: 'nearest' });
  }, [before]);
  if (isPending) return <Loading />;
  if (data === undefined)
    return <ErrorState what="The log could not be searched." error={error} onTryAgain={refetch} />;
  return (
    <div ref={top}>
      {data.entries.length === 0 ? <Nothing page={data} q={q} /> : <EntryRows page={data} />}
      <nav
        aria-label="Pages of the log"
        className="flex flex-wrap items-center gap-x-5 px-7 py-4 text-interface max-sm:px-4"
      >
        {before !== undefined && (
          <Link
            to="/log"
            search={q === '' ? {} : { q }}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            Newest
          </Link>
        )}
        {data.next === null ? (
          <span className="text-text-2">{isWhole ? 'This is where the log begins.' : 'Nothing older was found.'}</span>
        ) : (
          <Link
            to="/log"
            search={{ ...(q !== '' && { q }), before: String(data.next) }}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            Older than entry {data.next.toLocaleString()}
          </Link>
        )}
      </nav>
    </div>
  );
}

function Nothing({ page, q }: { readonly page: LogPage; readonly q: string }) {
  if (q === '' && page.next === null)
    return (
      <EmptyState title="Nothing was done for you yet.">
        What agents do for you appears here at once.{' '}
        <TextLink to="/start/{-$step}" params={{ step: undefined }}>
          Send a first call
        </TextLink>
      </EmptyState>
    );
  return (
    <EmptyState
      title={page.next === null ? 'No entry is like that.' : 'No entry in this part of the log is like that.'}
    >
      {page.next !== null && 'It goes on below. '}
      <Link to="/log" search={{}} className="text-accent underline">
        Show all entries
      </Link>
    </EmptyState>
  );
}
