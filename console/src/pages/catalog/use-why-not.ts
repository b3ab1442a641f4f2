import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

/** Where a page of the catalog says why what changes it is off: once, for all its buttons. */
export const whyNoCatalog = 'why-no-catalog';

/** Why this person does nothing that needs the role, and who may; null where they hold it. The plane looks again. */
export function useWhyNot(role: 'catalog' | 'policy'): string | null {
  const { me } = usePlane();
  const persons = useRead(['persons', 'names'], ({ operator }) => operator.persons.list({ limit: 500 }));
  if (me.roles.includes(role)) return null;
  const holders = (persons.data ?? []).filter(({ roles, state }) => state === 'active' && roles.includes(role));
  const named = holders.slice(0, 3).map(({ name }) => name);
  const what = role === 'catalog' ? 'changes the catalog' : 'checks and publishes rules';
  return `Only a person with the role ${role} ${what}${named.length > 0 ? `: ${named.join(', ')}` : ''}.`;
}
