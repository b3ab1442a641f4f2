import type { Grant } from '@ambit/protocol';
import { type KeyboardEvent, useState } from 'react';
import { useEveryActionWord } from '../plane/use-action-words.ts';
import { ActionPicker } from './action-picker.tsx';
import { Button } from './button.tsx';
import { type GrantDraft, grantOf, noGrant } from './draft-grant.ts';
import { Choice, TextField } from './form.tsx';

type GrantFormProps = {
  /** What a limit without a span counts in: `one task`, `all`. */
  readonly inAll: string;
  /** Says whether something is filled in that is not added yet. */
  readonly onBegun: (isBegun: boolean) => void;
  readonly onAdd: (grant: Grant) => void;
};

const spans = [
  { value: '3600', says: 'any hour' },
  { value: '86400', says: 'any day' },
  { value: '604800', says: 'any week' },
];

/** One grant, put together of actions, limits and when to ask. It stands inside another form, which it never sends. */
export function GrantForm({ inAll, onBegun, onAdd }: GrantFormProps) {
  const [draft, setDraft] = useState<GrantDraft>(noGrant);
  const [fault, setFault] = useState<string | null>(null);
  const wordsOf = useEveryActionWord([{ type: 'ambit_grant', actions: draft.actions }]);
  const set = (more: Partial<GrantDraft>) => {
    const next = { ...draft, ...more };
    setDraft(next);
    onBegun(JSON.stringify(next) !== JSON.stringify(noGrant));
  };
  const add = () => {
    // Without its words nobody knows whether an action moves money.
    if (wordsOf === null) return setFault('The catalog is being asked about these actions: add it once more.');
    if (wordsOf === 'no answer') return setFault('The catalog did not answer about these actions: try again.');
    const made = grantOf(draft, (action) => wordsOf(action)?.money != null);
    if ('fault' in made) return setFault(made.fault);
    setFault(null);
    setDraft(noGrant);
    onAdd(made.grant);
  };
  const addByKey = (event: KeyboardEvent) => {
    const { target } = event;
    if (event.key !== 'Enter' || !(target instanceof HTMLInputElement) || target.type === 'checkbox') return;
    event.preventDefault();
    add();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps `Enter` in a field from sending the form around it
    <div className="grid gap-4" onKeyDown={addByKey}>
      <ActionPicker chosen={draft.actions} onChange={(actions) => set({ actions })} />
      <div className="grid grid-cols-4 gap-3 max-lg:grid-cols-2 max-sm:grid-cols-1">
        <TextField
          label="Most money"
          value={draft.amount}
          onChange={(amount) => set({ amount })}
          isCode
          placeholder="none said"
          maxLength={25}
        />
        <TextField
          label="Currency"
          value={draft.currency}
          onChange={(currency) => set({ currency })}
          isCode
          placeholder="USD"
          maxLength={3}
        />
        <TextField
          label="Most calls"
          value={draft.calls}
          onChange={(calls) => set({ calls })}
          isCode
          placeholder="none said"
          maxLength={10}
        />
        <Choice
          label="Counted in"
          value={draft.seconds}
          onChange={(seconds) => set({ seconds })}
          choices={[{ value: '', says: inAll }, ...spans]}
        />
      </div>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Choice
          label="A person is asked"
          value={draft.asks}
          onChange={(asks) => set({ asks: asks as GrantDraft['asks'] })}
          choices={[
            { value: 'never', says: 'not because of this grant' },
            { value: 'always', says: 'each time' },
            { value: 'over', says: 'once it adds up to more than…' },
          ]}
        />
        {draft.asks === 'over' && (
          <TextField
            label="More than"
            value={draft.over}
            onChange={(over) => set({ over })}
            isCode
            hint={draft.currency === '' ? 'In the currency above.' : `In ${draft.currency.toUpperCase()}.`}
            maxLength={25}
          />
        )}
        {draft.asks !== 'never' && (
          <div className="col-span-full">
            <TextField
              label="Why they are asked"
              value={draft.reason}
              onChange={(reason) => set({ reason })}
              maxLength={500}
            />
          </div>
        )}
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button onClick={add}>Add this grant</Button>
        <span role="status" className="text-caption text-deny">
          {fault}
        </span>
      </div>
    </div>
  );
}
