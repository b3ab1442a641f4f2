import { AmbitRefusal, type Proposal } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sayFault } from '../../kit/fault.tsx';
import { usePlane } from '../../plane/session-provider.tsx';

export type Confirming = {
  /** As it was when the person chose to answer: an answer is over exactly this. */
  readonly seen: Proposal;
  readonly answer: 'yes' | 'no';
  readonly reason: string;
  readonly isBusy: boolean;
  readonly fault: string | null;
};

/** The way from choosing an answer to the plane having it, and what the change itself answered after a yes. */
export function useConfirming() {
  const { operator, me } = usePlane();
  const queries = useQueryClient();
  const [confirming, setConfirming] = useState<Confirming | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const [answered, setAnswered] = useState<unknown>(null);

  async function confirm(): Promise<void> {
    if (confirming === null || confirming.isBusy) return;
    const { seen, answer, reason } = confirming;
    setConfirming({ ...confirming, isBusy: true, fault: null });
    try {
      const done = await operator.proposals.answer(seen, answer, reason.trim() === '' ? null : reason.trim());
      queries.setQueryData([me.id, 'proposals', 'one', seen.id], done.proposal);
      setAnswered(done.answer);
      setConfirming(null);
    } catch (error) {
      if (error instanceof AmbitRefusal && error.code === 'proposal.over') {
        setConfirming(null);
        setNotice('Somebody answered, or it ended, before you did. You sent nothing that counts.');
      } else setConfirming({ ...confirming, isBusy: false, fault: sayFault(error) });
    }
    await queries.invalidateQueries();
  }

  return {
    confirming,
    notice,
    answered,
    begin(seen: Proposal, answer: 'yes' | 'no') {
      setNotice(null);
      setConfirming({ seen, answer, reason: '', isBusy: false, fault: null });
    },
    setReason: (reason: string) => setConfirming((now) => now && { ...now, reason }),
    close: () => setConfirming((now) => (now?.isBusy ? now : null)),
    confirm,
  };
}
