import { type ApprovalId, parseId } from '@ambit/protocol';
import {
  type Approval,
  type ApprovalList,
  type Became,
  type Bounds,
  type Me,
  rememberableOf,
} from '@ambit/sdk/operator';
import { useNavigate, useParams, useRouterState, useSearch } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Announce } from '../../kit/announce.tsx';
import { Countdown } from '../../kit/countdown.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeySettings } from '../../kit/key-settings.ts';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { TabBar } from '../../kit/tab-bar.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useMedia } from '../../kit/use-media.ts';
import { useNow } from '../../kit/use-now.ts';
import { pageFiles } from '../../page-files.ts';
import { mayAnswer, whyNot } from '../../plane/may-answer.ts';
import { mayReadRun } from '../../plane/may-read-run.ts';
import { useReach } from '../../plane/reach.ts';
import { useMe } from '../../plane/use-me.ts';
import { useRead } from '../../plane/use-read.ts';
import { AnswerBar } from './answer-bar.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { GroupBar } from './group-bar.tsx';
import { type Group, groupOf } from './group-of.ts';
import { InboxList } from './inbox-list.tsx';
import { isOpen } from './question.ts';
import { rowsOf, type Tab, tabs } from './rows.ts';
import { useAnswered } from './use-answered.ts';
import { type Answering, useAnswering } from './use-answering.ts';
import { useHeld } from './use-held.ts';

// First the card can be read; what asks for the answer comes right after it.
const loadDialog = async () => ({ default: (await import('./answer-dialog.tsx')).AnswerDialog });
const AnswerDialog = lazy(loadDialog);
const loadRemember = async () => ({ default: (await import('./remember-dialog.tsx')).RememberDialog });
const RememberDialog = lazy(loadRemember);
const TogetherDialog = lazy(async () => ({ default: (await import('./together-dialog.tsx')).TogetherDialog }));
const afterCardMs = 200;

const nothing: ApprovalList = { now: 0, approvals: [], alike: [] };

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
  const ids = rows.flatMap((row) => (row.is === 'question' ? [row.approval.id] : []));
  const first = ids[0] ?? null;

  // With room for both, a card is open; and it stays while the list goes on. Whoever is on the way elsewhere is not called back.
  const isWide = useMedia('(min-width: 1024px)');
  const isHere = useRouterState({ select: ({ location }) => location.pathname.startsWith('/inbox') });
  useEffect(() => {
    if (isWide && isHere && selected === null && first !== null) go(first, true);
  });
  const lastAt = useRef(0);
  const at = selected === null ? -1 : ids.indexOf(selected);
  if (at >= 0) lastAt.current = at;
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

  const mine = useMemo(() => (open.data?.approvals ?? []).filter((one) => mayAnswer(one, me)).length, [open.data, me]);
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
              { value: 'all', says: 'Everyone’s', count: open.data?.approvals.length },
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
            list={open.data ?? nothing}
            position={at >= 0 ? `${at + 1} of ${ids.length}` : ''}
            onBack={() => go(null)}
          />
        </div>
      )}
      <Announce says={mine === 0 ? '' : mine === 1 ? '1 question waits for you.' : `${mine} questions wait for you.`} />
    </div>
  );
}

function Hint({ keys, says }: { readonly keys: readonly string[]; readonly says: string }) {
  if (useKeySettings().isOff) return null;
  return (
    <span className="flex items-center gap-1.5">
      {keys.map((one) => (
        <KeyCap key={one} keys={one} />
      ))}
      {says}
    </span>
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

type DetailProps = {
  readonly id: ApprovalId;
  readonly list: ApprovalList;
  readonly position: string;
  readonly onBack: () => void;
};

// Whether the exact call is open stays from card to card.
let isCallKeptOpen = false;

function Detail({ id, list, position, onBack }: DetailProps) {
  const me = useMe();
  const { lostSince } = useReach();
  const now = useNow();
  const navigate = useNavigate();
  const [isCallOpen, setCallOpen] = useState(isCallKeptOpen);
  const one = useRead(['approvals', 'one', id], ({ operator }) => operator.approvals.show(id));
  // The list has it already: the card is there at once, and read anew behind it.
  const approval = one.data ?? list.approvals.find((each) => each.id === id);
  const { answering, notice, begin, setReason, close, confirm, tell } = useAnswering(approval, now);
  const [together, setTogether] = useState<{ readonly seen: Group; readonly answer: 'yes' | 'no' } | null>(null);
  const group = useMemo(
    () => (approval === undefined ? null : groupOf(list, approval, me, now)),
    [list, approval, me, now],
  );
  const isMine = approval !== undefined && isOpen(approval, now) && mayAnswer(approval, me);
  const isOff = lostSince !== null;
  const rememberable = approval !== undefined && isMine ? rememberableOf(approval) : null;
  const mayRemember = rememberable !== null && 'widest' in rememberable;
  useEffect(() => {
    if (!isMine) return;
    const soon = setTimeout(() => {
      void loadDialog();
      if (mayRemember) void loadRemember();
    }, afterCardMs);
    return () => clearTimeout(soon);
  }, [isMine, mayRemember]);
  const toggleCall = () => {
    isCallKeptOpen = !isCallOpen;
    setCallOpen(!isCallOpen);
  };
  useKeys([
    ...(isMine && !isOff
      ? [
          { keys: 'a', says: 'Approve…', run: () => begin(approval, 'yes') },
          { keys: 'r', says: 'Refuse…', run: () => begin(approval, 'no') },
          ...(mayRemember
            ? [{ keys: 'shift+a', says: 'Approve and remember…', run: () => begin(approval, 'remember') }]
            : []),
        ]
      : []),
    { keys: 'e', says: 'The exact call', run: toggleCall },
    ...(approval !== undefined && leadsToRun(approval, me)
      ? [
          {
            keys: 'o',
            says: 'Open the run',
            run: () => void navigate({ to: '/runs/$task', params: { task: approval.run } }),
          },
        ]
      : []),
  ]);
  if (approval === undefined) {
    return one.isError ? (
      <ErrorState what="This question could not be loaded." error={one.error} onTryAgain={one.refetch}>
        <TextLink to="/inbox/{-$approval}" params={{ approval: undefined }}>
          To the inbox
        </TextLink>
      </ErrorState>
    ) : (
      <Loading />
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-12 items-center gap-2 border-line border-b px-2 lg:hidden">
        <button
          type="button"
          onClick={onBack}
          className="flex min-h-11 min-w-11 items-center gap-2 rounded-control pr-3 font-semibold text-body hover:bg-hover"
        >
          <ChevronLeft aria-hidden="true" className="ml-2 size-5" />
          Inbox
        </button>
        <span className="text-interface text-text-2">{position}</span>
        {isOpen(approval, now) && (
          <span className="ml-auto pr-2 text-interface sm:hidden">
            <Countdown from={approval.askedAt} to={approval.expiresAt} isShort />
          </span>
        )}
      </div>
      {group !== null && (
        <GroupBar group={group} isOff={isOff} onAnswer={(answer) => setTogether({ seen: group, answer })} />
      )}
      <div className="min-h-0 flex-1">
        <ApprovalCard
          approval={approval}
          leadsToRun={leadsToRun(approval, me)}
          isCallOpen={isCallOpen}
          onToggleCall={toggleCall}
          notice={
            notice !== null && (
              <p role="status" className="rounded-card border border-ask-line bg-ask-soft px-4 py-2.5 text-interface">
                {notice}
              </p>
            )
          }
          foot={
            isMine ? (
              <AnswerBar approval={approval} onAnswer={(word) => begin(approval, word)} isOff={isOff} />
            ) : (
              <NotYours says={isOpen(approval, now) ? whyNot(approval, me) : null} />
            )
          }
        />
      </div>
      {answering !== null && (
        <Suspense>
          <Asking
            answering={answering}
            onReason={setReason}
            onClose={close}
            onConfirm={(bounds) => void confirm(bounds)}
          />
        </Suspense>
      )}
      {together !== null && (
        <Suspense>
          <TogetherDialog
            {...together}
            list={list}
            onClose={() => setTogether(null)}
            onAnswered={(became) => {
              setTogether(null);
              tell(sayLeft(became));
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

/** What the card does not say itself: that some were not answered, and why. */
function sayLeft(became: readonly Became[]): string | null {
  const left = became.flatMap((one) => ('refused' in one ? [one.refused] : []));
  if (left.length === 0) return null;
  const whys = [...new Set(left.map(({ title, says }) => `${title}. ${says}`))];
  return `${left.length} of ${became.length} ${left.length === 1 ? 'was' : 'were'} not answered: ${whys.join(' ')}`;
}

type AskingProps = {
  readonly answering: Answering;
  readonly onReason: (reason: string) => void;
  readonly onClose: () => void;
  readonly onConfirm: (bounds?: Bounds) => void;
};

/** What asks for the answer, by which of them was chosen. */
function Asking({ answering: { word, reason, ...answering }, onReason, onClose, onConfirm }: AskingProps) {
  const rememberable = rememberableOf(answering.seen);
  if (word !== 'remember') {
    const own = { answer: word, reason, onReason, onClose, onConfirm: () => onConfirm() };
    return <AnswerDialog {...answering} {...own} />;
  }
  if ('never' in rememberable) return null;
  return <RememberDialog {...answering} widest={rememberable.widest} onClose={onClose} onConfirm={onConfirm} />;
}

const leadsToRun = ({ requester }: Approval, me: Me): boolean =>
  pageFiles.run !== undefined && mayReadRun(requester, me);

function NotYours({ says }: { readonly says: string | null }) {
  return (
    <footer className="flex min-h-[68px] items-center border-line border-t px-8 py-3.5 text-interface text-text-2 max-sm:px-4">
      {says ?? (
        <span className="flex items-center gap-2">
          There is nothing left to answer. <Hint keys={['j']} says="next" />
        </span>
      )}
    </footer>
  );
}
