import { Foreign } from './foreign.tsx';

export type WhoShown = { readonly kind: 'person' | 'agent'; readonly name: string };
type Size = 'small' | 'large';

/** People are round, agents are square. */
export function Who({ who, size = 'small', lane = 1 }: { who: WhoShown; size?: Size; lane?: 1 | 2 }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <WhoMark who={who} size={size} lane={lane} />
      <span className="min-w-0 wrap-anywhere">
        <Foreign inline text={who.name} />
      </span>
    </span>
  );
}

export function WhoMark({ who, size = 'small', lane = 1 }: { who: WhoShown; size?: Size; lane?: 1 | 2 }) {
  const box = size === 'small' ? 'size-5 text-[10px]' : 'size-8 text-caption';
  const isPerson = who.kind === 'person';
  const ground = isPerson
    ? 'rounded-full border-line bg-sunken text-text-2'
    : lane === 1
      ? 'rounded-[5px] border-accent-line bg-accent-soft text-accent'
      : 'rounded-[5px] border-lane-2 bg-lane-2-soft text-lane-2';
  return (
    <span
      aria-hidden="true"
      className={`inline-flex shrink-0 items-center justify-center border font-semibold ${box} ${ground}`}
    >
      {initialsOf(who)}
    </span>
  );
}

/** Two letters of a name; nothing but letters and digits, so that no initial turns anything around. */
export function initialsOf({ kind, name }: WhoShown): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const first = words.slice(0, 2).map((word) => [...word][0] ?? '');
  const letters = words.length === 1 ? [...(words[0] ?? '')].slice(0, 2).join('') : first.join('');
  return kind === 'person' ? letters.toLocaleUpperCase() : letters.toLocaleLowerCase();
}
