import type { Lowering } from '../foundation/index.ts';
import type { PolicySet } from './policy-set.ts';

/**
 * What new rules would loosen: forbids that go or change, and permits that come or change. A changed text counts, however
 * it changed: nobody here tells which of two conditions lets more through.
 */
export function lowersByRules(before: PolicySet | null, after: PolicySet): Lowering | null {
  const ids = new Set([...(before?.texts.keys() ?? []), ...after.texts.keys()]);
  const rules = [...ids].flatMap((id) => {
    const [from, to] = [before?.texts.get(id) ?? null, after.texts.get(id) ?? null];
    const loosens =
      from !== to && (before?.about.get(id)?.effect === 'forbid' || after.about.get(id)?.effect === 'permit');
    return loosens ? [{ id, from, to }] : [];
  });
  if (rules.length === 0) return null;
  const names = rules.map(({ id }) => id).join(', ');
  return { says: `Rules would let more through: ${names.slice(0, 300)}.`, changes: { rules, text: after.text } };
}
