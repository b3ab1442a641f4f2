import type { ButtonHTMLAttributes, MouseEvent, Ref } from 'react';
import { useShortcut } from './keys.ts';

/** `filled`: the one of its screen. `danger` ends something. */
type Look = 'filled' | 'outlined' | 'quiet' | 'danger' | 'danger-outlined';
type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-keyshortcuts'> & {
  readonly look?: Look;
  readonly ref?: Ref<HTMLButtonElement> | undefined;
  readonly size?: 'usual' | 'large';
  /** The key that does the same, as `useKeys` names it. */
  readonly shortcut?: string;
  /** The id of what says why it may not be pressed (`WhyOff`); null where it may. */
  readonly offBy?: string | null;
};

const looks: Readonly<Record<Look, string>> = {
  filled: 'border-transparent bg-accent-fill text-white hover:brightness-110',
  outlined: 'border-line-strong bg-surface text-text hover:bg-hover',
  quiet: 'border-transparent bg-transparent text-text-2 hover:bg-hover',
  danger: 'border-transparent bg-deny-fill text-white hover:brightness-110',
  'danger-outlined': 'border-deny bg-surface text-deny hover:bg-deny-soft',
};
const off = 'border-line bg-sunken text-text-3';

/**
 * A button says what it does. One that this person may not press stays, off, with the reason beside it: it keeps the focus,
 * so that a keyboard and a screen reader come to the reason. `disabled` is for what is only not ready.
 */
export function Button({
  look = 'outlined',
  size = 'usual',
  shortcut,
  offBy = null,
  className = '',
  ...rest
}: ButtonProps) {
  const isOff = offBy !== null;
  const height =
    size === 'usual' ? 'min-h-8 px-3 text-interface max-sm:min-h-11' : 'min-h-10 px-4 text-body max-sm:min-h-12';
  return (
    <button
      type="button"
      aria-keyshortcuts={useShortcut(isOff ? undefined : shortcut)}
      className={`inline-flex items-center justify-center gap-2 whitespace-nowrap rounded-control border font-medium transition-colors ${height} ${isOff || rest.disabled ? off : looks[look]} ${className}`}
      {...rest}
      {...(isOff && { 'aria-disabled': true, 'aria-describedby': offBy, onClick: nothing })}
    />
  );
}

/** Neither what the button does, nor the sending of its form. */
function nothing(event: MouseEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
