import { type ApprovalId, parseId } from '@ambit/protocol';
import type { Inbox } from '@ambit/sdk/operator';
import { useNavigate, useParams, useRouterState, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { afterPaint } from '../../kit/after-paint.ts';
import { Announce } from '../../kit/announce.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useMedia } from '../../kit/use-media.ts';
import { mayAnswer } from '../../plane/may-answer.ts';
import { useMe } from '../../plane/use-me.ts';
import { useRead } from '../../plane/use-read.ts';
import { Detail } from './detail.tsx';
import { Hint } from './hint.tsx';
import { InboxList } from './inbox-list.tsx';
import { soonestFirst } from './question.ts';
import { rowsOf, type Tab, tabs } from './rows.ts';
import { useAnswered } from './use-answered.ts';
import { useCardsAhead } from './use-cards-ahead.ts';
import { useHeld } from './use-held.ts';

const nothing: Inbox = { now: 0, questions: [], alike: [] };

export function Page() {
  const me = useMe();
  const { approval } = useParams({ strict: false }) as { readonly approval?: string };
  const { tab: given } = useSearch({ strict: false }) as { readonly tab?: string };
  const tab: Tab = tabs.find((one) => one === given) ?? 'mine';
  const selected = parseId('approval', approval) ?? null;
  const navigate = useNavigate();
  const go = useCallback(
    (to: ApprovalId | null, replace = false) =>
      void navigate({
        to: '/inbox/{-$approval}',
        params: { approval: to ?? undefined },
        search: tab === 'mine' ? {} : { tab },
        replace,
      }),
    [navigate, tab],
  );
  const select = useCallback((id: ApprovalId) => go(id), [go]);

  const open = useRead(['approvals', 'inbox'], ({ operator }) => operator.approvals.inbox());
  const answered = useAnswered(tab !== 'answered');
  const shown = tab === 'answered' ? answered : open;
  const [isHeld, setHeld] = useState(false);
  const list = useHeld(shown.data ?? nothing, isHeld && shown.data !== undefined);
  const rows = useMemo(() => rowsOf(list, tab, me, selected), [list, tab, me, selected]);
  const ids = rows.flatMap((row) => (row.is === 'question' ? [row.question.id] : []));
  const first = ids[0] ?? null;

  // With room for both, a card is open; and it stays while the list goes on. Whoever is on the way elsewhere is not called back.
  const isWide = useMedia('(min-width: 1024px)');
  const isHere = useRouterState({ select: ({ location }) => location.pathname.startsWith('/inbox') });
  useEffect(() => {
    if (isWide && isHere && selected === null && first !== null) return afterPaint(() => go(first, true));
  }, [isWide, isHere, selected, first, go]);
  const lastAt = useRef(0);
  const at = selected === null ? -1 : ids.indexOf(selected);
  if (at >= 0) lastAt.current = at;
  useCardsAhead(at < 0 ? ids.slice(0, 2) : [...ids.slice(at + 1, at + 3), ...ids.slice(Math.max(0, at - 1), at)]);
  const step = (by: number) => {
    const next = at >= 0 ? ids[at + by] : ids[Math.min(lastAt.current, ids.length - 1)];
    if (next !== undefined) go(next);
  };
  useKeys([
    { keys: 'j', says: 'Next question', run: () => step(1), repeats: true },
    { keys: 'k', says: 'Question before', run: () => step(-1), repeats: true },
    { keys: 'arrowdown', says: 'Next question', run: () => step(1), repeats: true, isHidden: true },
    { keys: 'arrowup', says: 'Question before', run: () => step(-1), repeats: true, isHidden: true },
    ...(isWide || selected === null ? [] : [{ keys: 'escape', says: 'Back to the list', run: () => go(null) }]),
  ]);

  const waiting = useMemo(
    () => (open.data?.questions ?? []).filter((one) => mayAnswer(one, me)).toSorted(soonestFirst),
    [open.data, me],
  );
  const mine = waiting.length;
  const openNext = () => {
    const next = waiting.find(({ id }) => id !== selected);
    if (next !== undefined) void navigate({ to: '/inbox/{-$approval}', params: { approval: next.id }, search: {} });
  };
  return (
    <div className="flex h-full min-h-0">
      <section
        aria-label="Inbox"
        className={`flex min-h-0 w-full shrink-0 flex-col border-line lg:w-[376px] lg:border-r ${selected === null ? '' : 'max-lg:hidden'}`}
      >
        <div className="flex items-baseline justify-between gap-3 px-4 pt-4">
          <PageTitle tab={mine === 0 ? 'Inbox' : `Inbox, ${mine} waiting`}>Inbox</PageTitle>
          <span className="text-caption text-text-2">{tab === 'answered' ? 'Newest first' : 'Soonest first'}</span>
        </div>
        <div className="border-line border-b px-4 py-3">
          <TabBar
            label="Which questions"
            value={tab}
            onChange={(to) =>
              void navigate({ to: '/inbox/{-$approval}', params: {}, search: to === 'mine' ? {} : { tab: to } })
            }
            tabs={[
              { value: 'mine', says: 'For you', count: open.data && mine },
              { value: 'all', says: 'Everyone’s', count: open.data?.questions.length },
              { value: 'answered', says: 'Answered' },
            ]}
          />
        </div>
        {shown.isPending && <Loading />}
        {shown.isError && shown.data === undefined && (
          <ErrorState what="The inbox could not be loaded." error={shown.error} onTryAgain={shown.refetch} />
        )}
        {shown.data !== undefined && rows.length === 0 && <Empty tab={tab} />}
        <InboxList rows={rows} me={me} selected={selected} onSelect={select} onHold={setHeld} />
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-t px-4 py-5 text-caption text-text-2 max-sm:hidden">
          <Hint keys={['j', 'k']} says="move" />
          <Hint keys={['a']} says="approve" />
          <Hint keys={['r']} says="refuse" />
          <Hint keys={['?']} says="all keys" />
        </p>
      </section>
      {selected !== null && (
        <div data-fills-phone className="min-h-0 min-w-0 flex-1">
          <Detail
            // A card of its own for each question: nothing that was begun on one goes on with another.
            key={selected}
            id={selected}
            open={open.data ?? nothing}
            listed={list.questions.find(({ id }) => id === selected)}
            more={waiting.filter(({ id }) => id !== selected).length}
            onNext={openNext}
            position={at >= 0 ? `${at + 1} of ${ids.length}` : ''}
            onBack={() => go(null)}
          />
        </div>
      )}
      <Announce says={mine === 0 ? '' : mine === 1 ? '1 question waits for you.' : `${mine} questions wait for you.`} />
    </div>
  );
}

function Empty({ tab }: { readonly tab: Tab }) {
  if (tab === 'answered')
    return (
      <EmptyState title="Nothing was answered yet.">
        <TextLink to="/inbox/{-$approval}" params={{ approval: undefined }} search={{ tab: 'all' } as never}>
          Show what waits
        </TextLink>
      </EmptyState>
    );
  return (
    <EmptyState title={tab === 'all' ? 'Nothing waits for anybody.' : 'Nothing waits for you.'}>
      Questions appear here the moment an agent needs a person.{' '}
      <TextLink to="/start/{-$step}" params={{ step: 'yes' }}>
        Let an agent ask one
      </TextLink>
    </EmptyState>
  );
}
