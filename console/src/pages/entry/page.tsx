import { type EntryHeader, type EntryId, parseId } from '@ambit/protocol';
import type { EntryShown, RunLine } from '@ambit/sdk/operator';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { DecisionChip, DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { When } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { WhyList } from '../../kit/why-list.tsx';
import { pageFiles } from '../../page-files.ts';
import { useReach } from '../../plane/reach.ts';
import { useRead } from '../../plane/use-read.ts';
import { DetailFold } from './detail-fold.tsx';
import { ProofCard } from './proof-card.tsx';
import { useProof } from './use-proof.ts';

/** One line of the log: what it says, and that it is there. */
export function Page() {
  const { entry } = useParams({ strict: false }) as { readonly entry?: string };
  const id = parseId('entry', entry);
  if (id === undefined) {
    return (
      <div className="p-6">
        <PageTitle tab="Entry">Entry</PageTitle>
        <EmptyState title="This is not the id of an entry.">
          It begins with ent_ and stands in the log. <TextLink to="/log">Search the log</TextLink>
        </EmptyState>
      </div>
    );
  }
  return <Found key={id} id={id} />;
}

function Found({ id }: { readonly id: EntryId }) {
  const { data, isPending, error, refetch } = useRead(['log', 'one', id], ({ operator }) => operator.log.entry(id));
  if (data !== undefined) return <Shown read={data} />;
  return (
    <div className="p-4">
      <PageTitle tab="Entry">Entry</PageTitle>
      {isPending ? (
        <Loading />
      ) : (
        <ErrorState what="This entry could not be loaded." error={error} onTryAgain={refetch}>
          <TextLink to="/log">Search the log</TextLink>
        </ErrorState>
      )}
    </div>
  );
}

function Shown({ read }: { readonly read: EntryShown }) {
  const { state, check } = useProof(read.header.id);
  const { lostSince } = useReach();
  // What was proven is what stands here, byte for byte, and not what was read again since.
  const shown = state.is === 'proven' ? state.of : read;
  const { header, receipt, names, says } = shown;
  const line = useLine(header);
  const isUnproved = header.who.initiator === 'unproved';
  const isOff = state.is === 'checking' || lostSince !== null;
  useKeys([{ keys: 'v', says: 'Verify on this page', run: () => !isOff && void check() }]);
  return (
    <div className="flex min-h-full max-xl:flex-col">
      <div className="min-w-0 flex-1 bg-surface px-7 py-4 max-sm:px-4">
        <div className="grid max-w-[880px] gap-5">
          <header className="grid gap-2">
            <p className="flex flex-wrap items-center gap-2 text-interface">
              <Link to="/log" className="text-accent hover:underline">
                Log
              </Link>
              <span aria-hidden="true" className="text-text-3">
                /
              </span>
              <span>Entry {receipt.index.toLocaleString()}</span>
              {header.decision !== null && <DecisionChip decision={header.decision} />}
            </p>
            <PageTitle tab="Entry" isSentence>
              {line === null ? <Foreign inline text={says} /> : <Sentence parts={line.told} />}
            </PageTitle>
          </header>
          <dl className="m-0 grid grid-cols-[7.5rem_1fr] gap-x-4 gap-y-2.5 text-interface max-sm:grid-cols-1 max-sm:gap-y-0.5 max-sm:[&>dd]:mb-2">
            <Fact name="When">
              <When at={header.at} as="day" />, <When at={header.at} as="second" />
            </Fact>
            <Fact name="What">
              <span className="code">
                <Foreign inline text={header.kind} />
              </span>{' '}
              {line !== null && <span className="text-text-2">{says}</span>}
            </Fact>
            <Named name="Who asked" id={header.who.requester} names={names} isOfToken={isUnproved} />
            <Named name="Agent" id={header.who.agent} names={names} isOfToken={isUnproved} />
            {header.who.initiator !== header.who.requester && header.who.initiator !== header.who.agent && (
              <Named name="Set off by" id={header.who.initiator} names={names} />
            )}
            {header.task !== null && (
              <Fact name="Task">
                <Id id={header.task} label="Copy the id of the task" />
                {header.run !== null && pageFiles.run !== undefined && <ToRun run={header.run} index={line?.index} />}
              </Fact>
            )}
            <Words name="Action" text={header.action} />
            <Words name="Code" text={header.code} />
            {line === null && shown.denied !== null && (
              <Fact name="Why">
                <WhyList line={{ why: [], denied: shown.denied }} />
              </Fact>
            )}
            <Why line={line} />
            {header.keys.length > 0 && (
              <Fact name="About">
                <ul className="code m-0 list-none p-0">
                  {header.keys.map((key) => (
                    <li key={key}>
                      <Foreign inline text={key} />
                    </li>
                  ))}
                </ul>
              </Fact>
            )}
            {header.changes.length > 0 && (
              <Fact name="Changed">
                <ul className="code m-0 list-none p-0">
                  {header.changes.map(({ table, key, hash }) => (
                    <li key={`${table} ${key}`}>
                      <Foreign inline text={`${table} ${key}${hash === null ? ', removed' : ''}`} />
                    </li>
                  ))}
                </ul>
              </Fact>
            )}
            <Fact name="Came by">
              <span className="code">
                <Foreign inline text={`${header.who.channel}, proved by ${header.who.proof}`} />
              </span>
            </Fact>
            {header.about !== null && (
              <Fact name="Completes">
                <Link to="/log/$entry" params={{ entry: header.about }} className="code text-accent hover:underline">
                  {header.about}
                </Link>
              </Fact>
            )}
            <Fact name="Entry">
              <Id id={header.id} label="Copy the id of this entry" />
            </Fact>
          </dl>
          {line?.claim != null && <Foreign by="The agent’s words" text={line.claim.text} />}
          <DetailFold shown={shown} />
        </div>
      </div>
      <ProofCard shown={shown} state={state} isOff={isOff} onCheck={() => void check()} />
    </div>
  );
}

/** The same entry as a line of its run, with sentences of what was wanted and why; null where it is in none. */
function useLine({ id, about, run }: EntryHeader): RunLine | null {
  const { data } = useRead(
    ['runs', 'one', run],
    ({ operator }) => (run === null ? Promise.resolve(null) : operator.runs.show(run)),
    { isOff: run === null },
  );
  return data?.lines.find(({ entry }) => entry === id || entry === about) ?? null;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

function Words({ name, text }: { readonly name: string; readonly text: string | null }) {
  if (text === null) return null;
  return (
    <Fact name={name}>
      <span className="code">
        <Foreign inline text={text} />
      </span>
    </Fact>
  );
}

type NamedProps = {
  readonly name: string;
  readonly id: string | null;
  readonly names: Readonly<Record<string, string>>;
  /** A token or key that came along says so, and nothing more was proved. */
  readonly isOfToken?: boolean;
};

function Named({ name, id, names, isOfToken = false }: NamedProps) {
  if (id === null) return null;
  const isAgent = parseId('agent', id) !== undefined;
  const known = names[id];
  return (
    <Fact name={name}>
      <span className="flex flex-wrap items-center gap-x-3">
        {known !== undefined && <Who who={{ kind: isAgent ? 'agent' : 'person', name: known }} />}
        <span className="code text-text-2">
          <Foreign inline text={id} />
        </span>
        {isOfToken && <span className="text-text-2">as the token or key says that came along</span>}
      </span>
    </Fact>
  );
}

function ToRun({ run, index }: { readonly run: string; readonly index: number | undefined }) {
  const search = index === undefined ? {} : { line: String(index), panel: 'line' };
  return (
    <Link to="/runs/$task" params={{ task: run }} search={search} className="ml-3 text-accent hover:underline">
      Open its run
    </Link>
  );
}

function Why({ line }: { readonly line: RunLine | null }) {
  if (line === null) return null;
  return (
    <>
      {(line.why.length > 0 || line.denied !== null) && (
        <Fact name="Why">
          <WhyList line={line} />
        </Fact>
      )}
      {line.answers.map((one) => (
        <Fact key={one.at} name="Answered">
          <span className="inline-flex items-center gap-1.5">
            <DecisionMark decision={one.answer === 'yes' ? 'permit' : 'deny'} size={12} />
            <span>
              <Sentence parts={one.sentence} />
            </span>
          </span>
        </Fact>
      ))}
      {line.outcome !== null && (
        <Fact name="Came back">
          <Sentence parts={line.outcome.sentence} />
        </Fact>
      )}
    </>
  );
}
