import type { ApprovalId, Bounds } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, Refusal, refuse, span } from '../foundation/index.ts';
import {
  countUse,
  type DocumentSignature,
  findPerson,
  listPersonKeys,
  type Person,
  type PersonKey,
  personKeyStands,
  personStands,
  readSignature,
  signerDetail,
} from '../identity/index.ts';
import { type Answer, type Approval, isOpen } from './approval.ts';
import { remembering } from './remember.ts';
import { findApproval, moveApproval } from './store.ts';
import { whyNotYours } from './whose.ts';
import { documentOf, isOfKind, whyTooLate } from './yes.ts';

export type Answering = {
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  /** Epoch milliseconds, as signed. */
  readonly at: number;
  readonly signature: DocumentSignature;
  /** On a yes: within which bounds it is remembered, as signed. */
  readonly remember?: Bounds;
};

/** How far the signed time may be from ours. */
const answerSkewMilliseconds = 60_000;

/** Answers that come at once wait for each other: at most ten can be needed, and each loser finds one more given. */
const racesMax = 20;

/**
 * One person's answer, by a signature over the digest with an enrolled key. A no ends the question; the last yes that
 * is needed approves the call, which must then start within `runSeconds`. Where bounds were signed with a yes it is
 * remembered within them, by the same unit.
 */
export function answerApproval(
  ground: Ground,
  caller: PersonCaller,
  id: ApprovalId,
  given: Answering,
  runSeconds: number,
): Promise<Approval> {
  return span('approvals/answer', async () => {
    for (let race = 1; ; race++) {
      try {
        return await answerOnce(ground, caller, id, given, runSeconds);
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 'state.changed') || race === racesMax) throw error;
      }
    }
  });
}

async function answerOnce(
  ground: Ground,
  caller: PersonCaller,
  id: ApprovalId,
  given: Answering,
  runSeconds: number,
): Promise<Approval> {
  const approval = await findApproval(ground, caller.tenant, id);
  if (approval === undefined) throw refuse('thing.not_found', `no approval ${id}`);
  const now = ground.clock();
  if (!isOpen(approval, now))
    throw refuse('approval.over', `approval ${id} is ${approval.state}, until ${showAt(approval.expiresAt)}`);
  const person = await findPerson(ground, caller.tenant, caller.person);
  if (person?.state !== 'active') throw refuse('approval.not_yours', `person ${caller.person} is not active`);
  requireRight(approval, person);
  const document = documentOf(caller.tenant, approval, { ...given, person: person.id });
  const used = readSignature(await listPersonKeys(ground, caller.tenant, caller.person), document, given.signature);
  const { key } = used;
  requireInTime(approval, person, key);
  requireKind(approval, key);
  if (Math.abs(now - given.at) > answerSkewMilliseconds)
    throw refuse('approval.stale_answer', `signed at ${showAt(given.at)}, it is ${showAt(now)}`);
  const counted = await countUse(ground, caller, used);
  const answers: Answer[] = [...approval.answers, { ...given, person: caller.person }];
  const set = outcomeOf(approval, answers, now, runSeconds);
  const answered = ground.newId('entry');
  const remembered = await remembering(ground, caller.tenant, approval, { ...given, person: person.id, answered });
  await ground.database.commit({
    tenant: caller.tenant,
    // A role or key taken away between reading and writing takes the answer with it.
    checks: [personStands(person), personKeyStands(key)],
    // Somebody else may answer at the same time: then this answer is looked at again beside theirs.
    changes: [moveApproval(approval, set, 'state.changed'), ...counted, ...remembered.changes],
    entries: [
      entry({
        id: answered,
        kind: 'approval.answered',
        who: { ...caller.who, agent: approval.agent, requester: approval.requester },
        task: approval.task,
        run: approval.run,
        about: approval.entry,
        action: approval.action,
        code: given.answer,
        detail: {
          approval: id,
          document,
          signature: given.signature,
          key: signerDetail(key),
          state: set.state ?? approval.state,
          ...remembered.detail,
        },
      }),
    ],
  });
  return { ...approval, ...set };
}

const showAt = (at: number): string => new Date(at).toISOString();

function requireRight(approval: Approval, person: Person): void {
  const no = whyNotYours(approval, person);
  if (no !== null) throw refuse('approval.not_yours', no.because, no.says);
}

function requireInTime(approval: Approval, person: Person, key: PersonKey): void {
  const late = whyTooLate(approval, person, key);
  if (late === null) return;
  const times = `roles of ${person.id} since ${person.rolesSince}, key ${key.id} since ${key.addedAt}`;
  throw refuse('approval.not_yours', `asked ${approval.askedAt}, ${times}`, late);
}

function requireKind(approval: Approval, key: PersonKey): void {
  if (isOfKind(approval, key)) return;
  throw refuse('approval.key_kind', `${key.id} is ${key.kind}, the question wants ${approval.keys?.join(' or ')}`);
}

function outcomeOf(approval: Approval, answers: readonly Answer[], now: number, runSeconds: number): Partial<Approval> {
  const last = answers.at(-1);
  if (last?.answer === 'no') return { answers, state: 'refused', sealed: null };
  if (answers.length < approval.answersNeeded) return { answers };
  return { answers, state: 'approved', runBefore: now + runSeconds * 1000 };
}
