import type { Lane, Run } from '@ambit/sdk/operator';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { When } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { purposeOf, whoOf } from './lane-names.ts';

/** Who handed what to whom: the tasks of the run inside one another. */
export function ChainPanel({ run: { lanes } }: { readonly run: Run }) {
  const tops = lanes.filter(({ parent }) => parent === null || !lanes.some(({ task }) => task === parent));
  return (
    <section className="grid gap-3">
      <h2 className="text-section">Who acted for whom</h2>
      <ul className="m-0 grid list-none gap-3 p-0">
        {tops.map((lane) => (
          <Link key={lane.task} lane={lane} lanes={lanes} />
        ))}
      </ul>
    </section>
  );
}

function Link({ lane, lanes }: { readonly lane: Lane; readonly lanes: readonly Lane[] }) {
  const below = lanes.filter(({ parent }) => parent === lane.task);
  const purpose = purposeOf(lane);
  return (
    <li className="grid gap-2">
      <div className="grid gap-1 rounded-card border border-line bg-surface p-3 text-interface">
        <p className="flex flex-wrap items-center gap-x-2">
          {lane.agent === null ? (
            <span className="text-text-2">No agent took it yet</span>
          ) : (
            <span className="font-medium">
              <Who who={whoOf(lane.agent)} lane={lane.depth === 0 ? 1 : 2} />
            </span>
          )}
          <span className="text-text-2">{lane.requester === null ? 'on its own' : 'for'}</span>
          {lane.requester !== null && <Who who={whoOf(lane.requester)} />}
        </p>
        {purpose !== null && lane.writtenBy === 'person' && (
          <p className="text-text-2">
            <Foreign inline text={purpose} />
          </p>
        )}
        {purpose !== null && lane.writtenBy === 'agent' && (
          <Foreign by="The agent’s purpose" text={purpose} folds="soon" />
        )}
        <p className="text-caption text-text-2">
          <Id id={lane.task} label="Copy the id of this task" />
        </p>
        {lane.expiresAt !== null && (
          <p className="text-caption text-text-2">
            ends by <When at={lane.expiresAt} />
          </p>
        )}
      </div>
      {below.length > 0 && (
        <ul className="m-0 ml-4 grid list-none gap-3 border-lane-2 border-l-2 p-0 pl-4">
          {below.map((one) => (
            <Link key={one.task} lane={one} lanes={lanes} />
          ))}
        </ul>
      )}
    </li>
  );
}
