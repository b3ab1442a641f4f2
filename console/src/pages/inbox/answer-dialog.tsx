import type { Approval } from '@ambit/sdk/operator';
import { AnswerConfirm, DialogLine } from '../../kit/answer-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { Time } from '../../kit/when.tsx';
import { WhoMark } from '../../kit/who.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { namedIn } from './question.ts';

type AnswerDialogProps = {
  /** The question as it was when the person chose to answer: an answer is over exactly this. */
  readonly seen: Approval;
  readonly answer: 'yes' | 'no';
  readonly reason: string;
  readonly onReason: (reason: string) => void;
  readonly isBusy: boolean;
  readonly fault: string | null;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
};

/** An answer to a question, before the device asks for it. */
export function AnswerDialog({ seen, answer, ...rest }: AnswerDialogProps) {
  return (
    <AnswerConfirm
      answer={answer}
      sentence={<Sentence parts={seen.card.sentence} />}
      digest={seen.digest}
      reasonFor="The agent and the log get these words."
      {...rest}
    >
      <AnswerLines seen={seen} answer={answer} />
    </AnswerConfirm>
  );
}

type AnswerLinesProps = Pick<AnswerDialogProps, 'seen' | 'answer'> & {
  /** Others may follow it without asking. */
  readonly isFirst?: boolean;
};

/** Who answers, what about, and how often it runs. */
export function AnswerLines({ seen, answer, isFirst = false }: AnswerLinesProps) {
  const { me } = usePlane();
  return (
    <>
      <DialogLine name="You answer as">
        <span className="inline-flex items-center gap-1.5">
          <WhoMark who={{ kind: 'person', name: me.name }} />
          <span>
            <Foreign inline text={me.name} />, {seen.role}
          </span>
        </span>
      </DialogLine>
      {namedIn(seen).map(({ kind, value }) => (
        <DialogLine key={`${kind} ${value}`} name={<span className="capitalize">{kind}</span>}>
          <span className="code">
            <Foreign inline text={value} />
          </span>
        </DialogLine>
      ))}
      {answer === 'yes' && (
        <DialogLine name={isFirst ? 'This one runs' : 'It runs'}>
          once, exactly as shown, before <Time at={seen.expiresAt} />. <Sentence parts={seen.card.undo.sentence} />
        </DialogLine>
      )}
    </>
  );
}
