type TabBarProps<T extends string> = {
  readonly label: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly tabs: readonly { readonly value: T; readonly says: string; readonly count?: number | undefined }[];
};

/** A choice of one among a few, with what each would show. */
export function TabBar<T extends string>({ label, value, onChange, tabs }: TabBarProps<T>) {
  return (
    <fieldset className="m-0 flex w-fit max-w-full flex-wrap rounded-control border-0 bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {tabs.map(({ value: own, says, count }) => (
        <button
          key={own}
          type="button"
          aria-pressed={own === value}
          onClick={() => onChange(own)}
          className={`inline-flex min-h-7 items-center gap-2.5 rounded-chip border px-2.5 font-medium text-interface max-sm:min-h-11 ${own === value ? 'border-line bg-surface text-text' : 'border-transparent text-text-2 hover:text-text'}`}
        >
          {says}
          {count !== undefined && <span className="font-normal text-text-2 tabular-nums">{count}</span>}
        </button>
      ))}
    </fieldset>
  );
}
