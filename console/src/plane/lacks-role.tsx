import type { Role } from '@ambit/sdk/operator';
import { Foreign } from '../kit/foreign.tsx';
import { useRead } from './use-read.ts';

/** What a person may not do stays on the page, off, with who may. */
export function LacksRole({ lacks, what }: { readonly lacks: Role; readonly what: string }) {
  const { data } = useRead(['persons', 'names'], ({ operator }) => operator.persons.list({ limit: 500 }));
  const may = data?.filter(({ roles, state }) => state === 'active' && roles.includes(lacks)).map(({ name }) => name);
  return (
    <p className="rounded-card border border-ask-line bg-ask-soft p-4 text-interface">
      Only a person with the role {lacks} can {what}
      {may !== undefined && may.length > 0 && (
        <>
          : <Foreign inline text={may.slice(0, 3).join(', ')} />
        </>
      )}
      .{may?.length === 0 && ' Nobody holds it yet.'}
    </p>
  );
}
