import { digestGroups, togetherCard } from '@ambit/protocol';
import type { Alike, Approval, Became, Inbox, Part, TogetherCard, ValuePart } from '@ambit/sdk/operator';
import { type ReactNode, useState } from 'react';
import { AnswerConfirm, DialogLine } from '../../kit/answer-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { readAmount } from '../../kit/read-amount.ts';
import { Sentence } from '../../kit/sentence.tsx';
import { useNow } from '../../kit/use-now.ts';
import { Time } from '../../kit/when.tsx';
import { WhoMark } from '../../kit/who.tsx';
import { mayAnswer } from '../../plane/may-answer.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useDoing } from '../../plane/use-doing.ts';
import { isFromOutside } from './is-from-outside.ts';
import { isOpen, namedIn } from './question.ts';
import { Claim, LookedAgain } from './said-beside.tsx';

type TogetherDialogProps = {
  readonly alike: Alike;
  /** The questions as they were read when the person chose to answer them: nothing is added to what is being read. */
  readonly members: readonly Approval[];
  /** What is open now. */
  readonly open: Inbox;
  readonly answer: 'yes' | 'no';
  readonly onClose: () => void;
  readonly onAnswered: (became: readonly Became[]) => void;
};

/** Several questions before one signature: each whole, and what they come to. What ends meanwhile is not signed. */
export function TogetherDialog({ alike, members, open: { questions: waiting }, ...props }: TogetherDialogProps) {
  const { answer, onClose, onAnswered } = props;
  const { me } = usePlane();
  const now = useNow();
  const doing = useDoing();
  const [reason, setReason] = useState('');
  const stands = (one: Approval) => {
    const found = waiting.find(({ id }) => id === one.id);
    return found !== undefined && found.digest === one.digest && isOpen(found, now) && mayAnswer(found, me);
  };
  const open = doing.isBusy ? members : members.filter(stands);
  const { sums } = togetherCard(open);
  const { shared, questions } = togetherCard(members);
  const [first, ...others] = members;
  const said =
    first === undefined ? [] : sayingsOf(first).filter((one) => others.every((each) => isSaidIn(sayingsOf(each), one)));
  const confirm = async () => {
    const given = reason.trim() || null;
    await doing.run(async ({ operator }) => onAnswered(await operator.approvals.answerAll(open, answer, given)));
  };
  if (first === undefined) return null;
  return (
    <AnswerConfirm
      answer={answer}
      heading={`${answer === 'yes' ? 'Approve' : 'Refuse'} ${open.length} with one signature`}
      sentence={
        <>
          {open.length} alike: <Sentence parts={alike.sentence} />
        </>
      }
      reason={reason}
      onReason={setReason}
      reasonFor="The agent and the log get these words, for each of them."
      isBusy={doing.isBusy}
      isOff={open.length === 0}
      fault={doing.fault}
      foot={
        open.length === 0
          ? 'All of them ended, or were answered. There is nothing to sign.'
          : 'You sign the list of their digests, in this order. Each is looked at once more, and told by itself.'
      }
      onClose={() => !doing.isBusy && onClose()}
      onConfirm={() => void confirm()}
      below={
        <ol aria-label="What you answer" className="m-0 mt-4 grid list-none p-0 text-interface">
          {members.map((one, at) => (
            <Question
              key={one.id}
              approval={one}
              number={at + 1}
              own={questions[at]?.own ?? []}
              shared={shared}
              said={said}
              how={alike.differing.find(({ approval }) => approval === one.id)?.how ?? null}
              isOver={!open.includes(one)}
            />
          ))}
        </ol>
      }
    >
      <DialogLine name="You answer as">
        <span className="inline-flex items-center gap-1.5">
          <WhoMark who={{ kind: 'person', name: me.name }} />
          <span>
            <Foreign inline text={me.name} />, {first.role}
          </span>
        </span>
      </DialogLine>
      <DialogLine name="Asked by">
        <Sentence parts={first.card.askedBy} />
      </DialogLine>
      <DialogLine name="Acts">
        {first.card.chain.map(({ task, agent }) => (
          <span key={task} className="block">
            <Sentence parts={[agent]} />
          </span>
        ))}
      </DialogLine>
      <DialogLine name="In all">
        <Sums many={open.length} sums={sums} />
      </DialogLine>
      <DialogLine name="Task">
        <Foreign inline text={first.card.task.purpose.value} />
      </DialogLine>
      {answer === 'yes' && (
        <DialogLine name="Each runs">once, exactly as shown, before the time that stands with it.</DialogLine>
      )}
      {said.length > 0 && (
        <DialogLine name="Why, and after">
          <All said={said} />
        </DialogLine>
      )}
      {shared.map(({ name, value, from }) => (
        <DialogLine key={name} name={<Foreign inline text={shortName(name)} />}>
          <span className="code wrap-anywhere">
            <Foreign inline text={value.value} />
          </span>{' '}
          <span className="text-text-2">in each: </span>
          <Whence of={value} from={from} />
        </DialogLine>
      ))}
    </AnswerConfirm>
  );
}

const shortName = (name: string): string => name.replace(/^(body|path|query|header)\./, '');

function Sums({ many, sums }: { readonly many: number; readonly sums: TogetherCard['sums'] }) {
  return (
    <>
      <span className="font-medium">{many === 1 ? '1 question' : `${many} questions`}</span>
      {sums.length === 0 && ', none of which moves money'}
      {sums.map(({ amount, currency, questions }) => (
        <span key={currency} className="block">
          <span className="font-medium">
            {amount === null ? `more ${currency} than can be said` : readAmount(amount, currency)}
          </span>
          {questions < many && ` in ${questions} of them`}
        </span>
      ))}
    </>
  );
}

type Saying = readonly Part[];

/** Why one of them was stopped, and whether it can be undone. */
const sayingsOf = ({ card: { stopped, undo } }: Approval): readonly Saying[] => [
  ...stopped.map(({ sentence }) => sentence),
  undo.sentence,
];

const isSaidIn = (all: readonly Saying[], one: Saying): boolean =>
  all.some((parts) => JSON.stringify(parts) === JSON.stringify(one));

function All({ said }: { readonly said: readonly Saying[] }) {
  return said.map((parts) => (
    <span key={JSON.stringify(parts)} className="block wrap-anywhere">
      <Sentence parts={parts} />
    </span>
  ));
}

/** Where a value came from: what a stranger wrote is marked here as on the card of each. */
function Whence({ of, from }: { readonly of: ValuePart; readonly from: Saying }) {
  return (
    <span className={`wrap-anywhere ${isFromOutside(of.source) ? 'text-foreign' : 'text-text-2'}`}>
      <Sentence parts={from} />
    </span>
  );
}

type QuestionProps = {
  readonly approval: Approval;
  readonly number: number;
  readonly own: TogetherCard['shared'];
  readonly shared: TogetherCard['shared'];
  /** What stands over the list, since every one of them says it. */
  readonly said: readonly Saying[];
  readonly how: readonly Part[] | null;
  readonly isOver: boolean;
};

/** One of them whole: what all say stands over the list, and what only it says here. */
function Question({ approval, number, own, shared, said, how, isOver }: QuestionProps) {
  const { card, expiresAt, digest } = approval;
  return (
    <li className="grid grid-cols-[auto_1fr] gap-x-3 border-line border-t py-3">
      <span className="text-text-2 tabular-nums">{number}</span>
      <div className={`grid min-w-0 gap-1 ${isOver ? 'text-text-2' : ''}`}>
        <p className="font-medium text-body wrap-anywhere">
          <Sentence parts={card.sentence} />
        </p>
        {isOver && <p className="font-medium text-deny">It ended, or was answered, meanwhile: you do not sign it.</p>}
        {how !== null && (
          <p className="font-medium text-ask text-caption wrap-anywhere">
            Differs: <Sentence parts={how} />
          </p>
        )}
        <dl className="m-0 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5">
          <Line name={card.call.method}>{card.call.url}</Line>
          {namedIn(approval)
            .filter(({ value }) => ![...own, ...shared].some((one) => one.value.value === value))
            .map(({ kind, value }) => (
              <Line key={`${kind} ${value}`} name={kind}>
                {value}
              </Line>
            ))}
          {own.map(({ name, value, from }) => (
            <Line key={name} name={shortName(name)} after={<Whence of={value} from={from} />}>
              {value.value}
            </Line>
          ))}
        </dl>
        <All said={sayingsOf(approval).filter((one) => !isSaidIn(said, one))} />
        {card.stopped.some(({ facts }) => facts.length > 0) && (
          <p className="text-text-2 wrap-anywhere">
            <Sentence parts={card.stopped.flatMap(({ facts }) => [...facts, { text: ' ' }])} />
          </p>
        )}
        <Claim approval={approval} />
        <LookedAgain approval={approval} />
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-caption text-text-2">
          <span>
            Before <Time at={expiresAt} />
          </span>
          <Id id={approval.id} label="Copy the id of the question" />
          <span className="code">{digestGroups(digest).join(' ')}</span>
        </p>
      </div>
    </li>
  );
}

type LineProps = { readonly name: string; readonly after?: ReactNode; readonly children: string };

function Line({ name, after, children }: LineProps): ReactNode {
  return (
    <div className="contents">
      <dt className="text-text-2">
        <Foreign inline text={name} />
      </dt>
      <dd className="m-0 min-w-0 wrap-anywhere">
        <span className="code">
          <Foreign inline text={children} />
        </span>{' '}
        {after}
      </dd>
    </div>
  );
}
