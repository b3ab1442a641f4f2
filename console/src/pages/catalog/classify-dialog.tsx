import type { ActionInShort, Classification } from '@ambit/sdk/operator';
import { type ReactNode, useState } from 'react';
import { ConfirmDialog } from '../../kit/confirm-dialog.tsx';
import { Fault } from '../../kit/fault.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { readDuration } from '../../kit/read-time.ts';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { operationOf } from '../../plane/use-catalog.ts';
import { useDoing } from '../../plane/use-doing.ts';
import { useRead } from '../../plane/use-read.ts';
import { sayField, sayWord } from './say-field.ts';

type DialogProps = {
  readonly action: string;
  /** Of the same API: what may take it back. */
  readonly actions: readonly ActionInShort[];
  readonly onClose: () => void;
};

type Draft = Pick<
  Classification,
  | 'effect'
  | 'reversibility'
  | 'reach'
  | 'sensitivity'
  | 'undo'
  | 'undoSeconds'
  | 'answersForeignText'
  | 'mintsCredential'
  | 'opaque'
>;
const asked = [
  'effect',
  'reversibility',
  'undo',
  'undoSeconds',
  'reach',
  'sensitivity',
  'answersForeignText',
  'mintsCredential',
  'opaque',
] as const satisfies readonly (keyof Draft)[];

/** A person's word on one action. It begins with what counts now, or with what the description proposes. */
export function ClassifyDialog({ action: id, actions, onClose }: DialogProps) {
  const doing = useDoing();
  const read = useRead(['catalog', 'action', id], ({ operator }) => operator.catalog.action(id));
  const [changes, setChanges] = useState<Partial<Draft>>({});
  const action = read.data;
  const proposed = Object.fromEntries(
    (action?.pending ?? []).map((one) => [one.field, one.proposed]),
  ) as Partial<Draft>;
  const draft = action === undefined ? null : { ...action, ...changes };
  const set = (changed: Partial<Draft>) => setChanges((before) => ({ ...before, ...changed }));
  const save = async () => {
    if (draft === null) return;
    const isRead = draft.effect === 'read';
    const words = Object.fromEntries(asked.map((field) => [field, draft[field]])) as Draft;
    const isDone = await doing.run(({ operator }) =>
      operator.catalog.set(id, {
        ...words,
        reversibility: isRead ? 'reversible' : words.reversibility,
        undo: canUndo(draft) ? words.undo : null,
        undoSeconds: canUndo(draft) ? words.undoSeconds : null,
      }),
    );
    if (isDone) onClose();
  };
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      onConfirm={() => void save()}
      isBusy={doing.isBusy || draft === null}
      opensOn="inside"
      title={
        <h2 className="text-title">
          Classify <Foreign inline text={operationOf({ id })} />
        </h2>
      }
      confirm="Classify"
      foot="Counts from the next call on."
    >
      {action === undefined || draft === null ? (
        read.isError ? (
          <ErrorState what="The action could not be loaded." error={read.error} />
        ) : (
          <Loading />
        )
      ) : (
        <div className="mt-2 grid gap-3 text-interface">
          <p className="code text-text-2 wrap-anywhere">
            {action.method} <Foreign inline text={action.path} />
          </p>
          {action.summary !== '' && <Foreign text={action.summary} by="the API’s description" folds="soon" />}
          {action.pending.length > 0 && (
            <div className="rounded-control border border-line bg-canvas p-3">
              <p>The API’s file proposes:</p>
              <ul className="mt-1 grid gap-0.5">
                {action.pending.map(({ field, proposed: to }) => (
                  <li key={field}>
                    {sayField(field)}: <Foreign inline text={sayWord(to)} />
                  </li>
                ))}
              </ul>
              <button
                type="button"
                className="mt-1 min-h-6 text-accent underline"
                onClick={() =>
                  set(Object.fromEntries(asked.filter((one) => one in proposed).map((one) => [one, proposed[one]])))
                }
              >
                Fill that in
              </button>
            </div>
          )}
          <Choice
            label="What a call does"
            isFirst
            value={draft.effect}
            onChange={(effect) => set({ effect: effect as Draft['effect'] })}
          >
            <option value="read">Reads: nothing changes</option>
            <option value="write">Writes: something changes</option>
          </Choice>
          {draft.effect === 'write' && (
            <Choice
              label="Can it be undone?"
              value={draft.reversibility}
              onChange={(to) => set({ reversibility: to as Draft['reversibility'] })}
            >
              <option value="irreversible">No: irreversible</option>
              <option value="compensable">Another call makes up for it: compensable</option>
              <option value="reversible">Yes: reversible</option>
            </Choice>
          )}
          {draft.effect === 'write' && draft.reversibility === 'compensable' && (
            <Choice
              label="By which action?"
              value={draft.undo ?? ''}
              onChange={(to) => set({ undo: to === '' ? null : to })}
            >
              <option value="">None: then it counts as irreversible</option>
              {actions
                .filter((one) => one.effect === 'write' && one.id !== id)
                .map((one) => (
                  <option key={one.id} value={one.id}>
                    {operationOf(one)}
                  </option>
                ))}
            </Choice>
          )}
          {canUndo(draft) && (
            <Choice
              label="For how long does that work?"
              value={`${draft.undoSeconds ?? ''}`}
              onChange={(to) => set({ undoSeconds: to === '' ? null : Number(to) })}
            >
              <option value="">Nobody knows: it is offered as long as the call is shown</option>
              {undoTimes(draft.undoSeconds).map((seconds) => (
                <option key={seconds} value={seconds}>
                  {readDuration(seconds * 1000)} after the call was done
                </option>
              ))}
            </Choice>
          )}
          <Choice label="Whom it reaches" value={draft.reach} onChange={(to) => set({ reach: to as Draft['reach'] })}>
            <option value="internal">Stays inside: internal</option>
            <option value="external">Reaches others: external</option>
          </Choice>
          <Choice
            label="How sensitive its data is"
            value={draft.sensitivity}
            onChange={(to) => set({ sensitivity: to as Draft['sensitivity'] })}
          >
            <option value="public">Public</option>
            <option value="internal">Internal</option>
            <option value="sensitive">Sensitive</option>
          </Choice>
          <Tick
            label="Its answer carries text that strangers can write"
            value={draft.answersForeignText}
            onChange={(to) => set({ answersForeignText: to })}
          />
          <Tick
            label="Its answer is a new credential: agents may not call it"
            value={draft.mintsCredential}
            onChange={(to) => set({ mintsCredential: to })}
          />
          <Tick
            label="Its body chooses what is done: agents may not call it"
            value={draft.opaque}
            onChange={(to) => set({ opaque: to })}
          />
          <Fault says={doing.fault} />
        </div>
      )}
    </ConfirmDialog>
  );
}

const canUndo = ({ effect, reversibility, undo }: Draft): boolean =>
  effect === 'write' && reversibility === 'compensable' && undo !== null;

const usualTimes = [900, 3600, 86_400, 604_800, 2_592_000, 7_776_000];

/** What people say most, and what was said before, whatever that is. */
const undoTimes = (said: number | null): readonly number[] =>
  [...new Set([...usualTimes, ...(said === null ? [] : [said])])].toSorted((one, other) => one - other);

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
  readonly isFirst?: boolean;
};

function Choice({ label, value, onChange, children, isFirst = false }: ChoiceProps) {
  return (
    <label className="grid gap-1">
      <span className="font-medium">{label}</span>
      <select
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...(isFirst && { 'data-first-focus': '' })}
        className="min-h-9 w-full rounded-control border border-line-strong bg-surface px-2 max-sm:min-h-11"
      >
        {children}
      </select>
    </label>
  );
}

type TickProps = { readonly label: string; readonly value: boolean; readonly onChange: (value: boolean) => void };

function Tick({ label, value, onChange }: TickProps) {
  return (
    <label className="flex min-h-6 items-start gap-2 max-sm:min-h-11 max-sm:items-center">
      <input
        type="checkbox"
        checked={value}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-1 size-4 shrink-0 accent-accent-fill max-sm:mt-0"
      />
      {label}
    </label>
  );
}
