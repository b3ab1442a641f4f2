import type { AgentIdentity } from '@ambit/sdk/operator';
import { BadgeCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readLeft } from '../../kit/read-time.ts';
import { useNow } from '../../kit/use-now.ts';
import { useNames } from '../../plane/use-names.ts';
import type { Seen } from './page.tsx';
import { type Method, methods } from './read-name.ts';
import { whyNoKeys } from './why-no-keys.ts';

/** Names that authorities outside give to it, by which it proves itself without a key of its own. */
export function Identities({ seen: { agent }, whyNot }: { readonly seen: Seen; readonly whyNot: string | null }) {
  const [revoked, setRevoked] = useState<AgentIdentity | null>(null);
  if (agent.identities.length === 0) return null;
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-section">Names from outside</h2>
      <p className="max-w-[72ch] text-caption text-text-2">
        Whoever proves to have one of these names is this agent: the authority beside it says so, and no key is needed.
      </p>
      <ul className="border-line border-t">
        {agent.identities.map((identity) => (
          <Row key={identity.id} identity={identity}>
            <Button offBy={whyNot && whyNoKeys} onClick={() => setRevoked(identity)}>
              Revoke…
            </Button>
          </Row>
        ))}
      </ul>
      {revoked !== null && (
        <EndConfirm
          title="Revoke this name"
          confirm="Revoke it"
          ends={[
            'Whoever proves to have it is refused from now on, and enrols no key by it.',
            'Keys that it enrolled before hold on: revoke them above.',
            'Another agent may be given the name.',
          ]}
          onClose={() => setRevoked(null)}
          run={({ operator }) => operator.agents.revokeIdentity(agent.id, revoked.id)}
        />
      )}
    </section>
  );
}

type RowProps = { readonly identity: AgentIdentity; readonly children: ReactNode };

function Row({ identity: { method, issuer, subject, keySeconds, addedBy, addedAt }, children }: RowProps) {
  const now = useNow();
  const names = useNames();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b py-2">
      <BadgeCheck aria-hidden="true" className="size-4 shrink-0 text-text-2" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="code wrap-anywhere">
          <Foreign inline text={subject} />
        </p>
        <p className="text-caption text-text-2 wrap-anywhere">
          {Object.hasOwn(methods, method) ? methods[method as Method] : <Foreign inline text={method} />}, as{' '}
          <Foreign inline text={issuer} /> says; {readLeft(now - addedAt)} old, added by{' '}
          <Foreign inline text={names[addedBy] ?? addedBy} />.{' '}
          {keySeconds === null ? 'It enrols no key.' : `It enrols keys that hold ${readLeft(keySeconds * 1000)}.`}
        </p>
      </div>
      {children}
    </li>
  );
}
