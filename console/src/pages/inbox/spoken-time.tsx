import { useNow } from '../../kit/use-now.ts';

/** What is left, for the ear: at five minutes, at one, and at the end. */
export function SpokenTime({ to }: { readonly to: number }) {
  const left = to - useNow();
  const says =
    left <= 0
      ? 'This question has ended.'
      : left <= 60_000
        ? 'One minute is left to answer.'
        : left <= 300_000
          ? 'Five minutes are left to answer.'
          : '';
  return (
    <p aria-live="polite" className="sr-only">
      {says}
    </p>
  );
}
