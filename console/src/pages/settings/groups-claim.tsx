import type { SignInProvider } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Attempt, TextField } from '../../kit/form.tsx';
import { usePlane } from '../../plane/session-provider.tsx';

/** Which claim of its sign-ins lists groups: without it none of them gives anything. */
export function GroupsClaim({ provider }: { readonly provider: SignInProvider }) {
  const { operator } = usePlane();
  const queries = useQueryClient();
  const [claim, setClaim] = useState('groups');
  const [secret, setSecret] = useState('');
  const hasSecret = provider.clientAuth !== 'private_key_jwt';
  return (
    <Attempt
      says="No claim of its sign-ins is read as groups yet."
      failed="The provider is as it was."
      run={async () => {
        const { name, issuer, clientId, clientAuth, emailDomains, creates } = provider;
        await operator.signInProviders.set({
          ...{ name, issuer, clientId, clientAuth, emailDomains, creates },
          groupsClaim: claim.trim(),
          ...(hasSecret && { secret }),
        });
        await queries.invalidateQueries();
      }}
      onDone={() => setSecret('')}
    >
      {(isBusy) => (
        <div className="grid max-w-xl gap-3">
          <TextField
            label="Claim that lists groups"
            value={claim}
            onChange={setClaim}
            isCode
            required
            maxLength={100}
          />
          {hasSecret && (
            <TextField
              label="Client secret"
              hint="It was never kept to be read: whoever changes the provider brings it again."
              value={secret}
              onChange={setSecret}
              isSecret
              required
            />
          )}
          <Button type="submit" disabled={isBusy} className="justify-self-start">
            Read groups from it
          </Button>
        </div>
      )}
    </Attempt>
  );
}
