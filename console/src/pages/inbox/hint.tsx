import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeySettings } from '../../kit/key-settings.ts';

/** Keys and what they do, for whoever has them on. */
export function Hint({ keys, says }: { readonly keys: readonly string[]; readonly says: string }) {
  if (useKeySettings().isOff) return null;
  return (
    <span className="flex items-center gap-1.5">
      {keys.map((one) => (
        <KeyCap key={one} keys={one} />
      ))}
      {says}
    </span>
  );
}
