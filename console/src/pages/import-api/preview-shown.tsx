import type { ImportPreview } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { operationOf } from '../../plane/use-catalog.ts';
import { FieldChanges } from './field-changes.tsx';

/** What an import would make of the catalog: what can be called afterwards, what no more, and what a person has to look at. */
export function PreviewShown({ preview, isNew }: { readonly preview: ImportPreview; readonly isNew: boolean }) {
  const { api, added, changed, removed, unchanged, raised, moved, review } = preview;
  return (
    <section
      aria-labelledby="preview"
      className="grid gap-3 rounded-card border border-line bg-canvas p-4 text-interface"
    >
      <h2 id="preview" className="text-section" aria-live="polite">
        {isNew
          ? `${api.name} would have ${review.actions} actions`
          : `${added.length} added, ${changed.length} changed, ${removed.length} removed, ${unchanged} as before`}
      </h2>
      <p className="text-text-2">
        <Foreign inline text={api.title} />, version <Foreign inline text={api.descriptionVersion} />. It lives at{' '}
        <span className="code wrap-anywhere">{`${api.origin}${api.basePath}`}</span>, zone {api.zone}, environment{' '}
        {api.environment}.
      </p>
      {moved !== null && (
        <p className="text-ask">
          The description now names other servers: <Foreign inline text={moved.to.join(', ')} />. Nothing moves by that.
        </p>
      )}
      <Names title="Added" ids={added} />
      <Names title="Changed" ids={changed} />
      <Names title="Removed: they can be called no more" ids={removed} isWarning />
      <Names title="Held until a person confirms" ids={review.held.map(({ action }) => action)} isWarning />
      <FieldChanges title="Counts stricter at once" changes={raised} />
      {review.pending.length > 0 && (
        <p className="text-text-2">
          The file proposes {review.pending.length} words on how actions count;{' '}
          {review.pending.filter((one) => one.lowers).length} of them lower a gate. None of those counts until a person
          confirms it.
        </p>
      )}
    </section>
  );
}

type NamesProps = { readonly title: string; readonly ids: readonly string[]; readonly isWarning?: boolean };
const shownMax = 100;

function Names({ title, ids, isWarning = false }: NamesProps) {
  if (ids.length === 0) return null;
  return (
    <div>
      <h3 className={`font-medium ${isWarning ? 'text-ask' : ''}`}>
        {title} ({ids.length.toLocaleString()})
      </h3>
      <ul className="code mt-1 flex flex-wrap gap-x-4 gap-y-0.5">
        {ids.slice(0, shownMax).map((id) => (
          <li key={id} className="wrap-anywhere">
            <Foreign inline text={operationOf({ id })} />
          </li>
        ))}
        {ids.length > shownMax && <li>and {ids.length - shownMax} more</li>}
      </ul>
    </div>
  );
}
