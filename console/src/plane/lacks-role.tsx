import type { Role } from '@ambit/sdk/operator';
import { Foreign } from '../kit/foreign.tsx';
import { useRead } from './use-read.ts';

/** What a person may not do stays on the page, off, with who may. */
export function LacksRole({ lacks, what }: { readonly lacks: Role; readonly what: string }) {
  const { data } = useRead(['persons', 'names'], ({ operator }) => operator.persons.list({ limit: 500 }));
  const may = data?.filter(({ roles, state }) => state === 'active' && roles.includes(lacks));
  return (
    <p className="rounded-card border border-ask-line bg-ask-soft p-4 text-interface">
      Only a person with the role {lacks} can {what}. {may !== undefined && whoHolds(may.map(({ name }) => name))}
    </p>
  );
}

const namedMax = 3;

/** Said once it is known who holds it: whoever is stuck here wants to know whom to ask. */
function whoHolds(names: readonly string[]) {
  if (names.length === 0) return 'Nobody holds it yet.';
  const rest = names.length - namedMax;
  return (
    <>
      It is held by <Foreign inline text={names.slice(0, namedMax).join(', ')} />
      {rest > 0 && ` and ${rest} more`}.
    </>
  );
}
