import type { LogPage } from '@ambit/sdk/operator';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { useKeys } from '../../kit/keys.ts';
import { readTime } from '../../kit/read-time.ts';
import { Time } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';

type Found = LogPage['entries'][number];
const words = { permit: 'Permit', ask: 'Ask', deny: 'Deny' } as const;
const inks = { permit: 'text-permit', ask: 'text-ask', deny: 'text-deny' } as const;

/** Entries, one row each, under the day on which they were written. */
export function EntryRows({ page }: { readonly page: LogPage }) {
  const list = useRef<HTMLOListElement>(null);
  const navigate = useNavigate();
  const links = () => [...(list.current?.querySelectorAll<HTMLAnchorElement>('a') ?? [])];
  const at = () => links().indexOf(document.activeElement as HTMLAnchorElement);
  const step = (by: number) => links()[Math.max(0, at() + by)]?.focus();
  const open = () => {
    const entry = page.entries[at()]?.header.id;
    if (entry !== undefined) void navigate({ to: '/log/$entry', params: { entry } });
  };
  useKeys([
    { keys: 'j', says: 'Next entry', run: () => step(1), repeats: true },
    { keys: 'k', says: 'Entry before', run: () => step(-1), repeats: true },
    { keys: 'o', says: 'Open the entry', run: open },
  ]);
  return (
    <ol ref={list} aria-label="Entries, newest first" className="m-0 list-none p-0">
      {page.entries.map((found, index) => {
        const day = readTime.day(found.header.at);
        const last = page.entries[index - 1];
        return (
          <li key={found.header.id}>
            {(last === undefined || readTime.day(last.header.at) !== day) && (
              <p className="border-line border-b bg-sunken px-7 py-1.5 text-caption text-text-2 max-sm:px-4">
                <Time at={found.header.at} as="day" />
              </p>
            )}
            <Row found={found} names={page.names} />
          </li>
        );
      })}
    </ol>
  );
}

function Row({ found: { index, header, says }, names }: { readonly found: Found; readonly names: LogPage['names'] }) {
  const { decision, action, code, keys, who } = header;
  return (
    <Link
      to="/log/$entry"
      params={{ entry: header.id }}
      className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-0.5 border-line border-b px-7 py-2 text-interface -outline-offset-2 hover:bg-hover max-sm:px-4"
    >
      <span className="w-16 shrink-0 text-text-2">
        <Time at={header.at} as="second" />
      </span>
      <span
        className={`flex w-16 shrink-0 items-center gap-1.5 font-medium ${decision === null ? 'max-sm:hidden' : inks[decision]}`}
      >
        {decision !== null && (
          <>
            <DecisionMark decision={decision} />
            {words[decision]}
          </>
        )}
      </span>
      <span className="min-w-0 flex-1 basis-64 wrap-anywhere">
        {action === null ? (
          <span className={decision === null ? 'text-text-2' : ''}>{says}</span>
        ) : (
          <>
            <code className="code">
              <Foreign inline text={action} />
            </code>{' '}
            <span className="code text-text-2">
              <Foreign inline text={keys.join(' ')} />
            </span>
            {decision === null && <span className="block text-caption text-text-2">{says}</span>}
          </>
        )}
        {decision !== 'permit' && code !== null && (
          <span className="code block text-text-2">
            <Foreign inline text={code} />
          </span>
        )}
      </span>
      <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-text-2">
        {who.agent !== null && <Who who={{ kind: 'agent', name: names[who.agent] ?? who.agent }} />}
        {who.requester !== null && <Who who={{ kind: 'person', name: names[who.requester] ?? who.requester }} />}
      </span>
      <span className="ml-auto w-14 shrink-0 text-right text-text-2 tabular-nums">
        <span className="sr-only">Entry </span>
        {index.toLocaleString()}
      </span>
    </Link>
  );
}
