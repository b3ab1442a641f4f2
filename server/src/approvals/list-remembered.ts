import { approvalCard, type TaskId } from '@ambit/protocol';
import type { RememberedShown } from '@ambit/protocol/wire';
import { type Ground, type PersonCaller, refuse } from '../foundation/index.ts';
import { findAgent, findPerson, holdsRole } from '../identity/index.ts';
import { leftOf } from '../limits/index.ts';
import { findTask, isRemembered, type Remembered, rememberedBy, rememberedOfRun } from '../tasks/index.ts';
import { findApproval } from './store.ts';

/** All of a task and its run for whoever may read that, and for approvers; of that task alone for who asked for it, and the owner of its agent. */
export async function listRememberedOf(
  ground: Ground,
  caller: PersonCaller,
  id: TaskId,
): Promise<readonly RememberedShown[]> {
  const task = await findTask(ground, caller.tenant, id);
  if (task === undefined) throw refuse('thing.not_found', `no task ${id}`);
  const rows = await rememberedOfRun(ground, caller.tenant, task.root);
  const mayReadRun =
    (await findTask(ground, caller.tenant, task.root))?.requester === caller.person ||
    caller.roles.includes('approver') ||
    holdsRole(caller.roles, 'reviewer') ||
    holdsRole(caller.roles, 'administrator');
  if (mayReadRun) return showAll(ground, caller, rows);
  if (task.requester !== caller.person && (await findAgent(ground, caller.tenant, task.agent))?.owner !== caller.person)
    throw refuse('thing.not_found', `no task ${id} for ${caller.person}`);
  return showAll(
    ground,
    caller,
    rows.filter((one) => one.task === id),
  );
}

/** What the caller said and still stands. */
export async function listOwnRemembered(ground: Ground, caller: PersonCaller): Promise<readonly RememberedShown[]> {
  const now = ground.clock();
  const rows = await rememberedBy(ground, caller.tenant, caller.person);
  return showAll(
    ground,
    caller,
    rows.filter((one) => isRemembered(one, now)),
  );
}

const showAll = (ground: Ground, { tenant }: PersonCaller, rows: readonly Remembered[]): Promise<RememberedShown[]> =>
  Promise.all(
    rows.map(async (row) => {
      const approval = await findApproval(ground, tenant, row.approval);
      const remember = approval?.shown.remember;
      const left = await leftOf(ground, tenant, `remembered:${row.id}`, [row.bounds.grant]);
      return {
        ...row,
        personName: (await findPerson(ground, tenant, row.person))?.name ?? null,
        sentence: approval === undefined ? [] : approvalCard(approval).sentence,
        amount: remember !== undefined && 'widest' in remember ? remember.widest.amount : null,
        left: left.map(({ unit, spent, max, left: now }) => ({ unit, spent, max, left: now })),
      };
    }),
  );
