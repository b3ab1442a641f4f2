import type { OverlayPreview } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { counted } from '../../kit/say-ending.ts';
import { operationOf } from '../../plane/use-catalog.ts';
import { sayWord } from '../catalog/say-field.ts';
import { FieldChanges } from './field-changes.tsx';

/** What a classification file would change, action by action; what would count less strictly first. */
export function OverlayShown({ preview: { changes, patterns, unchanged } }: { readonly preview: OverlayPreview }) {
  const lowered = changes.filter(({ lowers }) => lowers);
  const others = changes.filter(({ lowers }) => !lowers);
  const actions = new Set([...changes, ...patterns].map(({ action }) => action)).size;
  return (
    <section
      aria-labelledby="overlay"
      className="grid gap-3 rounded-card border border-line bg-canvas p-4 text-interface"
    >
      <h2 id="overlay" className="text-section" aria-live="polite">
        {actions === 0 ? 'Nothing would change' : `${counted(actions, 'action')} would count otherwise`}
      </h2>
      {unchanged.length > 0 && (
        <p className="text-text-2">{counted(unchanged.length, 'action')} of the file counts so already.</p>
      )}
      <FieldChanges title="Counts less strictly: a gate is lowered" changes={lowered} isWarning />
      <FieldChanges title="Changes, and lowers nothing" changes={others} />
      {patterns.length > 0 && (
        <div>
          <h3 className="font-medium text-ask">What parts of addresses have to look like</h3>
          <ul className="mt-1 grid gap-0.5">
            {patterns.map(({ action, name, from, to }) => (
              <li key={`${action} ${name}`} className="wrap-anywhere">
                <Foreign inline text={operationOf({ id: action })} />, <Foreign inline text={name} />:{' '}
                <Foreign inline text={sayWord(from)} /> → <Foreign inline text={sayWord(to)} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
