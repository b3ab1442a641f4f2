import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Foreign } from '../../kit/foreign.tsx';
import { StateChip } from '../../kit/state-chip.tsx';
import { useMedia } from '../../kit/use-media.ts';
import { Who } from '../../kit/who.tsx';
import type { Branch } from './tree.ts';

const ChainGraph = lazy(() => import('./chain-graph.tsx'));

type ChainProps = {
  readonly branches: readonly Branch[];
  readonly current: string;
  readonly agents: Readonly<Record<string, string>>;
};

/** Who handed what on to whom: as a list that everybody can read, and drawn beside it where there is room. */
export function Chain({ branches, current, agents }: ChainProps) {
  const hasRoom = useMedia('(min-width: 1024px)');
  const isChain = branches.length > 1 || branches.some(({ below }) => below.length > 0);
  return (
    <section aria-labelledby="chain" className="grid gap-3">
      <h2 id="chain" className="font-semibold text-section">
        Chain
      </h2>
      <Level branches={branches} current={current} agents={agents} />
      {hasRoom && isChain && (
        <Suspense fallback={<div className="h-64" />}>
          <ChainGraph branches={branches} current={current} agents={agents} />
        </Suspense>
      )}
    </section>
  );
}

function Level({ branches, current, agents }: ChainProps) {
  return (
    <ul className="grid gap-2 [&_ul]:mt-2 [&_ul]:border-line [&_ul]:border-l [&_ul]:pl-4">
      {branches.map(({ task, below }) => (
        <li key={task.id}>
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-interface">
            <Who who={{ kind: 'agent', name: agents[task.agent] ?? task.agent }} lane={task.depth === 0 ? 1 : 2} />
            {task.id === current ? (
              <span className="font-medium wrap-anywhere" aria-current="true">
                <Foreign inline text={task.purpose.text} />
              </span>
            ) : (
              <Link to="/tasks/$task" params={{ task: task.id }} className="text-accent hover:underline wrap-anywhere">
                <Foreign inline text={task.purpose.text} />
              </Link>
            )}
            <StateChip of="task" state={task.state} />
          </span>
          {below.length > 0 && <Level branches={below} current={current} agents={agents} />}
        </li>
      ))}
    </ul>
  );
}
