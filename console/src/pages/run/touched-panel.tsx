import type { Run, TouchedResource } from '@ambit/sdk/operator';
import type { ReactNode } from 'react';
import { Amount } from '../../kit/amount.tsx';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';

/** What exactly it touched, resource by resource, and what was stopped. */
export function TouchedPanel({ run: { touched } }: { readonly run: Run }) {
  const { denied, refused, saidNo, unanswered } = touched.stopped;
  return (
    <div className="grid gap-5">
      <section className="grid gap-3">
        <h2 className="text-section">What it touched</h2>
        <p className="font-medium text-body text-pretty">
          <Sentence parts={touched.sentence} />
        </p>
        <ul className="m-0 grid list-none gap-0 p-0">
          {touched.resources.map((one) => (
            <Resource key={one.key} one={one} />
          ))}
        </ul>
      </section>
      {denied + refused + saidNo + unanswered > 0 && (
        <section className="grid gap-2">
          <h2 className="text-section">Tried and stopped</h2>
          <Stopped count={denied} mark="deny" says="Never left Ambit" />
          <Stopped count={refused} mark="deny" says="No token, or no more of the task, was given" isCall={false} />
          <Stopped count={saidNo} mark="deny" says="A person said no" />
          <Stopped count={unanswered} mark="ask" says="Nobody said yes in time" />
        </section>
      )}
    </div>
  );
}

function Resource({ one }: { readonly one: TouchedResource }) {
  const { key, reads, writes, unknown, amounts } = one;
  const hasChanged = writes + unknown > 0;
  return (
    <li className="grid gap-0.5 border-line border-b py-3 text-interface first:pt-0 last:border-b-0">
      <p className="flex items-start justify-between gap-3">
        <span className="code min-w-0 font-medium">
          <Foreign inline text={key} />
        </span>
        <span
          className={`shrink-0 rounded-chip border px-1.5 text-caption ${hasChanged ? 'border-line-strong text-text' : 'border-line text-text-2'}`}
        >
          {hasChanged ? 'changed' : 'read'}
        </span>
      </p>
      {amounts.map(({ amount, currency }) => (
        <Row key={currency} name="Moved" says={<Amount amount={amount} currency={currency} />} isStrong />
      ))}
      {writes > 0 && <Row name="Changed" says={times(writes)} />}
      {unknown > 0 && <Row name="Sent, and nobody knows what became of it" says={times(unknown)} isStrong />}
      {reads > 0 && <Row name="Read" says={times(reads)} />}
    </li>
  );
}

const times = (count: number): string => (count === 1 ? '1 time' : `${count} times`);

function Row({
  name,
  says,
  isStrong = false,
}: {
  readonly name: string;
  readonly says: ReactNode;
  readonly isStrong?: boolean;
}) {
  return (
    <p className="flex justify-between gap-3">
      <span className="text-text-2">{name}</span>
      <span className={`shrink-0 tabular-nums ${isStrong ? 'font-semibold' : 'text-text-2'}`}>{says}</span>
    </p>
  );
}

function Stopped({
  count,
  mark,
  says,
  isCall = true,
}: {
  readonly count: number;
  readonly mark: 'ask' | 'deny';
  readonly says: string;
  readonly isCall?: boolean;
}) {
  if (count === 0) return null;
  return (
    <p className="flex items-center gap-2 text-interface">
      <DecisionMark decision={mark} />
      <span className="min-w-0">{says}</span>
      <span className="ml-auto shrink-0 text-text-2">
        {isCall ? (count === 1 ? '1 call' : `${count} calls`) : times(count)}
      </span>
    </p>
  );
}
