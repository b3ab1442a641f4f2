import {
  type ApprovalCard,
  type ApprovalId,
  type ApprovalState,
  alikeOf,
  answeredTogetherMax,
  approvalCard,
  boolean,
  boundsShape,
  id,
  integer,
  list,
  listedQuestion,
  nullable,
  object,
  oneOf,
  optional,
  parseId,
  personKeyKinds,
  refusalRow,
  type TenantId,
  text,
} from '@ambit/protocol';
import { type Ground, type PersonCaller, type Route, refuse, route } from '../foundation/index.ts';
import { roles, signatureShape } from '../identity/index.ts';
import { answerApproval } from './answer.ts';
import { answerTogether, type Became } from './answer-together.ts';
import type { Approval } from './approval.ts';
import { endRemembered } from './end-remembered.ts';
import { listOwnRemembered, listRememberedOf } from './list-remembered.ts';
import { lowersByRule } from './rule.ts';
import { setApprovalRule } from './set-rule.ts';
import { findApproval, listByState, listRules } from './store.ts';

const signed = {
  answer: oneOf('yes', 'no'),
  reason: nullable(text({ max: 500 })),
  at: integer({ min: 0, max: 8_640_000_000_000_000 }),
  signature: signatureShape,
};
const answering = object({ ...signed, remember: optional(boundsShape) });
const answeringTogether = object({
  approvals: list(id('approval'), { min: 1, max: answeredTogetherMax }),
  ...signed,
});
// INVARIANT (administrator is not approver): whoever gives out roles and credentials does not answer by that right.
const answeringRoles = roles.filter((role) => role !== 'administrator');
const rule = object({
  action: text({ max: 200, pattern: /^(\*|[a-z0-9-]+:(\*|[A-Za-z0-9._/-]+))$/ }),
  role: oneOf(...answeringRoles),
  answersNeeded: integer({ min: 1, max: 10 }),
  notRequester: boolean(),
  notOwner: boolean(),
  ttlSeconds: integer({ min: 5, max: 604_800 }),
  keys: optional(nullable(list(oneOf(...personKeyKinds), { min: 1, max: personKeyKinds.length }))),
});

export type Answers = {
  /** How long after the yes the call must have started. */
  readonly runSeconds: number;
  /** Called once an answer is durable, so that the calls can run, in this order, and whoever waits can hear. */
  readonly onAnswer: (tenant: TenantId, approvals: readonly Approval[]) => void;
};

const ofState = object({
  state: optional(oneOf('parked', 'approved', 'done', 'refused', 'denied', 'expired', 'moved', 'unknown', 'ended')),
});

const readAtOnceMax = 10_000;
const shownAtOnceMax = 500;

export function approvalsRoutes(ground: Ground, { runSeconds, onAnswer }: Answers): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/v1/approvals',
      who: 'person',
      query: ofState,
      says: 'Lists questions whole, each with everything that its signature will cover and the card that is made of it: those the caller may answer or asked for, and all of them for an auditor.',
      run: async ({ caller, query }) => {
        const own = await listReadable(ground, caller, query.state);
        return { status: 200, body: { now: ground.clock(), approvals: own.map(shown) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/inbox',
      who: 'person',
      query: ofState,
      says: 'Lists the same questions in short – what would happen, who asks, by when, who answers – and which of them are alike. A card is read by itself, before it is answered.',
      run: async ({ caller, query }) => {
        const own = await listReadable(ground, caller, query.state);
        const alike = alikeOf(own).filter(({ approvals }) => approvals.length > 1);
        return { status: 200, body: { now: ground.clock(), questions: own.map(listedQuestion), alike } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/approvals/:approval',
      who: 'person',
      says: 'Shows one question with everything that its signature will cover, and the card that is made of it.',
      run: async ({ caller, params }) => {
        const id = approvalId(params.approval);
        const found = await findApproval(ground, caller.tenant, id);
        if (found === undefined || !mayReadApproval(found, caller))
          throw refuse('thing.not_found', `no approval ${id} for ${caller.person}`);
        return { status: 200, body: { now: ground.clock(), ...shown(found) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/approvals/:approval/answer',
      who: 'person',
      body: answering,
      says: 'Answers a question once, by a signature over its digest with an enrolled key of the caller; a yes is remembered within the bounds that were signed with it.',
      run: async ({ caller, params, body }) => {
        const answered = await answerApproval(ground, caller, approvalId(params.approval), body, runSeconds);
        onAnswer(caller.tenant, [answered]);
        return { status: 200, body: shown(answered) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/approvals/answers',
      who: 'person',
      body: answeringTogether,
      says: 'Answers several questions that ask for the same action in one task, by one signature over the list of their digests, in its order. Tells of each what became of it: answered, or why not.',
      run: async ({ caller, body }) => {
        const became = await answerTogether(ground, caller, body, runSeconds);
        onAnswer(
          caller.tenant,
          became.flatMap((one) => ('approval' in one ? [one.approval] : [])),
        );
        return { status: 200, body: { became: became.map(told) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/remembered-yeses',
      who: 'person',
      query: object({ task: optional(id('task')) }),
      says: 'Lists yeses that are remembered, with what is left of each: those of a task and its run, or all that stand and are the caller’s own.',
      run: async ({ caller, query: { task } }) => ({
        status: 200,
        body: {
          now: ground.clock(),
          remembered: await (task === undefined
            ? listOwnRemembered(ground, caller)
            : listRememberedOf(ground, caller, task)),
        },
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/remembered-yeses/:remembered/end',
      who: 'person',
      body: object({ reason: text({ max: 500 }) }),
      says: 'Takes a remembered yes back before its time: for who gave it, who asked for the task, the agent’s owner, an approver or an administrator.',
      run: async ({ caller, params, body }) => {
        const remembered = parseId('remembered', params.remembered);
        if (remembered === undefined) throw refuse('thing.not_found', `${params.remembered} is no remembered yes`);
        return { status: 200, body: await endRemembered(ground, caller, { remembered, reason: body.reason }) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/approval-rules',
      who: 'policy',
      body: rule,
      says: 'Says who may answer questions about an action, how many, by when, and with which kinds of keys.',
      lowers: async ({ caller, body }) => lowersByRule(await listRules(ground, caller.tenant), { keys: null, ...body }),
      run: async ({ caller, body }) => ({
        status: 200,
        body: await setApprovalRule(ground, caller, { keys: null, ...body }),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/approval-rules',
      who: 'person',
      says: 'Lists the tenant’s own rules about who answers.',
      run: async ({ caller }) => ({ status: 200, body: { rules: await listRules(ground, caller.tenant) } }),
    }),
  ];
}

function approvalId(given: string | undefined): ApprovalId {
  const found = parseId('approval', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is not an approval id`);
  return found;
}

/** Open ones unless said. Cut after looking at who may read: nobody's many questions push another's out of sight. */
async function listReadable(ground: Ground, caller: PersonCaller, state: ApprovalState = 'parked') {
  const rows = await listByState(ground, caller.tenant, [state], readAtOnceMax);
  return rows.filter((row) => mayReadApproval(row, caller)).slice(0, shownAtOnceMax);
}

/** Those who may answer, who asked, who owns the agent, and whoever audits. */
export const mayReadApproval = (approval: Approval, caller: Pick<PersonCaller, 'person' | 'roles'>): boolean =>
  caller.roles.includes(approval.role) ||
  caller.roles.includes('auditor') ||
  approval.requester === caller.person ||
  approval.owner === caller.person;

/** A question that was not answered is told by its id alone: it may be somebody else's to read. */
function told(one: Became) {
  if ('approval' in one) return { id: one.approval.id, approval: shown(one.approval) };
  const { code, says } = one.refused;
  return { id: one.id, refused: { code, title: refusalRow(code).title, says } };
}

/** The sealed call itself never leaves the plane; everything that it would do is in `shown`. */
function shown(approval: Approval): Omit<Approval, 'sealed' | 'jkt'> & { readonly card: ApprovalCard } {
  const { sealed, jkt, ...rest } = approval;
  return { ...rest, card: approvalCard(approval) };
}
