import { hash } from 'node:crypto';
import { type Authority, jsonDigest, type ShownValue, type TaskId, type TenantId } from '@ambit/protocol';
import type { Approval } from '../approvals/index.ts';
import { describeGrant, parseAuthority } from '../authority/index.ts';
import type { Action } from '../catalog/index.ts';
import { refuse } from '../foundation/index.ts';

/** What a person is asked to give: grants, and for how long from the yes on. */
export type Wish = { readonly authority: Authority; readonly seconds: number };

export type Actions = ReadonlyMap<string, Action>;

/** An elevation is asked about under this name. No action of an API has it: `ambit` is no name of one. */
export const elevationAction = 'ambit:elevation';

/** The same wish of the same task is the same question. */
export const wishDigest = (tenant: TenantId, task: TaskId, wish: Wish, reason: string): string =>
  jsonDigest({ elevation: wish, tenant, task, reason }, (bytes) => hash('sha256', bytes, 'buffer'));

/** Everything that will be given, in words and as it will stand in the row: the person signs over both. */
export const valuesOf = ({ authority, seconds }: Wish): ShownValue[] => [
  ...authority.map((grant, i) => ({ name: `grant ${i + 1}`, value: describeGrant(grant), source: 'agent' as const })),
  { name: 'seconds', value: seconds, source: 'agent' },
  { name: 'authority', value: authority, source: 'agent' },
];

/** INVARIANT (elevation): what is given is read from what was shown and signed, and from nothing else. */
export function wishShown({ id, shown }: Pick<Approval, 'id' | 'shown'>): Wish {
  const value = (name: string) => shown.values.find((one) => one.name === name)?.value;
  const seconds = value('seconds');
  if (typeof seconds !== 'number') throw refuse('approval.denied', `approval ${id} shows no time`);
  return { authority: parseAuthority(value('authority')), seconds };
}

/**
 * A yes to an elevation is no yes to what cannot be undone: each such call asks a person again, whatever the agent
 * wrote and whatever the rules say.
 */
export function askingAgain(authority: Authority, actions: Actions): Authority {
  return authority.map((grant) => {
    const isFinal = grant.actions.some((id) => actions.get(id)?.reversibility === 'irreversible');
    if (!isFinal || grant.asks?.some((one) => 'always' in one)) return grant;
    const reason = 'This cannot be undone, and the task may do it only for a while.';
    return { ...grant, asks: [...(grant.asks ?? []), { always: true, reason }] };
  });
}

/** What no person may give by a yes: the catalog has it closed to everybody until it is settled there. */
export function requireElevatable(authority: Authority, actions: Actions): void {
  for (const id of authority.flatMap((grant) => grant.actions)) {
    const action = actions.get(id);
    const why = action === undefined ? 'it is not in the catalog' : whyClosed(action);
    if (why !== null) throw refuse('elevation.not_elevatable', `${id}: ${why}`, `${id} cannot be given: ${why}.`);
  }
}

function whyClosed({ held, opaque, mintsCredential }: Action): string | null {
  if (held !== null) return 'a person has to look at it in the catalog first';
  if (opaque) return 'its body chooses what is done, and has to be mapped first';
  return mintsCredential ? 'it answers with a new credential, which no agent may hold' : null;
}
