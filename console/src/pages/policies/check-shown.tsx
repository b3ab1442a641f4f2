import type { RuleChanges } from '@ambit/sdk/operator';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { ErrorState } from '../../kit/states.tsx';
import type { Check } from './use-check.ts';

/** What the plane says of the text that stands in the editor: what is wrong and where, or what it would change. */
export function CheckShown({ check, onLine }: { readonly check: Check; readonly onLine: (line: number) => void }) {
  return (
    <div role="status" className="text-interface">
      {check.is === 'checking' && <p className="text-text-2">Checking…</p>}
      {check.is === 'failed' && <ErrorState what="The text could not be checked." error={check.error} />}
      {check.is === 'wrong' && (
        <>
          <p className="flex items-center gap-2 font-semibold">
            <DecisionMark decision="deny" />
            {check.problems.length === 1 ? 'One problem. ' : `${check.problems.length} problems. `}
            The rules in force stay.
          </p>
          <ul className="mt-1 grid gap-1">
            {check.problems.map(({ line, says }) => (
              <li key={says} className="wrap-anywhere">
                {line === null ? (
                  <Foreign inline text={says} />
                ) : (
                  <button
                    type="button"
                    className="min-h-6 text-left text-accent underline"
                    onClick={() => onLine(line)}
                  >
                    <Foreign inline text={says} />
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {check.is === 'fine' && (
        <>
          <p className="flex items-center gap-2">
            <DecisionMark decision="permit" />
            {check.policies.length === 1
              ? '1 rule fits the catalog.'
              : `${check.policies.length} rules fit the catalog.`}
          </p>
          {check.warnings.map(({ says, line }) => (
            <p key={says} className="mt-1 text-ask wrap-anywhere">
              {line !== null && `line ${line}: `}
              <Foreign inline text={says} />
            </p>
          ))}
        </>
      )}
    </div>
  );
}

const titles = { added: 'New', changed: 'Changed', removed: 'Gone' } as const;

/** Which rules a text would add, change or take away, by their ids. */
export function ChangesShown({ changes }: { readonly changes: RuleChanges | null }) {
  if (changes === null)
    return (
      <p className="text-ask">
        The rules in force do not fit the catalog any more: every call is denied, and nobody can tell what this changes.
      </p>
    );
  const { added, changed, removed } = changes;
  if (added.length + changed.length + removed.length === 0)
    return <p className="text-text-2">No rule is new, changed or gone.</p>;
  return (
    <dl className="m-0 grid gap-2">
      {(['removed', 'changed', 'added'] as const)
        .filter((kind) => changes[kind].length > 0)
        .map((kind) => (
          <div key={kind}>
            <dt className={`font-semibold ${kind === 'removed' ? 'text-deny' : ''}`}>
              {titles[kind]} ({changes[kind].length}){kind === 'removed' && ': they bind nobody any more'}
            </dt>
            {changes[kind].map((id) => (
              <dd key={id} className="code m-0 wrap-anywhere">
                <Foreign inline text={id} />
              </dd>
            ))}
          </div>
        ))}
    </dl>
  );
}
