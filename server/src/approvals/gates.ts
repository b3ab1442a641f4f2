import { type Ground, type PersonCaller, refuse } from '../foundation/index.ts';
import { findPerson, type Person, type PersonKey } from '../identity/index.ts';
import { type Approval, isOpen } from './approval.ts';
import { whyNotYours } from './whose.ts';
import { isOfKind, whyTooLate } from './yes.ts';

// What stands between a person and a question, each with its own refusal.

/** How far the signed time may be from ours. */
const answerSkewMilliseconds = 60_000;

export async function requireActive(ground: Ground, { tenant, person: id }: PersonCaller): Promise<Person> {
  const person = await findPerson(ground, tenant, id);
  if (person?.state !== 'active') throw refuse('approval.not_yours', `person ${id} is not active`);
  return person;
}

export function requireOpen(approval: Approval, now: number): void {
  if (isOpen(approval, now)) return;
  throw refuse('approval.over', `approval ${approval.id} is ${approval.state}, until ${showAt(approval.expiresAt)}`);
}

export function requireRight(approval: Approval, person: Person): void {
  const no = whyNotYours(approval, person);
  if (no !== null) throw refuse('approval.not_yours', no.because, no.says);
}

/** By that key: one that was there when it was asked, and of a kind that suffices. */
export function requireKey(approval: Approval, person: Person, key: PersonKey): void {
  const late = whyTooLate(approval, person, key);
  if (late !== null) {
    const times = `roles of ${person.id} since ${person.rolesSince}, key ${key.id} since ${key.addedAt}`;
    throw refuse('approval.not_yours', `asked ${approval.askedAt}, ${times}`, late);
  }
  if (isOfKind(approval, key)) return;
  throw refuse('approval.key_kind', `${key.id} is ${key.kind}, the question wants ${approval.keys?.join(' or ')}`);
}

export function requireFresh(at: number, now: number): void {
  if (Math.abs(now - at) <= answerSkewMilliseconds) return;
  throw refuse('approval.stale_answer', `signed at ${showAt(at)}, it is ${showAt(now)}`);
}

const showAt = (at: number): string => new Date(at).toISOString();
