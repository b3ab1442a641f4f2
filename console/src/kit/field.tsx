import { type ReactNode, useId } from 'react';

/** How what people write into looks. */
export const fieldLook =
  'min-h-9 w-full rounded-control border border-line-strong bg-surface px-2.5 py-1.5 max-sm:min-h-11';

type FieldProps = {
  readonly label: ReactNode;
  /** A word more about what is wanted. */
  readonly hint?: ReactNode;
  /** What is wrong with what was written. */
  readonly fault?: string | null;
  readonly children: (given: { readonly id: string; readonly 'aria-describedby': string | undefined }) => ReactNode;
};

/** Something to write into, with its name over it. */
export function Field({ label, hint, fault = null, children }: FieldProps) {
  const id = useId();
  const isAbout = hint !== undefined || fault !== null;
  return (
    <div className="grid min-w-0 content-start gap-1 text-interface">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': isAbout ? `${id}-about` : undefined })}
      {isAbout && (
        <p id={`${id}-about`} className="text-caption text-text-2">
          {hint}
          {fault !== null && <span className="block text-deny">{fault}</span>}
        </p>
      )}
    </div>
  );
}
