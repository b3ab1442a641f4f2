import type { ApiShown } from '@ambit/sdk/operator';
import { useState } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { operationOf } from '../../plane/use-catalog.ts';
import { useDoing } from '../../plane/use-doing.ts';
import { sayField, sayWord } from './say-field.ts';

/** Everything that the description proposes, as it was shown: a yes is for this revision and no other. */
export function ConfirmProposals({ api: shown, onClose }: { readonly api: ApiShown; readonly onClose: () => void }) {
  // What was opened is what is confirmed, whatever comes meanwhile.
  const [api] = useState(shown);
  const doing = useDoing();
  const { pending, held } = api.review;
  const byAction = Map.groupBy(pending, ({ action }) => action);
  const lowered = pending.filter(({ lowers }) => lowers).length;
  const confirm = async () => {
    if (await doing.run(({ operator }) => operator.catalog.confirm(api.name, { revision: api.revision }))) onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => void confirm()}
      isBusy={doing.isBusy}
      opensOn="back"
      title={<h2 className="text-title">Confirm what the file of {api.name} proposes</h2>}
      confirm="Confirm all of it"
      foot={`revision ${api.revision}`}
    >
      <p className="mt-1 text-interface text-text-2">
        {lowered === 0
          ? 'No gate would stand lower.'
          : `${lowered} of these ${pending.length} lower a gate. They count from the next call on.`}
      </p>
      {held.length > 0 && (
        <ul className="mt-3 grid gap-1 text-interface">
          {held.map(({ action, because }) => (
            <li key={action}>
              <code className="code">{operationOf({ id: action })}</code> would be let go:{' '}
              <Foreign inline text={because} />
            </li>
          ))}
        </ul>
      )}
      <ul className="mt-3 grid gap-3 text-interface">
        {[...byAction].map(([action, fields]) => (
          <li key={action}>
            <p className="code font-medium wrap-anywhere">
              <Foreign inline text={operationOf({ id: action })} />
            </p>
            <ul className="mt-0.5 grid gap-0.5 pl-3">
              {fields.map(({ field, now, proposed, lowers }) => (
                <li key={field} className="wrap-anywhere">
                  {sayField(field)}: <Foreign inline text={sayWord(now)} /> →{' '}
                  <Foreign inline text={sayWord(proposed)} />
                  {lowers && <span className="text-ask"> lower</span>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <Fault says={doing.fault} />
    </ConfirmDialog>
  );
}
