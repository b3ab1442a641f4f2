import type { ListedQuestion } from '@ambit/sdk/operator';
import { useMemo } from 'react';
import { mayAnswer } from '../plane/may-answer.ts';
import { useMe } from '../plane/use-me.ts';
import { useRead } from '../plane/use-read.ts';

/** The open questions that this person may answer; undefined until they were read. */
export function useWaiting(): readonly ListedQuestion[] | undefined {
  const me = useMe();
  const { data } = useRead(['approvals', 'inbox'], ({ operator }) => operator.approvals.inbox());
  return useMemo(() => data?.questions.filter((one) => mayAnswer(one, me)), [data, me]);
}
