import type { ApprovalId } from '@ambit/protocol';
import { ask, findApproval, moveApproval, type Question } from '../approvals/index.ts';
import { entry, planeItself } from '../foundation/index.ts';
import type { Task } from '../tasks/index.ts';
import type { Bot, TestPlane } from '../tokens/testing.ts';

const shown: Question['shown'] = {
  sentence: 'Refund 60.00 USD for order 1042',
  action: 'shop:refunds.create',
  method: 'POST',
  url: 'https://shop.example/refunds',
  values: [],
  reversibility: 'irreversible',
  amount: null,
  left: [],
  requester: 'Alice',
  agent: 'refund-bot',
  purpose: 'support',
  claim: null,
  lookedAgain: null,
};

/** A question about a refund, parked and, where said so, further on its way. */
export async function parkedCall(
  plane: TestPlane,
  bot: Bot,
  task: Task,
  state?: 'approved' | 'claimed',
): Promise<ApprovalId> {
  const { ground, home, alice } = plane;
  const question: Question = {
    task: task.id,
    run: task.root,
    agent: bot.agent.id,
    requester: task.requester,
    tenant: home.tenant,
    owner: alice.person.id,
    jkt: bot.proofKey.thumbprint,
    action: 'shop:refunds.create',
    callDigest: `sha-256:${task.id}-${state ?? 'parked'}`,
    asks: [],
    shown,
    sealed: 'sealed-call',
    lookAgainDigest: null,
    who: planeItself,
    entry: entry({ id: ground.newId('entry'), kind: 'call.decided', who: planeItself, task: task.id, run: task.root }),
    changes: [],
  };
  const approval = await ask(ground, question, { ttlSeconds: 900, pendingPerAgentMax: 20 });
  if (state !== undefined) await moveTo(plane, approval.id, state);
  return approval.id;
}

export async function moveTo(
  { ground, home }: TestPlane,
  id: ApprovalId,
  state: 'approved' | 'claimed',
): Promise<void> {
  const approval = (await findApproval(ground, home.tenant, id))!;
  const entries = [entry({ id: ground.newId('entry'), kind: `approval.${state}`, who: planeItself })];
  await ground.database.commit({ tenant: home.tenant, changes: [moveApproval(approval, { state })], entries });
}
