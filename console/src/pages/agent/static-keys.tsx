import type { TemplateKey } from '@ambit/sdk/operator';
import { KeySquare } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { EndConfirm } from '../../kit/end-confirm.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readLeft, readSince } from '../../kit/read-time.ts';
import { ErrorState } from '../../kit/states.tsx';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import { useRead } from '../../plane/use-read.ts';
import type { Seen } from './page.tsx';

/** Static keys for tasks of one template, as its owner and administrators see them. */
export function StaticKeys({ seen: { agent }, whyNot }: { readonly seen: Seen; readonly whyNot: string | null }) {
  const [revoked, setRevoked] = useState<TemplateKey | null>(null);
  const found = useRead(
    ['agents', 'static-keys', agent.id],
    async ({ operator }) => {
      const [keys, templates] = await Promise.all([operator.templateKeys.list(agent.id), operator.tasks.templates()]);
      return { keys, templates: Object.fromEntries(templates.map(({ id, name }) => [id, name])) };
    },
    { isOff: whyNot !== null },
  );
  if (found.isLoadingError && whyNot === null)
    return (
      <ErrorState
        what="Its static keys could not be loaded."
        error={found.error}
        onTryAgain={() => void found.refetch()}
      />
    );
  if (found.data === undefined || found.data.keys.length === 0) return null;
  const { keys, templates } = found.data;
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-section">Static keys</h2>
      <p className="max-w-[72ch] text-caption text-text-2">
        For a client that can send one header and no more. Each opens tasks of one template, from where it is bound to.
      </p>
      <ul className="border-line border-t">
        {keys.map((key) => (
          <Row
            key={key.id}
            of={key}
            template={templates[key.template] ?? key.template}
            onRevoke={() => setRevoked(key)}
          />
        ))}
      </ul>
      {revoked !== null && (
        <EndConfirm
          title={
            <>
              Revoke the static key <Foreign inline text={revoked.label} />
            </>
          }
          confirm="Revoke it"
          ends={['Whoever shows it is refused from now on.', 'The task that it has open ends.']}
          reason={{ usual: 'Revoked in the console.' }}
          onClose={() => setRevoked(null)}
          run={({ operator }, reason) => operator.templateKeys.revoke(agent.id, revoked.id, reason)}
        />
      )}
    </section>
  );
}

type RowProps = { readonly of: TemplateKey; readonly template: string; readonly onRevoke: () => void };

function Row({ of, template, onRevoke }: RowProps) {
  const now = useNow();
  const { label, parameters, zone, x5t, holds, state, addedAt, expiresAt, lastUsedAt, sharedAt } = of;
  const bound = [...(zone ?? []), ...(x5t === null ? [] : [`the certificate ${x5t}`])].join(', ');
  const given = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  const word = holds ? (lastUsedAt === null ? 'unused' : 'in use') : state === 'revoked' ? 'revoked' : 'ended';
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b py-2">
      <KeySquare aria-hidden="true" className="size-4 shrink-0 text-text-2" />
      <div className="min-w-0 flex-1 basis-60 wrap-anywhere">
        <p className="font-medium text-interface">
          <Foreign inline text={label} />
        </p>
        <p className="text-caption text-text-2">
          For <Foreign inline text={template} />
          {given.length > 0 && (
            <>
              {' '}
              with <Foreign inline text={given.join(', ')} />
            </>
          )}
          , from <Foreign inline text={bound} />
        </p>
        <p className="text-caption text-text-2">
          {readLeft(now - addedAt)} old,{' '}
          {lastUsedAt === null ? 'never used' : `last used ${readSince(lastUsedAt, now)}`}
          {holds && (
            <>
              , until <When at={expiresAt} as="day" />
            </>
          )}
        </p>
        {sharedAt !== null && (
          <p className="text-ask text-caption">Last tried from elsewhere {readSince(sharedAt, now)}.</p>
        )}
      </div>
      <span className="rounded-chip border border-line px-1.5 text-caption text-text-2">{word}</span>
      {holds && <Button onClick={onRevoke}>Revoke…</Button>}
    </li>
  );
}
