import type { ActionInShort } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { FileBraces, MessageSquareQuote } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { Who } from '../../kit/who.tsx';
import { apiOf, operationOf } from '../../plane/use-catalog.ts';
import { EffectMark, sayEffect } from './effect.tsx';
import { type Group, type GroupName, groupOf } from './groups.ts';
import { whyNoCatalog } from './use-why-not.ts';

type TableProps = {
  readonly groups: readonly Group[];
  readonly selected: string | null;
  readonly names: Readonly<Record<string, string>>;
  readonly isOff: boolean;
  readonly onClassify: (action: ActionInShort) => void;
};

const titles: Readonly<Record<GroupName, readonly [string, string]>> = {
  open: ['Not classified', 'each counts by the strictest that is known of it'],
  irreversible: ['Irreversible writes', 'nothing takes them back'],
  compensable: ['Compensable writes', 'another call makes up for them'],
  reversible: ['Reversible writes', 'the same API takes them back'],
  read: ['Reads', 'nothing changes'],
};
const foldedTo = 40;

/** Actions in their groups, as one table whose columns fold into the first on narrow screens. */
export function ActionTable({ groups, ...rest }: TableProps) {
  return (
    <table className="w-full border-collapse text-left text-interface">
      <thead className="max-lg:sr-only">
        <tr className="text-caption text-text-2">
          {['Action', 'Effect', 'Reaches', 'Answer carries', 'Classified by'].map((one) => (
            <th key={one} scope="col" className="whitespace-nowrap px-3 py-2 font-normal">
              {one}
            </th>
          ))}
        </tr>
      </thead>
      {groups.map((group) => (
        <GroupRows key={group.name} group={group} {...rest} />
      ))}
    </table>
  );
}

function GroupRows({ group, ...rest }: Omit<TableProps, 'groups'> & { readonly group: Group }) {
  const [isOpen, setOpen] = useState(false);
  const [title, meaning] = titles[group.name];
  const shown = isOpen ? group.actions : group.actions.slice(0, foldedTo);
  const more = group.actions.length - shown.length;
  return (
    <tbody>
      <tr className="border-line border-y bg-sunken">
        <th scope="rowgroup" colSpan={5} className="px-3 py-2 font-normal">
          <span className="flex flex-wrap items-center gap-x-2">
            <EffectMark group={group.name} />
            <span className="font-semibold">{title}</span>
            <span className="text-text-2">
              {group.actions.length}, {meaning}
            </span>
            {more > 0 && (
              <button
                type="button"
                className="ml-auto min-h-6 font-medium text-accent text-caption"
                onClick={() => setOpen(true)}
              >
                Show {more} more
              </button>
            )}
          </span>
        </th>
      </tr>
      {shown.map((action) => (
        <Row key={action.id} action={action} {...rest} />
      ))}
    </tbody>
  );
}

type RowProps = Omit<TableProps, 'groups'> & { readonly action: ActionInShort };
const cell = 'px-3 py-1 align-middle max-lg:block max-lg:py-0.5';

function Row({ action, selected, names, isOff, onClassify }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  const isHere = selected === action.id;
  useEffect(() => {
    if (isHere) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isHere]);
  return (
    <tr
      ref={row}
      aria-current={isHere ? 'true' : undefined}
      className={`h-12 border-line border-b max-lg:block max-lg:h-auto max-lg:py-2 ${isHere ? 'bg-accent-soft shadow-[inset_3px_0_var(--accent)]' : 'hover:bg-hover'}`}
    >
      <td className={`${cell} min-w-0`}>
        <Link
          to="/catalog/$api/{-$action}"
          params={{ api: apiOf(action), action: operationOf(action) }}
          className="block font-medium hover:underline"
        >
          <Foreign inline text={action.summary === '' ? operationOf(action) : action.summary} />
        </Link>
        <span className="code text-text-2 wrap-anywhere">
          {action.summary !== '' && (
            <>
              <Foreign inline text={operationOf(action)} />
              {' · '}
            </>
          )}
          {action.method} <Foreign inline text={action.path} />
          {action.undo !== null && (
            <>
              {' · undo: '}
              <Foreign inline text={operationOf({ id: action.undo })} />
            </>
          )}
        </span>
        {action.held !== null && (
          <span className="block text-caption text-deny">
            Held, calls are refused: {<Foreign inline text={action.held} />}
          </span>
        )}
      </td>
      <td className={`${cell} xl:whitespace-nowrap`}>
        <span className="inline-flex items-center gap-2">
          <EffectMark group={groupOf(action)} />
          {action.classifiedBy === null ? `Not classified (${sayEffect(action).toLowerCase()})` : sayEffect(action)}
        </span>
      </td>
      <td className={`${cell} text-text-2`}>{action.reach}</td>
      <td className={`${cell} xl:whitespace-nowrap`}>
        <Carries action={action} />
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        <By action={action} names={names} isOff={isOff} isHere={isHere} onClassify={onClassify} />
      </td>
    </tr>
  );
}

/** What an answer brings along: whatever strangers may have written, and credentials, are said first. */
function Carries({ action }: { readonly action: ActionInShort }) {
  if (action.mintsCredential) return <span className="font-medium text-deny">a new credential</span>;
  if (action.answersForeignText)
    return (
      <span className="inline-flex items-center gap-2 text-foreign">
        <MessageSquareQuote aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
        text from outside
      </span>
    );
  return <span className="text-text-2">{action.sensitivity} data</span>;
}

function By({ action, names, isOff, isHere, onClassify }: Omit<RowProps, 'selected'> & { readonly isHere: boolean }) {
  const word = action.classifiedBy;
  if (word === null)
    return (
      <Button offBy={isOff ? whyNoCatalog : null} onClick={() => onClassify(action)}>
        Classify <span className="sr-only">{operationOf(action)}</span> {isHere && <KeyCap keys="c" />}
      </Button>
    );
  if (word.source === 'description')
    return (
      <span className="inline-flex items-center gap-2 text-text-2">
        <FileBraces aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
        the API’s file
      </span>
    );
  return (
    <span className="text-text-2">
      <Who who={{ kind: 'person', name: (word.by !== null && names[word.by]) || (word.by ?? 'a person') }} />
      {word.source === 'overlay' && ', by a file'}
    </span>
  );
}
