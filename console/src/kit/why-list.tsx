import type { RunLine } from '@ambit/sdk/operator';
import { Foreign } from './foreign.tsx';
import { Sentence } from './sentence.tsx';

/** Reasons of a decision, each over the name of what gave it. */
export function WhyList({ why }: Pick<RunLine, 'why'>) {
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
