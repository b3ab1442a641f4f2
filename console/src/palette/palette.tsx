import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Foreign } from '../kit/foreign.tsx';
import { type Findable, find, groups } from './find.ts';
import { leadsOf } from './leads-of.ts';
import { useFindables } from './use-findables.ts';

/**
 * Finds what has a page, and leads there. What is written only narrows what is listed: nothing but a row that somebody chose does
 * anything, and a row only opens a page.
 */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const { all, isReading, missing } = useFindables();
  const navigate = useNavigate();
  const id = useId();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const hasLed = useRef(false);
  const found = useMemo(() => [...leadsOf(text), ...find(all, text), ...inLog(text)], [all, text]);
  const at = Math.max(
    0,
    found.findIndex(({ key }) => key === chosen),
  );
  const active = found[at];
  const optionId = (index: number) => `${id}-${index}`;
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, at]);
  const lead = ({ to }: Findable) => {
    hasLed.current = true;
    onClose();
    void navigate(to as never);
  };
  const move = (by: number) => setChosen(found[(at + by + found.length) % found.length]?.key ?? null);
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const { key, repeat } = event;
    if (key !== 'ArrowDown' && key !== 'ArrowUp' && key !== 'Enter') return;
    event.preventDefault();
    if (key !== 'Enter') move(key === 'ArrowDown' ? 1 : -1);
    else if (active !== undefined && !repeat) lead(active);
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            if (!hasLed.current) return;
            // Where a page was opened, its heading takes the focus; until then nothing behind it does.
            event.preventDefault();
            document.getElementById('content')?.focus({ preventScroll: true });
          }}
          className="appears fixed top-[12vh] left-1/2 grid max-h-[76vh] w-[min(38rem,calc(100vw-2rem))] -translate-x-1/2 grid-rows-[auto_1fr_auto] overflow-hidden rounded-dialog bg-surface shadow-floats max-sm:top-4 max-sm:max-h-[calc(100vh-2rem)]"
        >
          <Dialog.Title className="sr-only">Find</Dialog.Title>
          <div className="flex items-center gap-3 border-line border-b px-4">
            <Search aria-hidden="true" className="size-4 shrink-0 text-text-2" />
            <input
              // The dialog gives the focus to what comes first in it.
              role="combobox"
              aria-label="Find tasks, agents, actions, people, entries and pages"
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-autocomplete="list"
              aria-activedescendant={active === undefined ? undefined : optionId(at)}
              value={text}
              onChange={({ target }) => {
                setText(target.value);
                setChosen(null);
              }}
              onKeyDown={press}
              maxLength={200}
              placeholder="A name, or an id pasted whole"
              autoComplete="off"
              spellCheck={false}
              className="h-12 min-w-0 flex-1 bg-transparent text-body outline-none placeholder:text-text-2"
            />
          </div>
          <div
            id={`${id}-list`}
            role="listbox"
            aria-label="What is found"
            tabIndex={-1}
            className="min-h-0 overflow-y-auto py-2 outline-none"
          >
            {groups.map((group) => {
              const rows = found.flatMap((one, index) => (one.group === group ? [{ one, index }] : []));
              if (rows.length === 0) return null;
              return (
                // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
                <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
                  <p id={`${id}-${group}`} role="presentation" className="px-4 pt-2 pb-1 text-caption text-text-2">
                    {group}
                  </p>
                  {rows.map(({ one, index }) => (
                    <Option
                      key={one.key}
                      id={optionId(index)}
                      of={one}
                      isActive={index === at}
                      onPoint={() => setChosen(one.key)}
                      onChoose={() => lead(one)}
                    />
                  ))}
                </div>
              );
            })}
          </div>
          <p role="status" className="min-h-8 border-line border-t px-4 py-2 text-caption text-text-2">
            {say(found, isReading, missing)}
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type OptionProps = {
  readonly id: string;
  readonly of: Findable;
  readonly isActive: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
};

function Option({ id, of: { name, beside, group }, isActive, onPoint, onChoose }: OptionProps) {
  return (
    // The field has the focus and the keys; a row is only pointed at.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      onPointerMove={() => !isActive && onPoint()}
      onClick={onChoose}
      onKeyDown={undefined}
      className={`grid min-h-9 cursor-pointer grid-cols-[minmax(0,auto)_minmax(4rem,1fr)] items-baseline gap-x-3 px-4 py-1.5 text-interface max-sm:min-h-12 max-sm:grid-cols-1 ${isActive ? 'bg-accent-soft shadow-[inset_3px_0_0_var(--accent)]' : ''}`}
    >
      <span className="min-w-0 font-medium wrap-anywhere">
        <Foreign inline text={name} />
      </span>
      <span className={`min-w-0 text-text-2 wrap-anywhere ${group === 'Leads to' ? 'code' : ''}`}>
        <Foreign inline text={beside} />
      </span>
    </div>
  );
}

/** Entries have no names: the log's own search finds them. */
const inLog = (text: string): readonly Findable[] =>
  text.trim() === ''
    ? []
    : [
        {
          key: 'log',
          group: 'Entries',
          name: 'Search the log',
          beside: text.trim(),
          to: { to: '/log', search: { q: text.trim() } },
        },
      ];

function say(found: readonly Findable[], isReading: boolean, missing: readonly string[]): string {
  if (isReading) return 'Reading what there is …';
  const lacks = missing.length === 0 ? '' : ` ${missing.join(', ')} could not be read.`;
  return `${found.length === 1 ? '1 page' : `${found.length} pages`} found.${lacks} ↑ ↓ move, ↵ opens, Esc closes.`;
}
