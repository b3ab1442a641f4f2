import type { Part } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { BookOpen, Bot, Database, UserRound } from 'lucide-react';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { isFromOutside } from './is-from-outside.ts';

/** Every argument of the call, whole, and who it came from. None of them folds. */
export function ValueTable({ values, headers }: Pick<Approval['card'], 'values' | 'headers'>) {
  return (
    <div className="grid gap-2">
      {values.length === 0 ? (
        <p className="text-interface text-text-2">The call has no arguments.</p>
      ) : (
        <Table values={values} />
      )}
      {headers.length > 0 && (
        <p className="text-caption text-text-2 wrap-anywhere">
          Sent with it, as client libraries set {headers.length === 1 ? 'it' : 'them'}:{' '}
          {headers.map(({ name, value }, at) => (
            <span key={name}>
              {at > 0 && ', '}
              <code className="code">
                {name.replace(/^header\./, '')} <Foreign inline text={value.value} />
              </code>
            </span>
          ))}
          .
        </p>
      )}
    </div>
  );
}

function Table({ values }: Pick<Approval['card'], 'values'>) {
  return (
    <table className="w-full border-collapse text-interface max-sm:block">
      <thead className="max-sm:sr-only">
        <tr className="border-line border-b text-left text-caption text-text-2">
          <th scope="col" className="w-[17%] py-1.5 pr-4 font-normal">
            Value
          </th>
          <th scope="col" className="w-[24%] py-1.5 pr-4 font-normal">
            <span className="sr-only">As it is sent</span>
          </th>
          <th scope="col" className="py-1.5 font-normal">
            Where it came from
          </th>
        </tr>
      </thead>
      <tbody className="max-sm:block">
        {values.map(({ name, value, from }) => (
          <tr key={name} className="border-line border-b align-top max-sm:grid max-sm:py-2">
            <th scope="row" className="py-2 pr-4 text-left font-normal text-text-2 wrap-anywhere max-sm:py-0">
              <Foreign inline text={name.replace(/^(body|path|query)\./, '')} />
            </th>
            <td className="code py-2 pr-4 wrap-anywhere max-sm:py-0">
              <Foreign inline text={value.value} />
            </td>
            <td className="py-2 max-sm:py-0">
              <span className="flex items-start gap-2">
                <SourceMark from={from} source={value.source} />
                <span className={`min-w-0 wrap-anywhere ${isFromOutside(value.source) ? 'text-foreign' : ''}`}>
                  <Sentence parts={from} />
                </span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SourceMark({ from, source }: { readonly from: readonly Part[]; readonly source: string }) {
  const isPerson = from.some((part) => 'person' in part);
  const isAgent = from.some((part) => 'agent' in part);
  const Icon = isPerson ? UserRound : isAgent ? Bot : source === 'catalog' ? BookOpen : Database;
  return <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-text-2" strokeWidth={1.5} />;
}
