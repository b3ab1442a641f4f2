import type { AgentOverview } from '@ambit/protocol';
import { KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Id } from '../../kit/id.tsx';
import { readLeft, readSince } from '../../kit/read-time.ts';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import type { Seen } from './page.tsx';

type KeyRowProps = { readonly of: AgentOverview['keys'][number]; readonly seen: Seen; readonly children?: ReactNode };

/** One key: what kind, how old, when it was last seen, and whether it holds. */
export function KeyRow({ of, seen: { agent, overview }, children }: KeyRowProps) {
  const now = useNow();
  const known = agent.keys.find(({ id }) => id === of.id);
  const isLeaving = of.holds && of.notAfter < agent.expiresAt;
  const ageMs = of.ageMs + Math.max(0, now - overview.now);
  const word = !of.holds ? 'ended' : isLeaving ? 'leaving' : of.lastSeenAt === null ? 'unused' : 'in use';
  return (
    <li className="grid gap-2 border-line border-b py-2">
      <div className="flex items-center gap-2.5">
        <KeyRound aria-hidden="true" className="size-4 shrink-0 text-text-2" />
        <div className="min-w-0 flex-1">
          <p className="code">
            {known?.jwk.kty === 'EC' ? 'ES256' : 'EdDSA'} ·{' '}
            <Id id={of.thumbprint} label="Copy the thumbprint" isShort />
          </p>
          <p className="text-caption text-text-2">
            {readLeft(ageMs)} old,{' '}
            {of.lastSeenAt === null ? 'never seen in use' : `last used ${readSince(of.lastSeenAt, now)}`}
            {isLeaving && (
              <>
                , stops at <When at={of.notAfter} />
              </>
            )}
          </p>
        </div>
        <span className="rounded-chip border border-line px-1.5 text-caption text-text-2">{word}</span>
      </div>
      {children}
    </li>
  );
}
