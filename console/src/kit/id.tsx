import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

type IdProps = { readonly id: string; readonly label?: string; readonly isShort?: boolean };

/** An id or a digest: a press copies it whole. Shortened, in the middle, only where it stands whole elsewhere on the page. */
export function Id({ id, label = 'Copy', isShort = false }: IdProps) {
  const [copied, setCopied] = useState<'yes' | 'no' | null>(null);
  const copy = async () => {
    const isDone = await navigator.clipboard.writeText(id).then(
      () => true,
      () => false,
    );
    setCopied(isDone ? 'yes' : 'no');
    setTimeout(() => setCopied(null), 1500);
  };
  return (
    <button
      type="button"
      onClick={copy}
      className="code group relative inline-flex max-w-full items-center rounded-[4px] text-left wrap-anywhere hover:bg-hover"
    >
      <span className="sr-only">{label} </span>
      <span>{isShort ? shortened(id) : id}</span>
      {copied === 'yes' ? (
        <Check aria-hidden="true" className="absolute left-full ml-1 size-3 text-permit" />
      ) : (
        <Copy
          aria-hidden="true"
          className="absolute left-full ml-1 size-3 opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60"
        />
      )}
      {/* Only while there is something to say: behind an open dialog, what may speak is not hidden. */}
      {copied !== null && (
        <span role="status" className={copied === 'no' ? 'text-deny' : 'sr-only'}>
          {copied === 'yes' ? 'Copied' : 'This browser lets nothing be copied'}
        </span>
      )}
    </button>
  );
}

export const shortened = (id: string): string => (id.length <= 16 ? id : `${id.slice(0, 9)} … ${id.slice(-4)}`);
