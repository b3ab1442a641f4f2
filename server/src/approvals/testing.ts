import type { Shown } from '@ambit/protocol';
import { type HandClock, openTestStore } from '../foundation/database/testing.ts';
import type { EntryDraft, Ground, PersonCaller } from '../foundation/index.ts';
import { entry, planeItself } from '../foundation/index.ts';
import { foundTenant, type Member, signDocument, type TestTenant } from '../identity/testing.ts';
import { type Answering, answerApproval } from './answer.ts';
import type { AnswerDocument, Approval } from './approval.ts';
import { type AskLimits, ask, type Question } from './ask.ts';
import { findApproval } from './store.ts';

export const askLimits: AskLimits = { ttlSeconds: 900, pendingPerAgentMax: 5 };
export const runSeconds = 60;

export const refundShown: Shown = {
  sentence: 'Refund 80.00 USD for order 1042',
  action: 'shop:refunds.create',
  method: 'POST',
  url: 'https://shop.example/orders/1042/refunds',
  values: [{ name: 'body.amount', value: '80.00', source: 'call' }],
  reversibility: 'compensable',
  amount: { amount: '80.00', currency: 'USD' },
  left: [],
  requester: 'Alice',
  agent: 'refund-bot',
  purpose: 'support: Order 1042 came damaged',
  claim: 'The lamp is broken',
  lookedAgain: null,
};

/** One tenant on a real store: Alice asked, Bob and Bea may answer, Olga owns the agent. */
export type TestApprovals = {
  readonly ground: Ground & { readonly clock: HandClock };
  readonly home: TestTenant;
  readonly alice: Member;
  readonly bob: Member;
  readonly bea: Member;
  readonly olga: Member;
  /** A question of an agent of its own, unless `more` names one. */
  readonly question: (more?: Partial<Question>) => Question;
  readonly ask: (more?: Partial<Question>, limits?: AskLimits) => Promise<Approval>;
  readonly answer: (by: Member, approval: Approval, more?: More) => Promise<Approval>;
  readonly stored: (approval: Pick<Approval, 'id'>) => Promise<Approval>;
  readonly nextDoor: () => Promise<TestApprovals>;
  readonly close: () => Promise<void>;
};

/** What is signed and sent in place of what a careful person would. */
export type More = {
  readonly answer?: 'yes' | 'no';
  readonly reason?: string | null;
  readonly at?: number;
  readonly document?: Partial<AnswerDocument>;
  readonly key?: Member['key'];
  readonly sent?: Partial<Answering>;
  readonly caller?: Partial<PersonCaller>;
};

export async function openApprovals(): Promise<TestApprovals> {
  const { ground, close } = await openTestStore();
  return approvalsOn(ground, close);
}

let named = 0;

async function approvalsOn(ground: TestApprovals['ground'], close: () => Promise<void>): Promise<TestApprovals> {
  const home = await foundTenant(ground, `acme-${++named}`);
  const [alice, bob, bea, olga] = [
    await home.join('Alice', { roles: ['approver'] }),
    await home.join('Bob', { roles: ['approver'] }),
    await home.join('Bea', { roles: ['approver'] }),
    await home.join('Olga', { roles: ['approver'] }),
  ];
  const question: TestApprovals['question'] = (more = {}) => {
    const task = ground.newId('task');
    return {
      tenant: home.tenant,
      task,
      run: task,
      agent: ground.newId('agent'),
      owner: olga.person.id,
      requester: alice.person.id,
      jkt: 'jkt-of-refund-bot',
      action: 'shop:refunds.create',
      callDigest: `sha-256:${task}`,
      asks: [{ ask: `task:${task}:0:0`, reason: 'Refunds over 50.00 need a person.' }],
      shown: refundShown,
      sealed: 'c2VhbGVk',
      lookAgainDigest: null,
      who: { ...planeItself, requester: alice.person.id },
      entry: asked(ground),
      changes: [],
      ...more,
    };
  };
  const stored: TestApprovals['stored'] = async ({ id }) => {
    const found = await findApproval(ground, home.tenant, id);
    if (found === undefined) throw new Error(`no approval ${id}`);
    return found;
  };
  return {
    ground,
    home,
    alice,
    bob,
    bea,
    olga,
    close,
    question,
    stored,
    ask: (more, limits = askLimits) => ask(ground, question(more), limits),
    answer(by, { id, digest }, more = {}) {
      const { answer = 'yes', reason = null, at = ground.clock(), key = by.key } = more;
      const document = {
        ...({ type: 'ambit_approval_answer', tenant: home.tenant, approval: id, digest } as const),
        ...{ answer, reason, person: by.person.id, at },
        ...more.document,
      };
      const given = { answer, reason, at, signature: signDocument(key, document), ...more.sent };
      return answerApproval(ground, { ...by.caller, ...more.caller }, id, given, runSeconds);
    },
    nextDoor: () => approvalsOn(ground, async () => undefined),
  };
}

export const asked = (ground: Ground): EntryDraft =>
  entry({ id: ground.newId('entry'), kind: 'call.decided', who: planeItself, decision: 'ask' });

/** What a refusal of that code looks like to `assert.rejects`. */
export const refusal = (code: string) => (error: unknown) => {
  if ((error as { code?: unknown }).code === code) return true;
  throw error;
};

/** The same without regard to prototypes: what was parsed has none. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
