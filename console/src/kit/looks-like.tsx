import { TriangleAlert } from 'lucide-react';
import { useLookAlikes } from '../plane/use-look-alikes.ts';
import { clean } from './clean.ts';
import { Foreign } from './foreign.tsx';
import type { Named } from './look-alikes.ts';

const saidMax = 3;

/** Says beside a name what an eye may miss of it: whose name it could be taken for, letters of another script, what nobody sees. */
export function LooksLike({ of }: { readonly of: Named }) {
  const alike = useLookAlikes()(of);
  const { notes } = clean(of.name);
  if (alike.length + notes.length === 0) return null;
  return (
    <span className="grid gap-0.5 text-ask text-caption">
      {alike.slice(0, saidMax).map(({ id, kind, name }) => (
        <span key={id} className="flex gap-1.5">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-3 shrink-0" />
          <span className="min-w-0 wrap-anywhere">
            {name === of.name ? 'Has the same name as' : 'Looks like the name of'}{' '}
            {kind === of.kind ? 'another' : kind === 'agent' ? 'an' : 'a'} {kind}: <Foreign inline text={name} />,{' '}
            <span className="code">{id}</span>
          </span>
        </span>
      ))}
      {alike.length > saidMax && <span>And {alike.length - saidMax} more of them.</span>}
      {notes.map((note) => (
        <span key={note}>{note}</span>
      ))}
    </span>
  );
}
