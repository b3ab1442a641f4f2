import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

/** Code to be run elsewhere, on the same ground in both themes. What it holds is ours, with ids. */
export function CodeBlock({ code, label }: { readonly code: string; readonly label: string }) {
  const [isCopied, setCopied] = useState<boolean | null>(null);
  const copy = () =>
    navigator.clipboard.writeText(code).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <figure className="m-0 min-w-0 overflow-hidden rounded-card border border-line bg-sunken" aria-label={label}>
      <div className="float-right p-3">
        <button
          type="button"
          onClick={() => void copy()}
          className="inline-flex min-h-8 items-center gap-2 rounded-control border border-line-strong px-3 font-medium text-interface hover:bg-hover max-sm:min-h-11"
        >
          {isCopied ? (
            <Check aria-hidden="true" className="size-3.5" />
          ) : (
            <Copy aria-hidden="true" className="size-3.5" />
          )}
          {isCopied ? 'Copied' : 'Copy'}
        </button>
        <span role="status" className="sr-only">
          {isCopied === false && 'This browser lets nothing be copied'}
        </span>
      </div>
      <pre className="code m-0 whitespace-pre-wrap px-4.5 py-4 wrap-anywhere">
        {code
          .trimEnd()
          .split('\n')
          .map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text stay where they are
            <span key={index}>
              {line.split(/(\s\/\/.*$|\b(?:import|from|const|await)\b)/).map((piece, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <span key={at} className={inkOf(piece)}>
                  {piece}
                </span>
              ))}
              {'\n'}
            </span>
          ))}
      </pre>
    </figure>
  );
}

function inkOf(piece: string): string {
  if (piece.trimStart().startsWith('//')) return 'text-text-3';
  return /^(import|from|const|await)$/.test(piece) ? 'text-accent' : '';
}
