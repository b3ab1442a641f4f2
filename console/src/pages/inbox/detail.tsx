import type { ApprovalId } from '@ambit/protocol';
import {
  type Approval,
  type Became,
  type Bounds,
  type Inbox,
  type ListedQuestion,
  type Me,
  rememberableOf,
} from '@ambit/sdk/operator';
import { useNavigate } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Countdown } from '../../kit/countdown.tsx';
import { sayFault } from '../../kit/fault.tsx';
import { useKeys } from '../../kit/keys.ts';
import { Sentence } from '../../kit/sentence.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useAttempt } from '../../kit/use-attempt.ts';
import { useNow } from '../../kit/use-now.ts';
import { pageFiles } from '../../page-files.ts';
import { mayAnswer, whyNot } from '../../plane/may-answer.ts';
import { mayReadRun } from '../../plane/may-read-run.ts';
import { useReach } from '../../plane/reach.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';
import { AnswerBar } from './answer-bar.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { cardName } from './card-name.ts';
import { GroupBar } from './group-bar.tsx';
import { type Group, groupOf } from './group-of.ts';
import { Hint } from './hint.tsx';
import { isOpen } from './question.ts';
import { type Answering, useAnswering } from './use-answering.ts';

// First the card can be read; what asks for the answer comes right after it.
const loadDialog = async () => ({ default: (await import('./answer-dialog.tsx')).AnswerDialog });
const AnswerDialog = lazy(loadDialog);
const loadRemember = async () => ({ default: (await import('./remember-dialog.tsx')).RememberDialog });
const RememberDialog = lazy(loadRemember);
const TogetherDialog = lazy(async () => ({ default: (await import('./together-dialog.tsx')).TogetherDialog }));
const afterCardMs = 200;

type DetailProps = {
  readonly id: ApprovalId;
  /** What is open: those like this one are among it. */
  readonly open: Inbox;
  /** As the list has it, where it does. */
  readonly listed: ListedQuestion | undefined;
  readonly position: string;
  /** How many others wait for whoever looks. */
  readonly more: number;
  readonly onNext: () => void;
  readonly onBack: () => void;
};

// Whether the exact call is open stays from card to card.
let isCallKeptOpen = false;

/** One question with its card and its answers. The list has only its sentence: nothing is answered that was not read whole. */
export function Detail({ id, open, listed, position, more, onNext, onBack }: DetailProps) {
  const { me, operator } = usePlane();
  const { lostSince } = useReach();
  const now = useNow();
  const navigate = useNavigate();
  const [isCallOpen, setCallOpen] = useState(isCallKeptOpen);
  const one = useRead(cardName(id), ({ operator }) => operator.approvals.show(id));
  const approval = one.data;
  const { answering, notice, begin, setReason, close, confirm, tell } = useAnswering(approval, now);
  const [together, setTogether] = useState<Together | null>(null);
  const gathering = useAttempt();
  const group = useMemo(
    () => (approval === undefined ? null : groupOf(open, approval, me, now)),
    [open, approval, me, now],
  );
  const gather = ({ alike, members }: Group, answer: 'yes' | 'no') =>
    gathering.run(async () => {
      const cards = await Promise.all(members.map((member) => operator.approvals.show(member.id)));
      setTogether({ alike, members: cards, answer });
    });
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
    if (!one.isError) return <Coming listed={listed} bar={<BackBar position={position} onBack={onBack} />} />;
    return (
      <ErrorState what="This question could not be loaded." error={one.error} onTryAgain={one.refetch}>
        <TextLink to="/inbox/{-$approval}" params={{ approval: undefined }}>
          To the inbox
        </TextLink>
      </ErrorState>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <BackBar position={position} onBack={onBack}>
        {isOpen(approval, now) && (
          <span className="ml-auto pr-2 text-interface sm:hidden">
            <Countdown from={approval.askedAt} to={approval.expiresAt} isShort />
          </span>
        )}
      </BackBar>
      {group !== null && (
        <GroupBar
          group={group}
          isOff={isOff || gathering.isBusy}
          fault={gathering.error === null ? null : sayFault(gathering.error)}
          onAnswer={(answer) => void gather(group, answer)}
        />
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
              <NotYours says={isOpen(approval, now) ? whyNot(approval, me) : null} more={more} onNext={onNext} />
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
            open={open}
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

type Together = Pick<Group, 'alike'> & { readonly members: readonly Approval[]; readonly answer: 'yes' | 'no' };

type BackBarProps = Pick<DetailProps, 'position' | 'onBack'> & { readonly children?: ReactNode };

/** Where a card fills the page: the way back to the list. */
function BackBar({ position, onBack, children }: BackBarProps) {
  return (
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
      {children}
    </div>
  );
}

/** Until the card is there: its sentence, where it will stand, and nothing that could be pressed. */
function Coming({ listed, bar }: Pick<DetailProps, 'listed'> & { readonly bar: ReactNode }) {
  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      {bar}
      <div className="min-h-12 border-line border-b max-sm:hidden" />
      <div className="max-w-[880px] px-8 pt-6 max-sm:px-4 max-sm:pt-4">
        {listed !== undefined && (
          <p className="text-sentence text-balance wrap-anywhere max-sm:text-[1.5rem] max-sm:leading-8">
            <Sentence parts={listed.sentence} />
          </p>
        )}
        <Loading />
      </div>
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

type NotYoursProps = Pick<DetailProps, 'more' | 'onNext'> & { readonly says: string | null };

function NotYours({ says, more, onNext }: NotYoursProps) {
  return (
    <footer className="flex min-h-[68px] flex-wrap items-center gap-x-4 gap-y-2 border-line border-t px-8 py-3.5 text-interface text-text-2 max-sm:px-4">
      {says ?? (more === 0 ? 'There is nothing left to answer.' : `This one is over. ${sayMore(more)}`)}
      {says === null && more > 0 && (
        <>
          <Button look="filled" onClick={onNext}>
            Open the next question
          </Button>
          <Hint keys={['j']} says="next" />
        </>
      )}
    </footer>
  );
}

const sayMore = (more: number): string => (more === 1 ? '1 more waits for you.' : `${more} more wait for you.`);
