import { parseId } from '@ambit/protocol';
import type { Proposal } from '@ambit/sdk/operator';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Announce } from '../../kit/announce.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { useKeys } from '../../kit/keys.ts';
import { moveInList } from '../../kit/move-in-list.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { mayConfirm } from '../../plane/may-confirm.ts';
import { useMe } from '../../plane/use-me.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { ProposalCard } from './proposal-card.tsx';
import { ProposalChip } from './proposal-chip.tsx';

const tabs = ['mine', 'waiting', 'answered'] as const;
type Tab = (typeof tabs)[number];

/** Changes that lower a gate and wait for a second person, and one of them whole. */
export function Page() {
  const { proposal } = useParams({ strict: false }) as { readonly proposal?: string };
  if (proposal === undefined) return <All />;
  return <ProposalCard key={proposal} id={parseId('proposal', proposal)} />;
}

const over = ['done', 'refused', 'failed'] as const;

function All() {
  const me = useMe();
  const now = useNow();
  const navigate = useNavigate();
  const { show } = useSearch({ strict: false }) as { readonly show?: string };
  const tab: Tab = tabs.find((one) => one === show) ?? 'mine';
  const open = useRead(['proposals', 'open'], ({ operator }) => operator.proposals.list());
  const answered = useRead(
    ['proposals', 'answered'],
    async ({ operator }) => {
      const lists = await Promise.all(over.map((state) => operator.proposals.list({ state })));
      return lists.flat().toSorted((one, other) => other.proposedAt - one.proposedAt);
    },
    { isOff: tab !== 'answered' },
  );
  const required = useRead(['proposals', 'two-persons'], ({ operator }) => operator.proposals.twoPersons());
  useKeys([
    { keys: 'j', says: 'Next proposal', run: () => moveInList(1), repeats: true },
    { keys: 'k', says: 'Proposal before', run: () => moveInList(-1), repeats: true },
  ]);
  const mine = (open.data ?? []).filter((one) => mayConfirm(one, me, now));
  const shown = tab === 'answered' ? answered : open;
  const rows = tab === 'mine' ? mine : (shown.data ?? []);
  return (
    <div className="grid max-w-[62rem] gap-4 px-8 py-6 max-sm:px-4">
      <header className="grid gap-1">
        <PageTitle tab={mine.length === 0 ? 'Proposals' : `Proposals, ${mine.length} waiting`}>Proposals</PageTitle>
        <p className="max-w-[72ch] text-interface text-text-2">
          {required.data === false
            ? 'One person lowers a gate here. An administrator can want two, in the settings.'
            : 'What lowers a gate is done after a second person with the same right has signed exactly what would change.'}
        </p>
      </header>
      <TabBar
        label="Which proposals"
        value={tab}
        onChange={(to) =>
          void navigate({
            to: '/proposals/{-$proposal}',
            params: { proposal: undefined },
            search: (to === 'mine' ? {} : { show: to }) as never,
          })
        }
        tabs={[
          { value: 'mine', says: 'For you', count: open.data && mine.length },
          { value: 'waiting', says: 'All that wait', count: open.data?.length },
          { value: 'answered', says: 'Answered' },
        ]}
      />
      {shown.isPending && <Loading />}
      {shown.isError && shown.data === undefined && (
        <ErrorState what="The proposals could not be loaded." error={shown.error} onTryAgain={shown.refetch} />
      )}
      {shown.data !== undefined && rows.length === 0 && <Empty tab={tab} waiting={open.data?.length ?? 0} />}
      {rows.length > 0 && (
        <ul aria-label="Proposals" className="border-line border-t">
          {rows.map((one) => (
            <Row key={one.id} proposal={one} />
          ))}
        </ul>
      )}
      <Announce
        says={
          mine.length === 0
            ? ''
            : mine.length === 1
              ? '1 proposal waits for you.'
              : `${mine.length} proposals wait for you.`
        }
      />
    </div>
  );
}

function Empty({ tab, waiting }: { readonly tab: Tab; readonly waiting: number }) {
  if (tab === 'answered')
    return (
      <EmptyState title="Nothing was answered yet.">
        <TextLink to="/proposals/{-$proposal}" search={{ show: 'waiting' } as never}>
          Show what waits
        </TextLink>
      </EmptyState>
    );
  if (tab === 'waiting' || waiting === 0)
    return (
      <EmptyState title="Nothing waits for a second person.">
        Where two persons are wanted, changes that lower a gate appear here.{' '}
        <TextLink to="/settings/{-$tab}" params={{ tab: 'people' }}>
          See whether they are
        </TextLink>
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing waits for you.">
      <Link to="/proposals/{-$proposal}" search={{ show: 'waiting' } as never} className="text-accent underline">
        Show all {waiting} that wait
      </Link>
    </EmptyState>
  );
}

function Row({ proposal }: { readonly proposal: Proposal }) {
  const names = useNames();
  const { id, says, proposedBy, proposedAt, expiresAt, state } = proposal;
  return (
    <li className="relative flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-2 py-2 hover:bg-hover">
      <span className="min-w-0 flex-1 basis-72">
        <Link
          to="/proposals/{-$proposal}"
          params={{ proposal: id }}
          data-in-list
          className="font-medium text-interface wrap-anywhere after:absolute after:inset-0 hover:underline"
        >
          <Foreign inline text={says} />
        </Link>
        <span className="block text-caption text-text-2">
          <Who who={{ kind: 'person', name: names[proposedBy] ?? proposedBy }} /> asked for it{' '}
          <When at={proposedAt} as="since" />
          {state === 'open' && (
            <>
              , ends <When at={expiresAt} as="day" />
            </>
          )}
        </span>
      </span>
      <ProposalChip proposal={proposal} />
    </li>
  );
}
