import type { OverlayPreview } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { counted } from '../../kit/say-ending.ts';
import { operationOf } from '../../plane/use-catalog.ts';
import { sayField, sayWord } from '../catalog/say-field.ts';

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
      <Changes title="Counts less strictly: a gate is lowered" changes={lowered} isWarning />
      <Changes title="Changes, and lowers nothing" changes={others} />
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

type ChangesProps = {
  readonly title: string;
  readonly changes: OverlayPreview['changes'];
  readonly isWarning?: boolean;
};

function Changes({ title, changes, isWarning = false }: ChangesProps) {
  if (changes.length === 0) return null;
  return (
    <div>
      <h3 className={`font-medium ${isWarning ? 'text-ask' : ''}`}>
        {title} ({changes.length.toLocaleString()})
      </h3>
      <ul className="mt-1 grid gap-0.5">
        {changes.map(({ action, field, from, to }) => (
          <li key={`${action} ${field}`} className="wrap-anywhere">
            <Foreign inline text={operationOf({ id: action })} />, {sayField(field)}:{' '}
            <Foreign inline text={sayWord(from)} /> → <Foreign inline text={sayWord(to)} />
          </li>
        ))}
      </ul>
    </div>
  );
}
