import type { PersonId } from '@ambit/protocol';
import type { Authority } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { AuthorityForm, type AuthorityGiven } from '../../kit/authority-form.tsx';
import { Button } from '../../kit/button.tsx';
import { Attempt } from '../../kit/form.tsx';
import { usePlane } from '../../plane/session-provider.tsx';

/** What a person may hand to agents: the bound on every task that they ask for. */
export function Delegable({ id, delegable }: { readonly id: PersonId; readonly delegable: Authority }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const asItIs: AuthorityGiven = { authority: delegable, whyNot: null };
  const [given, setGiven] = useState(asItIs);
  const isSame = JSON.stringify(given.authority) === JSON.stringify(delegable);
  return (
    <Attempt
      failed="What they may hand to agents is as it was."
      run={async () => {
        await operator.persons.setDelegable(id, given.authority);
        await queries.invalidateQueries();
      }}
      onDone={(came) => came !== 'done' && setGiven(asItIs)}
    >
      {(isBusy) => (
        <>
          <AuthorityForm label="What they may hand to agents" given={given} onChange={setGiven} isOverTasks />
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" disabled={isBusy || isSame || given.whyNot !== null}>
              Set what they may hand over
            </Button>
            {given.whyNot !== null && <span className="text-caption text-text-2">{given.whyNot}</span>}
          </div>
        </>
      )}
    </Attempt>
  );
}
