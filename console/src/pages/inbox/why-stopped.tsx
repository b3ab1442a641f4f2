import type { Approval } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Peek } from '../../kit/peek.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { pageFiles } from '../../page-files.ts';

/** Why a person is asked: the rule in its sentence, then the numbers. */
export function WhyStopped({ stopped }: { readonly stopped: Approval['card']['stopped'] }) {
  return stopped.map(({ ask, sentence, facts, rule, policyVersion }) => (
    <div key={ask} className="flex gap-3 rounded-card border border-ask-line bg-ask-soft px-4 py-3">
      <span className="pt-0.5">
        <DecisionMark decision="ask" size={16} />
      </span>
      <div className="min-w-0">
        <p className="font-semibold text-body wrap-anywhere">
          <Sentence parts={sentence} />
        </p>
        <p className="text-interface text-text-2 wrap-anywhere">
          <Sentence parts={facts} />
          {facts.length > 0 && ' '}
          {rule === null ? <Source ask={ask} /> : <Rule rule={rule} version={policyVersion} />}
        </p>
      </div>
    </div>
  ));
}

/** A grant's own ask has no name that people gave: what it hangs on is said, and the plane's name for it is one press away. */
function Source({ ask }: { readonly ask: string }) {
  const says = sources[ask.split(':')[0] ?? ''] ?? 'Ambit itself says so';
  return <Peek says={<span className="code wrap-anywhere">{ask}</span>}>{`${says}.`}</Peek>;
}

const sources: Readonly<Record<string, string>> = {
  task: 'The task itself says so',
  bound: 'What its requester or owner allowed says so',
};

function Rule({ rule, version }: { readonly rule: string; readonly version: string | null }) {
  const name = rule.split('@')[0] ?? rule;
  const isLink = pageFiles.policy !== undefined && version !== null;
  return (
    <>
      Rule{' '}
      {isLink ? (
        <Link to="/policies/$versions" params={{ versions: version }} className="text-accent underline">
          {name}
        </Link>
      ) : (
        <span className="code">{name}</span>
      )}
      {version !== null && `, policy version ${version}`}.
    </>
  );
}
