import type { DragEvent } from 'react';

type ChoiceProps = { readonly onRead: (file: File) => void };

/** A file of the person’s own, from a dialog of the browser. */
export function FileChoice({ onRead }: ChoiceProps) {
  return (
    <label className="inline-flex min-h-8 cursor-pointer items-center rounded-control border border-line-strong bg-surface px-3 font-medium text-interface focus-within:outline-2 focus-within:outline-accent focus-within:outline-offset-2 hover:bg-hover">
      Choose a file…
      <input
        type="file"
        accept=".json,.yaml,.yml"
        className="sr-only"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onRead(file);
        }}
      />
    </label>
  );
}

type TextProps = ChoiceProps & {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onText: (text: string) => void;
};

/** A long text that is pasted, or dropped as a file. */
export function TextOrFile({ label, placeholder, value, onText, onRead }: TextProps) {
  const drop = (event: DragEvent) => {
    const file = event.dataTransfer.files[0];
    if (file === undefined) return;
    event.preventDefault();
    onRead(file);
  };
  return (
    <label className="grid gap-1 text-interface">
      <span className="font-medium">{label}</span>
      <textarea
        value={value}
        onChange={(event) => onText(event.target.value)}
        onDrop={drop}
        onDragOver={(event) => event.preventDefault()}
        rows={8}
        spellCheck={false}
        required
        placeholder={placeholder}
        className="code w-full rounded-control border border-line-strong bg-surface p-3 placeholder:text-text-2"
      />
    </label>
  );
}
