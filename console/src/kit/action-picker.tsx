import { useState } from 'react';
import { useCatalog } from '../plane/use-catalog.ts';
import { Foreign } from './foreign.tsx';
import { TextField } from './form.tsx';
import { EmptyState, ErrorState, Loading } from './states.tsx';

type ActionPickerProps = {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
};

const filterFrom = 12;

/** Actions of the catalog to choose from, each with what it counts as. What is chosen stays in sight. */
export function ActionPicker({ chosen, onChange }: ActionPickerProps) {
  const catalog = useCatalog();
  const [filter, setFilter] = useState('');
  if (catalog.isError && catalog.data === undefined)
    return <ErrorState what="The actions could not be loaded." error={catalog.error} onTryAgain={catalog.refetch} />;
  if (catalog.data === undefined) return <Loading />;
  const { actions } = catalog.data;
  if (actions.length === 0)
    return (
      <EmptyState title="The catalog knows no action yet.">
        An API is imported first: only what is named is given.
      </EmptyState>
    );
  const wanted = filter.trim().toLowerCase();
  const shown = actions.filter(
    ({ id, summary }) => chosen.includes(id) || `${id} ${summary}`.toLowerCase().includes(wanted),
  );
  return (
    <fieldset className="m-0 grid min-w-0 gap-2 border-0 p-0">
      <legend className="mb-1 font-medium text-interface">Actions</legend>
      {actions.length > filterFrom && (
        <TextField label="Find among them" value={filter} onChange={setFilter} maxLength={100} />
      )}
      <ul className="m-0 grid max-h-72 list-none grid-cols-2 gap-x-4 overflow-y-auto p-0 max-sm:grid-cols-1">
        {shown.map(({ id, effect, reversibility }) => (
          <li key={id}>
            <label className="flex min-h-8 items-center gap-2 text-interface max-sm:min-h-11">
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                onChange={({ target }) =>
                  onChange(target.checked ? [...chosen, id] : chosen.filter((one) => one !== id))
                }
                className="size-4 shrink-0 accent-accent-fill"
              />
              <span className="code min-w-0 wrap-anywhere">
                <Foreign inline text={id} />
              </span>
              {effect === 'write' && (
                <span className={`text-caption ${reversibility === 'irreversible' ? 'text-ask' : 'text-text-2'}`}>
                  {reversibility === 'irreversible' ? 'irreversible' : 'writes'}
                </span>
              )}
            </label>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="text-caption text-text-2">No action is called so.</p>}
    </fieldset>
  );
}
