import type { EntryShown } from '@ambit/sdk/operator';
import { FileDown, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { saveFile } from '../../kit/save-file.ts';
import { ErrorState } from '../../kit/states.tsx';
import { Time } from '../../kit/when.tsx';
import type { ProofState } from './use-proof.ts';

type ProofCardProps = {
  readonly shown: EntryShown;
  readonly state: ProofState;
  readonly isOff: boolean;
  readonly onCheck: () => void;
};

/** Whether the entry is in the log, told by this page and not by the plane. */
export function ProofCard({ shown, state, isOff, onCheck }: ProofCardProps) {
  const isProven = state.is === 'proven';
  return (
    <aside
      aria-label="Proof"
      className="flex w-full shrink-0 flex-col gap-4 border-line px-5 py-4 max-xl:border-t max-sm:px-4 xl:w-[344px] xl:border-l"
    >
      <h2 className="text-section">Proof</h2>
      <div role="status" className="grid gap-3">
        <Verdict shown={shown} state={state} />
      </div>
      {state.is === 'failed' && (
        <div className="-mx-4">
          <ErrorState what="The proof could not be checked." error={state.error} />
        </div>
      )}
      <dl className="m-0 grid grid-cols-[5.5rem_1fr] gap-x-4 gap-y-2 text-interface">
        <Fact name="Leaf">
          <Id id={isProven ? state.proven.receipt.leaf : shown.receipt.leaf} label="Copy the leaf" />
        </Fact>
        {isProven && <ProvenFacts {...state} />}
      </dl>
      <p className="text-caption text-text-2">
        The proof covers what is hashed: the entry and its detail, whole at the foot of the page. Sentences and names
        are the plane’s telling of them, and no part of it.
      </p>
      <div className="mt-auto grid gap-2 pt-4">
        <Button look={isProven ? 'outlined' : 'filled'} size="large" disabled={isOff} onClick={onCheck}>
          <ShieldCheck aria-hidden="true" className="size-4" />
          {state.is === 'checking' ? 'Verifying…' : isProven ? 'Verify again' : 'Verify on this page'}
          <KeyCap keys="v" isOnFill={!isProven && !isOff} />
        </Button>
        <Button
          size="large"
          disabled={!isProven}
          aria-describedby="why-no-file"
          onClick={() => isProven && save(state)}
        >
          <FileDown aria-hidden="true" className="size-4" />
          Save the proof
        </Button>
        <p id="why-no-file" className="text-caption text-text-2">
          {isProven
            ? 'A file with the entry, its receipt and the key of the log. It can be checked without Ambit.'
            : 'It can be saved once this page has verified it.'}
        </p>
      </div>
    </aside>
  );
}

function Verdict({ shown, state }: { readonly shown: EntryShown; readonly state: ProofState }) {
  if (state.is === 'proven') {
    return (
      <p className="flex gap-2 rounded-card border border-permit-line bg-permit-soft px-3 py-2.5 font-medium text-body">
        <span className="mt-1">
          <DecisionMark decision="permit" />
        </span>
        <span>
          Entry {state.proven.receipt.index.toLocaleString()} is in the log that the checkpoint of{' '}
          <Time at={state.at} /> signs.
        </span>
      </p>
    );
  }
  if (state.is === 'false') {
    return (
      <div className="grid gap-1.5 rounded-card border border-deny-line bg-deny-soft px-3 py-2.5">
        <p className="flex gap-2 font-semibold text-body">
          <span className="mt-1">
            <DecisionMark decision="deny" />
          </span>
          The proof failed. Do not rely on this entry.
        </p>
        <p className="text-interface wrap-anywhere">
          <Foreign inline text={state.says} />
        </p>
        <p className="text-interface text-text-2">
          Keep what you see, and let an auditor compare the log with a checkpoint that was kept elsewhere:{' '}
          <code className="code">ambit audit verify</code>.
        </p>
      </div>
    );
  }
  if (state.is === 'checking') return <p className="text-interface text-text-2">This page computes the hashes…</p>;
  return (
    <p className="text-interface text-text-2">
      The plane says that this is entry {shown.receipt.index.toLocaleString()}. This page can check that by itself, with
      the checkpoint that the log’s key signs.
    </p>
  );
}

function ProvenFacts({ proven, at, before }: Extract<ProofState, { is: 'proven' }>) {
  return (
    <>
      <Fact name="In the tree">
        <Held>proven on this page</Held>
      </Fact>
      <Fact name="Signed">
        checkpoint {proven.size.toLocaleString()} at <Time at={at} as="second" />
      </Fact>
      <Fact name="Detail">
        {proven.detail === 'hashes to what the entry says' ? <Held>{proven.detail}</Held> : proven.detail}
      </Fact>
      <Fact name="Since">
        {before === null ? (
          'the first checkpoint that this browser saw; from now on it remembers'
        ) : (
          <Held>begins with the {before.size.toLocaleString()} entries that this browser saw before</Held>
        )}
      </Fact>
      <Fact name="Root">
        <Id id={proven.root} label="Copy the root" />
      </Fact>
      <Fact name="Log’s key">
        <Id id={proven.key} label="Copy the key of the log" />
        <span className="block text-caption text-text-2">
          The plane itself named it. Compare it once with where your operator published it. A checkpoint signs no time:
          that is the plane’s word.
        </span>
      </Fact>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0 pr-4 wrap-anywhere">{children}</dd>
    </>
  );
}

function Held({ children }: { readonly children: ReactNode }) {
  return (
    <span className="flex gap-1.5">
      <span className="mt-0.5">
        <DecisionMark decision="permit" />
      </span>
      <span className="min-w-0">{children}</span>
    </span>
  );
}

function save({ proven, of }: Extract<ProofState, { is: 'proven' }>): void {
  const { header, detail } = of;
  const file = { type: 'ambit_entry_proof', v: 1, key: proven.key, header, detail, receipt: proven.receipt };
  saveFile(`${header.id}.json`, 'application/json', [`${JSON.stringify(file, null, 2)}\n`]);
}
