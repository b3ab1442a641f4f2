import {
  type Bounds,
  canonicalJson,
  type EntryId,
  neverRemembered,
  type PersonId,
  rememberableOf,
  type TenantId,
  type Widest,
} from '@ambit/protocol';
import { narrows } from '../authority/index.ts';
import { type Change, type Fields, type Ground, insert, refuse } from '../foundation/index.ts';
import { isRemembered, type Remembered, rememberedAnswers, rememberedMax, standingRemembered } from '../tasks/index.ts';
import type { Answer, Approval } from './approval.ts';

type Given = Pick<Answer, 'answer' | 'remember'> & { readonly person: PersonId; readonly answered: EntryId };

/**
 * What the unit of an answer adds where it is to be remembered: a row beside the task, and its name in the entry.
 * Refuses with `approval.not_rememberable` or `approval.bounds_too_wide`; then nothing is answered either.
 */
export async function remembering(
  ground: Ground,
  tenant: TenantId,
  approval: Approval,
  { answer, remember, person, answered }: Given,
): Promise<{ readonly changes: readonly Change[]; readonly detail: Fields }> {
  if (remember === undefined) return { changes: [], detail: {} };
  if (answer !== 'yes') throw refuse('approval.not_rememberable', 'only a yes is remembered');
  const now = ground.clock();
  requireWithin(remember, widestOf(approval), now);
  await requireRoom(ground, tenant, approval, now);
  const row: Remembered = {
    id: ground.newId('remembered'),
    task: approval.task,
    run: approval.run,
    agent: approval.agent,
    action: approval.action,
    approval: approval.id,
    answered,
    person,
    bounds: remember,
    state: 'standing',
    rememberedAt: now,
    expiresAt: remember.until,
    endedAt: null,
  };
  return { changes: [insert(rememberedAnswers, row, 'approval.over')], detail: { remembered: row.id } };
}

function widestOf(approval: Approval): Widest {
  const rememberable = rememberableOf(approval);
  if ('widest' in rememberable) return rememberable.widest;
  const says = neverRemembered[rememberable.never];
  throw refuse('approval.not_rememberable', `${approval.id}: ${rememberable.never}`, `${says} Nothing was answered.`);
}

/**
 * INVARIANT (remembered): what is signed lies within what was asked about. Every limit has to be there, since one that is
 * left out bounds nothing, and no other words than those that were shown may be in it.
 */
function requireWithin({ grant, until }: Bounds, widest: Widest, now: number): void {
  const wide = (because: string) => refuse('approval.bounds_too_wide', because);
  if (until <= now || until > widest.until) throw wide(`until ${until}, it is ${now}, at most until ${widest.until}`);
  const { limits = [], asks, actions } = grant;
  const kinds = limits.map(kindOf);
  const wanted = (widest.grant.limits ?? []).map(kindOf);
  if (asks !== undefined || canonicalJson(kinds) !== canonicalJson(wanted))
    throw wide(`limits of ${kinds.join(', ') || 'nothing'}, wanted are ${wanted.join(', ')}`);
  if (canonicalJson(actions) !== canonicalJson(widest.grant.actions)) throw wide(`actions ${actions.join(', ')}`);
  const narrowing = narrows([grant], [widest.grant], 'what was asked about');
  if (!narrowing.narrower) throw wide(narrowing.says);
}

const kindOf = (limit: object): string => Object.keys(limit).toSorted().join(' ');

async function requireRoom(ground: Ground, tenant: TenantId, { task }: Approval, now: number): Promise<void> {
  const standing = (await standingRemembered(ground, tenant, [task])).filter((one) => isRemembered(one, now));
  if (standing.length >= rememberedMax)
    throw refuse('approval.too_many_remembered', `task ${task} has ${standing.length} of ${rememberedMax}`);
}
