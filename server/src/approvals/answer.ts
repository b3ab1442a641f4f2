import type { ApprovalId, Bounds } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import {
  countUse,
  type DocumentSignature,
  listPersonKeys,
  personKeyStands,
  personStands,
  readSignature,
} from '../identity/index.ts';
import { again } from './again.ts';
import { answered } from './answered.ts';
import type { Approval } from './approval.ts';
import { requireActive, requireFresh, requireKey, requireOpen, requireRight } from './gates.ts';
import { remembering } from './remember.ts';
import { findApproval } from './store.ts';
import { documentOf } from './yes.ts';

export type Answering = {
  readonly answer: 'yes' | 'no';
  readonly reason: string | null;
  /** Epoch milliseconds, as signed. */
  readonly at: number;
  readonly signature: DocumentSignature;
  /** On a yes: within which bounds it is remembered, as signed. */
  readonly remember?: Bounds;
};

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
  return span('approvals/answer', () => again(() => answerOnce(ground, caller, id, given, runSeconds)));
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
  requireOpen(approval, now);
  const person = await requireActive(ground, caller);
  requireRight(approval, person);
  const answer = { ...given, person: person.id };
  const document = documentOf(caller.tenant, approval, answer);
  const used = readSignature(await listPersonKeys(ground, caller.tenant, caller.person), document, given.signature);
  const { key } = used;
  requireKey(approval, person, key);
  requireFresh(given.at, now);
  const counted = await countUse(ground, caller, used);
  const entry = ground.newId('entry');
  const remembered = await remembering(ground, caller.tenant, approval, { ...answer, answered: entry });
  const { detail } = remembered;
  const one = answered(caller, approval, { id: entry, answer, document, key, now, runSeconds, detail });
  await ground.database.commit({
    tenant: caller.tenant,
    // A role or key taken away between reading and writing takes the answer with it.
    checks: [personStands(person), personKeyStands(key)],
    changes: [one.change, ...counted, ...remembered.changes],
    entries: [one.entry],
  });
  return one.approval;
}
