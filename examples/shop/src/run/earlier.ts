import type { AgentId, Operator } from '@ambit/sdk/operator';

/** What Alice writes for every run, and by which its tasks are known again. */
export const purposeText = 'Settle Dana Ruiz’s damaged order 1042.';

/**
 * Ends what runs left open that were interrupted, so that their questions are not mistaken for those of this one.
 * Tasks that Alice opened for anything else stay.
 */
export async function endEarlierRuns(alice: Operator, agent: AgentId): Promise<{ tasks: number; questions: number }> {
  const live = [...(await alice.tasks.list({ state: 'active' })), ...(await alice.tasks.list({ state: 'approved' }))];
  const left = live.filter((one) => one.agent === agent && one.parent === null && one.purpose.text === purposeText);
  let questions = 0;
  for (const { id } of left) {
    const { ended } = await alice.tasks.revoke(id, 'The run it was opened for was interrupted.');
    questions += ended.filter(({ kind }) => kind === 'approval').length;
  }
  return { tasks: left.length, questions };
}
