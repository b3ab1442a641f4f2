import { type ReactNode, type ToggleEvent, useId, useRef } from 'react';

type PeekProps = { readonly children: ReactNode; readonly says: ReactNode; readonly label?: string };

/** Something more about what is shown, to read or to copy. Nothing that decides may stand in it. */
export function Peek({ children, says, label }: PeekProps) {
  const id = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const place = (event: ToggleEvent<HTMLElement>) => {
    const from = anchor.current?.getBoundingClientRect();
    if (event.newState !== 'open' || from === undefined) return;
    const { style, offsetWidth, offsetHeight } = event.currentTarget;
    style.left = `${Math.max(8, Math.min(from.left, innerWidth - offsetWidth - 8))}px`;
    const hasRoomBelow = from.bottom + 6 + offsetHeight <= innerHeight - 8;
    style.top = `${hasRoomBelow ? from.bottom + 6 : Math.max(8, from.top - 6 - offsetHeight)}px`;
  };
  return (
    <>
      <button
        ref={anchor}
        type="button"
        popoverTarget={id}
        className="cursor-help rounded-[3px] text-left hover:bg-hover"
        aria-describedby={label === undefined ? undefined : `${id}-label`}
      >
        {children}
      </button>
      {label !== undefined && (
        <span id={`${id}-label`} hidden>
          {label}
        </span>
      )}
      <span
        id={id}
        popover="auto"
        onToggle={place}
        className="fixed m-0 max-w-80 rounded-control border border-line bg-surface px-3 py-2 text-caption text-text shadow-floats"
      >
        {says}
      </span>
    </>
  );
}
