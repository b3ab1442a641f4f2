import type { OverlayPreview } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { operationOf } from '../../plane/use-catalog.ts';
import { sayField, sayWord } from '../catalog/say-field.ts';

type FieldChangesProps = {
  readonly title: string;
  readonly changes: readonly Pick<OverlayPreview['changes'][number], 'action' | 'field' | 'from' | 'to'>[];
  readonly isWarning?: boolean;
};

/** Words on how actions count, as they are and as they would be; nothing where none changes. */
export function FieldChanges({ title, changes, isWarning = false }: FieldChangesProps) {
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
