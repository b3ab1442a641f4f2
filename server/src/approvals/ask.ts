import type { AgentId, AskReason, PersonId, Shown, TaskId, TenantId, Who } from '@ambit/protocol';
import { decimalOf } from '@ambit/protocol';
import { type Change, type EntryDraft, type Ground, Refusal, refuse, span } from '../foundation/index.ts';
import { type Approval, digestOfQuestion, isOpen } from './approval.ts';
import { ruleByDefault, strictestOf } from './rule.ts';
import { addApproval, listOfAgent, listOfDigest, listRules } from './store.ts';

/** What the gateway hands over to be parked: the exact call, sealed, and what a person must know of it. */
export type Question = {
  readonly tenant: TenantId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly owner: PersonId;
  readonly requester: PersonId | null;
  readonly jkt: string;
  readonly action: string;
  /** Actions whose rules say who answers, the strictest of them in everything; `action` itself unless said. */
  readonly ruledBy?: readonly [string, ...string[]];
  readonly callDigest: string;
  readonly asks: readonly AskReason[];
  readonly shown: Shown;
  /** Null where nothing runs after a yes. */
  readonly sealed: string | null;
  readonly lookAgainDigest: string | null;
  readonly who: Who;
  /** The decision's own entry, to be written with the question. */
  readonly entry: EntryDraft;
  /** What must be spent with it, e.g. the proof that came with the call. */
  readonly changes: readonly Change[];
};

export type AskLimits = { readonly ttlSeconds: number; readonly pendingPerAgentMax: number };

/** Asks of one agent that come at once wait for each other; more than this many lost races are too much at once. */
const racesMax = 50;

/**
 * Parks a call and asks. The same call pending in the same task is the same question: asking again changes nothing
 * but spends the proof that came along.
 */
export function ask(ground: Ground, question: Question, limits: AskLimits): Promise<Approval> {
  return span('approvals/ask', async () => {
    for (let race = 1; ; race++) {
      try {
        return await askOnce(ground, question, limits);
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 'state.changed') || race === racesMax) throw error;
      }
    }
  });
}

async function askOnce(ground: Ground, question: Question, limits: AskLimits): Promise<Approval> {
  const { tenant } = question;
  const now = ground.clock();
  const turn = await takeTurn(ground, question);
  const known = (await listOfDigest(ground, tenant, question.callDigest)).find(
    (one) => one.task === question.task && isOpen(one, now) && sameAsks(one.asks, question.asks),
  );
  if (known !== undefined) {
    const entries = [{ ...question.entry, detail: { ...question.entry.detail, approval: known.id, again: true } }];
    await ground.database.commit({ tenant, changes: question.changes, entries });
    return known;
  }
  const pending = (await listOfAgent(ground, tenant, question.agent, ['parked'])).filter((one) => isOpen(one, now));
  if (pending.length >= limits.pendingPerAgentMax) {
    throw refuse('approval.too_many_pending', `${question.agent} has ${pending.length} questions open`);
  }
  const named = question.ruledBy ?? ([question.action] as const);
  const rule = strictestOf(await listRules(ground, tenant), named, ruleByDefault(limits.ttlSeconds));
  const approval = draft(ground, question, rule, now);
  await ground.database.commit({
    tenant,
    changes: [addApproval(approval), turn, ...question.changes],
    entries: [
      { ...question.entry, detail: { ...question.entry.detail, approval: approval.id, digest: approval.digest } },
    ],
  });
  return approval;
}

/**
 * THREATS: approval-bombing. Whoever asks counts the agent's questions; a count that moved since it was read means that
 * another question came in between, and what was looked up here has to be looked up again.
 */
async function takeTurn({ database }: Ground, { tenant, agent }: Question): Promise<Change> {
  const counter = `asked|${agent}`;
  const expect = await database.counter(tenant, counter, 0);
  return { change: 'reserve', counter, window: 0, by: decimalOf('1'), max: null, expect, otherwise: 'state.changed' };
}

function draft(ground: Ground, question: Question, rule: ReturnType<typeof ruleByDefault>, now: number): Approval {
  const { tenant, who, entry, changes, ruledBy: _, ...rest } = question;
  const { role, answersNeeded, notRequester, notOwner, ttlSeconds, keys } = rule;
  return {
    ...rest,
    id: ground.newId('approval'),
    digest: digestOfQuestion(question),
    role,
    answersNeeded,
    notRequester,
    notOwner,
    keys,
    answers: [],
    state: 'parked',
    askedAt: now,
    // With its task the question ends anyway: whoever answers has no longer than that.
    expiresAt: Math.min(now + ttlSeconds * 1000, question.shown.taskUntil ?? Number.POSITIVE_INFINITY),
    runBefore: null,
    entry: entry.id,
    ranAs: null,
    successor: null,
  };
}

const names = (asks: readonly AskReason[]) =>
  asks
    .map((one) => one.ask)
    .sort()
    .join('\n');
const sameAsks = (a: readonly AskReason[], b: readonly AskReason[]) => names(a) === names(b);
