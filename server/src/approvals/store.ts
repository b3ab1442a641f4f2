import {
  type AgentId,
  type ApprovalId,
  type ApprovalState,
  parseId,
  type RefusalCode,
  type TaskId,
  type TenantId,
} from '@ambit/protocol';
import {
  type Change,
  type Check,
  check,
  type Fields,
  type Ground,
  insert,
  remove,
  type Table,
  table,
  update,
} from '../foundation/index.ts';
import type { Approval, ApprovalResult } from './approval.ts';
import type { ApprovalRule } from './rule.ts';

const approvals: Table<Approval> = table<Approval>('approvals', {
  columns: {
    id: 'text',
    task: 'text',
    run: 'text',
    agent: 'text',
    owner: 'text',
    requester: 'text',
    jkt: 'text',
    action: 'text',
    callDigest: 'text',
    digest: 'text',
    asks: 'json',
    shown: 'json',
    sealed: 'text',
    lookAgainDigest: 'text',
    answersNeeded: 'integer',
    role: 'text',
    notRequester: 'json',
    notOwner: 'json',
    answers: 'json',
    state: 'text',
    askedAt: 'integer',
    expiresAt: 'integer',
    runBefore: 'integer',
    entry: 'text',
    ranAs: 'text',
    keys: 'json',
    successor: 'text',
  },
  key: ['id'],
  added: ['keys', 'successor'],
  indexes: [['state', 'askedAt'], ['task', 'state'], ['agent', 'state'], ['callDigest']],
  governed: true,
});

const results: Table<ApprovalResult> = table<ApprovalResult>('approval_results', {
  columns: { approval: 'text', status: 'integer', contentType: 'text', sealed: 'text', truncated: 'integer' },
  key: ['approval'],
  governed: false,
});

const rules: Table<ApprovalRule> = table<ApprovalRule>('approval_rules', {
  columns: {
    action: 'text',
    role: 'text',
    answersNeeded: 'integer',
    notRequester: 'json',
    notOwner: 'json',
    ttlSeconds: 'integer',
    keys: 'json',
  },
  key: ['action'],
  added: ['keys'],
  governed: true,
});

type Store = Pick<Ground, 'database'>;

export const findApproval = ({ database }: Store, tenant: TenantId, id: ApprovalId) =>
  database.find(approvals, tenant, { id });

export const listByState = ({ database }: Store, tenant: TenantId, state: ApprovalState[], limit: number) =>
  database.list(approvals, tenant, { where: { state }, order: ['askedAt', 'desc'], limit });

/** So that a question has an end, however many tasks it is about. */
const askedAtOnceMax = 200;

export async function listOfTask({ database }: Store, tenant: TenantId, tasks: TaskId[], state: ApprovalState[]) {
  const found: Approval[] = [];
  for (let i = 0; i < tasks.length; i += askedAtOnceMax) {
    const where = { task: tasks.slice(i, i + askedAtOnceMax), state };
    found.push(...(await database.list(approvals, tenant, { where, limit: 10_000 })));
  }
  return found;
}

export const listOfAgent = ({ database }: Store, tenant: TenantId, agent: AgentId, state: ApprovalState[]) =>
  database.list(approvals, tenant, { where: { agent, state }, limit: 10_000 });

/** Questions about this very call, in any task of the tenant. */
export const listOfDigest = ({ database }: Store, tenant: TenantId, callDigest: string) =>
  database.list(approvals, tenant, { where: { callDigest }, limit: 100 });

export const addApproval = (approval: Approval): Change => insert(approvals, approval);

/** INVARIANT (once): a question leaves a state only if it is still in it. */
export const moveApproval = (
  approval: Approval,
  set: Partial<Approval>,
  otherwise: RefusalCode = 'approval.over',
): Change =>
  update(approvals, { id: approval.id }, set, {
    where: { state: approval.state, answers: approval.answers },
    otherwise,
  });

/** What must still be so where a call is admitted by an answer to that question. */
export const approvalStands = ({ id, state, answers, digest }: Approval): Check =>
  check(approvals, { id }, { state, answers, digest }, 'state.changed');

export const findResult = ({ database }: Store, tenant: TenantId, approval: ApprovalId) =>
  database.find(results, tenant, { approval });

export const addResult = (result: ApprovalResult): Change => insert(results, result);

/** Which node runs an approved call that was claimed. Not governed: the claim itself is the state of the approval. */
type ApprovalRun = { readonly approval: ApprovalId; readonly process: string };
const runs: Table<ApprovalRun> = table<ApprovalRun>('approval_runs', {
  columns: { approval: 'text', process: 'text' },
  key: ['approval'],
  governed: false,
});

export const addRun = (run: ApprovalRun): Change => insert(runs, run, 'approval.over');
export const dropRun = (approval: ApprovalId): Change => remove(runs, { approval });
export const findRun = ({ database }: Store, tenant: TenantId, approval: ApprovalId) =>
  database.find(runs, tenant, { approval });

/** The approval that another node changed, where it is one. */
export const approvalIn = (change: { readonly table: string; readonly key: Fields }): ApprovalId | undefined =>
  change.table === approvals.name ? parseId('approval', change.key.id) : undefined;

export const listRules = ({ database }: Store, tenant: TenantId) => database.list(rules, tenant, { limit: 1000 });

export async function findRule({ database }: Store, tenant: TenantId, action: string) {
  return database.find(rules, tenant, { action });
}

/** That the rule of that name is still the one among `known`, or that there is still none. */
export const ruleStands = (action: string, known: readonly ApprovalRule[]): Check =>
  check(rules, { action }, known.find((one) => one.action === action) ?? 'absent', 'state.changed');

export const addRule = (rule: ApprovalRule): Change => insert(rules, rule);

export const changeRule = (rule: ApprovalRule): Change => update(rules, { action: rule.action }, rule);
