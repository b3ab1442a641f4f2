import type { Role } from '@ambit/sdk/operator';
import { useRead } from './use-read.ts';

/** What a person may not do stays on the page, off, with who may. */
export function LacksRole({ lacks, what }: { readonly lacks: Role; readonly what: string }) {
  const persons = useRead(['persons', 'list'], ({ operator }) => operator.persons.list());
  const may = (persons.data ?? []).filter(({ roles, state }) => state === 'active' && roles.includes(lacks));
  return (
    <p className="rounded-card border border-ask-line bg-ask-soft p-4 text-interface">
      Only a person with the role {lacks} can {what}.{' '}
      {may.length === 0
        ? 'Nobody holds it yet.'
        : `${may.length === 1 ? 'One person holds' : `${may.length} people hold`} it.`}
    </p>
  );
}
