import type { RunLine } from '@ambit/sdk/operator';
import { Foreign } from './foreign.tsx';
import { Sentence } from './sentence.tsx';

/**
 * Why something was decided so: of a denial what happened and what to do next, then the text for whoever builds the agent;
 * of anything else the reasons, each over the name of what gave it.
 */
export function WhyList({ line: { why, denied } }: { readonly line: Pick<RunLine, 'why' | 'denied'> }) {
  if (denied === null) return <Reasons why={why} />;
  return (
    <div className="grid gap-1.5 text-interface wrap-anywhere">
      <p>
        <Sentence parts={denied.sentence} />
      </p>
      <p className="text-text-2">
        <Sentence parts={denied.next} />
      </p>
      {why.length > 0 && (
        <p className="text-caption text-text-2">
          For whoever builds the agent:{' '}
          <span className="code">
            <Sentence parts={why.map(({ reason }) => reason)} />
          </span>
        </p>
      )}
    </div>
  );
}

function Reasons({ why }: Pick<RunLine, 'why'>) {
  return (
    <ul className="m-0 grid list-none gap-2 p-0 text-interface">
      {why.map((one) => (
        <li key={one.name}>
          <Sentence parts={[one.reason]} />
          <span className="code block text-text-2">
            <Foreign inline text={one.name} />
          </span>
        </li>
      ))}
    </ul>
  );
}
