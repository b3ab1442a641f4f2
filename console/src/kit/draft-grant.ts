import { authorityShape, type Grant, type Limit, ShapeFault } from '@ambit/protocol';

/** One grant as a form holds it: every field is a text, and what is empty is not said. */
export type GrantDraft = {
  readonly actions: readonly string[];
  /** The most money, a decimal, in `currency`. */
  readonly amount: string;
  readonly currency: string;
  readonly calls: string;
  /** Seconds in which both count; empty where they count in all. */
  readonly seconds: string;
  readonly asks: 'never' | 'always' | 'over';
  /** From which sum on a person is asked, in `currency`. */
  readonly over: string;
  readonly reason: string;
};

export const noGrant: GrantDraft = {
  ...{ actions: [], amount: '', currency: '', calls: '', seconds: '' },
  ...{ asks: 'never', over: '', reason: '' },
};

/** The grant that the form says, read by the very shape that the plane reads it by; or what is still wrong with it. */
export function grantOf(
  draft: GrantDraft,
  movesMoney: (action: string) => boolean,
): { readonly grant: Grant } | { readonly fault: string } {
  const { actions, asks } = draft;
  const amount = draft.amount.trim();
  const over = draft.over.trim();
  const currency = draft.currency.trim().toUpperCase();
  const reason = draft.reason.trim();
  const countsMoney = amount !== '' || (asks === 'over' && over !== '');
  const still = actions.find((action) => !movesMoney(action));
  if (actions.length === 0) return { fault: 'Choose at least one action.' };
  if (countsMoney && currency === '') return { fault: 'Name the currency of the amount, such as USD.' };
  if (countsMoney && still !== undefined)
    return { fault: `${still} moves no money that can be counted: give it in a grant of its own, without an amount.` };
  if (asks === 'over' && over === '') return { fault: 'Say from which amount on a person is asked.' };
  if (asks !== 'never' && reason === '') return { fault: 'Say why a person is asked: they read it.' };
  const span = draft.seconds === '' ? {} : { seconds: Number(draft.seconds) };
  const limits: Limit[] = [
    ...(amount === '' ? [] : [{ sum: { max: amount, currency }, ...span }]),
    ...(draft.calls.trim() === '' ? [] : [{ calls: Number(draft.calls), ...span }]),
  ];
  const asked = asks === 'always' ? { always: true as const, reason } : { over: { amount: over, currency }, reason };
  return readGrant({
    type: 'ambit_grant',
    actions,
    ...(limits.length > 0 && { limits }),
    ...(asks !== 'never' && { asks: [asked] }),
  });
}

function readGrant(given: Grant): { readonly grant: Grant } | { readonly fault: string } {
  try {
    const [grant] = authorityShape.read([given], 'grants');
    return grant === undefined ? { fault: 'This is no grant.' } : { grant };
  } catch (error) {
    if (error instanceof ShapeFault) return { fault: error.message };
    throw error;
  }
}
