import { AmbitRefusal, type Approval, type Bounds } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { sayFault } from '../../kit/fault.tsx';
import { usePlane } from '../../plane/session-provider.tsx';
import { cardName } from './card-name.ts';
import { isOpen } from './question.ts';

/** `remember`: a yes that stands for equal or smaller calls, too. */
export type Word = 'yes' | 'no' | 'remember';

export type Answering = {
  readonly seen: Approval;
  readonly word: Word;
  readonly reason: string;
  readonly isBusy: boolean;
  readonly fault: string | null;
};

/**
 * The way from choosing an answer to the plane having it. The dialog closes itself when the question that it is about
 * changes, ends or is answered: nobody confirms what is not there any more.
 */
export function useAnswering(current: Approval | undefined, now: number) {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const [answering, setAnswering] = useState<Answering | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const isStale =
    answering !== null &&
    !answering.isBusy &&
    current?.id === answering.seen.id &&
    (current.digest !== answering.seen.digest || !isOpen(current, now));
  useEffect(() => {
    if (!isStale) return;
    setAnswering(null);
    setNotice('The question changed or ended while you were looking at the answer. You sent nothing.');
  }, [isStale]);

  async function confirm(remember?: Bounds): Promise<void> {
    if (answering === null || answering.isBusy) return;
    const { seen, word, reason } = answering;
    setAnswering({ ...answering, isBusy: true, fault: null });
    try {
      const answer = word === 'no' ? 'no' : 'yes';
      const answered = await operator.approvals.answer(seen, answer, reason.trim() || null, remember);
      queries.setQueryData([me.id, ...cardName(seen.id)], answered);
      setAnswering(null);
    } catch (error) {
      if (error instanceof AmbitRefusal && error.code === 'approval.over') {
        setAnswering(null);
        setNotice('Somebody answered, or it ended, before you did. You sent nothing that counts.');
      } else setAnswering({ ...answering, isBusy: false, fault: sayFault(error) });
    }
    await queries.invalidateQueries({ queryKey: [me.id, 'approvals'] });
  }

  return {
    answering,
    notice,
    begin(seen: Approval, word: Word) {
      setNotice(null);
      setAnswering({ seen, word, reason: '', isBusy: false, fault: null });
    },
    setReason: (reason: string) => setAnswering((now) => now && { ...now, reason }),
    close: () => setAnswering((now) => (now?.isBusy ? now : null)),
    forget: () => setNotice(null),
    tell: setNotice,
    confirm,
  };
}
