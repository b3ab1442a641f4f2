import { authorityShape, parseId } from '@ambit/protocol';
import type { Authority } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { Foreign } from '../../kit/foreign.tsx';
import { GrantLines } from '../../kit/grant-lines.tsx';
import { readDuration } from '../../kit/read-time.ts';
import { When } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { useAgentNames } from '../../plane/use-agent-names.ts';
import { useNames } from '../../plane/use-names.ts';
import { DiffShown } from '../policy/diff-shown.tsx';
import { type ChangeRow, changesOf, isFields, sayName } from './changes-of.ts';

/** Everything that would change, in words. The same is below, byte for byte. */
export function ChangesShown({ changes }: { readonly changes: unknown }) {
  return (
    <dl className="m-0 border-line border-t">
      {changesOf(changes).map((row) => (
        <div
          key={row.name}
          className="grid grid-cols-[11rem_1fr] gap-x-4 gap-y-1 border-line border-b py-2.5 text-interface max-sm:grid-cols-1"
        >
          <dt className="font-medium">
            <Foreign inline text={sayName(row.name)} />
          </dt>
          <dd className="m-0 min-w-0">
            <RowShown row={row} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.includes('\n');

function RowShown({ row }: { readonly row: ChangeRow }) {
  if (row.is === 'said') return <ValueShown name={row.name} value={row.value} />;
  const { name, now, next } = row;
  if (isText(now) || isText(next)) return <DiffShown before={String(now ?? '')} after={String(next ?? '')} />;
  return (
    <div className="grid grid-cols-1 gap-x-6 gap-y-2 wrap-anywhere sm:grid-cols-2">
      <div className="min-w-0">
        <p className="text-caption text-text-2">Now</p>
        <ValueShown name={name} value={now} />
      </div>
      <div className="min-w-0 border-ask border-l-2 pl-3">
        <p className="font-medium text-ask text-caption">Then</p>
        <ValueShown name={name} value={next} />
      </div>
    </div>
  );
}

type ValueProps = { readonly name: string; readonly value: unknown };

function ValueShown({ name, value }: ValueProps) {
  if (value === null || value === undefined || value === '') return <span className="text-text-2">nothing</span>;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return <NumberShown name={name} value={value} />;
  if (typeof value === 'string') return <TextShown text={value} />;
  const authority = authorityIn(value);
  if (authority !== null) return <GrantLines authority={authority} source="person" />;
  if (Array.isArray(value)) return <ListShown name={name} values={value} />;
  return <FieldsShown fields={value} />;
}

function authorityIn(value: unknown): Authority | null {
  const isOne =
    Array.isArray(value) && value.length > 0 && value.every((one) => isFields(one) && one.type === 'ambit_grant');
  return isOne ? authorityShape.read(value, 'grants') : null;
}

function NumberShown({ name, value }: { readonly name: string; readonly value: number }) {
  if (/(At|Since)$/.test(name)) {
    return (
      <>
        <When at={value} as="day" />, <When at={value} />
      </>
    );
  }
  return /seconds|Seconds/.test(name) ? readDuration(value * 1000) : String(value);
}

function TextShown({ text }: { readonly text: string }) {
  const names = useNames();
  const agents = useAgentNames();
  const agent = parseId('agent', text);
  if (agent !== undefined) {
    return (
      <Link to="/agents/$agent/{-$tab}" params={{ agent, tab: undefined }} className="text-accent underline">
        <Foreign inline text={agents[agent] ?? agent} />
      </Link>
    );
  }
  const person = parseId('person', text);
  if (person !== undefined) return <Who who={{ kind: 'person', name: names[person] ?? person }} />;
  if (!text.includes('\n')) return <Foreign inline text={text} />;
  return (
    <details>
      <summary className="min-h-6 cursor-pointer text-accent">Show {text.split('\n').length} lines</summary>
      <pre className="code mt-1 rounded-control bg-sunken px-3 py-2 whitespace-pre-wrap wrap-anywhere">
        <Foreign inline text={text} />
      </pre>
    </details>
  );
}

function ListShown({ name, values }: { readonly name: string; readonly values: readonly unknown[] }) {
  if (values.length === 0) return <span className="text-text-2">none</span>;
  const isSimple = values.every((one) => typeof one !== 'object');
  return (
    <ul className={isSimple ? 'flex flex-wrap gap-x-3 gap-y-1' : 'grid gap-2'}>
      {values.map((one, at) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: what is shown is one proposal, which never changes
          key={at}
          className={isSimple ? '' : 'border-line border-l-2 pl-3'}
        >
          {isFields(one) && 'from' in one && 'to' in one ? (
            <>
              <FieldsShown fields={withoutPair(one)} />
              <RowShown row={{ is: 'compared', name, now: one.from, next: one.to }} />
            </>
          ) : (
            <ValueShown name={name} value={one} />
          )}
        </li>
      ))}
    </ul>
  );
}

const withoutPair = ({ from: _from, to: _to, ...rest }: Readonly<Record<string, unknown>>) => rest;

function FieldsShown({ fields }: { readonly fields: object }) {
  return (
    <dl className="m-0 grid grid-cols-[auto_1fr] max-sm:grid-cols-1 gap-x-4 gap-y-1">
      {Object.entries(fields).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-text-2 wrap-anywhere">
            <Foreign inline text={sayName(name)} />
          </dt>
          <dd className="m-0 min-w-0 wrap-anywhere">
            <ValueShown name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
