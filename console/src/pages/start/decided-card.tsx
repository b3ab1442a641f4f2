import type { Run, RunLine } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { CircleMinus } from 'lucide-react';
import { createElement, Fragment, type ReactNode } from 'react';
import { DecisionMark } from '../../kit/decision-chip.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Sentence } from '../../kit/sentence.tsx';
import { Value } from '../../kit/value.tsx';
import { When } from '../../kit/when.tsx';
import { Who } from '../../kit/who.tsx';
import { pageFiles } from '../../page-files.ts';

type DecidedCardProps = { readonly run: Run; readonly line: RunLine; readonly agent: string };

const heads = {
  permit: { says: 'Your first call was decided: permit', ground: 'border-permit-line bg-permit-soft text-permit' },
  ask: { says: 'The call waits for a person: ask', ground: 'border-ask-line bg-ask-soft text-ask' },
  deny: { says: 'The call was decided: deny', ground: 'border-deny-line bg-deny-soft text-deny' },
};

/** The first decided call: who, why, what came back, and where it stands in the log. */
export function DecidedCard({ run, line, agent }: DecidedCardProps) {
  const decision = line.decision ?? 'deny';
  const { says, ground } = heads[decision];
  const requester = run.requester === null ? undefined : run.names[run.requester];
  const [first] = run.lanes;
  return (
    <>
      <article aria-label={says} className={`appears overflow-hidden rounded-card border ${ground.split(' ')[0]}`}>
        <p
          role="status"
          className={`flex flex-wrap items-center gap-2.5 px-5 py-2.5 font-semibold text-body ${ground}`}
        >
          <DecisionMark decision={decision} size={18} />
          {says}
          <span className="ml-auto font-normal text-interface text-text-2">
            <When at={line.at} as="since" />
          </span>
        </p>
        <div className="grid gap-3 bg-surface px-5 py-4 text-text">
          <h2 className="text-title text-balance wrap-anywhere">
            <Sentence parts={line.told} />
          </h2>
          <dl className="m-0 grid gap-x-10 gap-y-2 text-interface xl:grid-cols-2">
            <Row name="Asked by">
              {requester === undefined ? 'the agent itself' : <Who who={{ kind: 'person', name: requester }} />}
            </Row>
            <Row name="Came back">
              {line.outcome === null ? 'nothing yet' : <Sentence parts={line.outcome.sentence} />}
            </Row>
            <Row name="Because">
              {line.denied !== null ? (
                <>
                  <Sentence parts={line.denied.sentence} /> <Sentence parts={line.denied.next} />
                </>
              ) : line.why.length === 0 ? (
                'the task allows it'
              ) : (
                createElement(
                  Fragment,
                  null,
                  ...line.why.map(({ name, reason }) => (
                    <span key={name} className="block">
                      <Value part={reason} />
                    </span>
                  )),
                )
              )}
            </Row>
            <Row name="Credential">
              {decision === 'permit' ? (
                <>
                  lent by the vault, <Foreign inline text={agent} /> never saw it
                </>
              ) : (
                'not lent'
              )}
            </Row>
            <Row name="Task">
              {pageFiles.run === undefined ? (
                <span className="code">{run.run}</span>
              ) : (
                <Link to="/runs/$task" params={{ task: run.run } as never} className="text-accent underline">
                  Its run
                </Link>
              )}
              {first?.expiresAt != null && (
                <>
                  , until <When at={first.expiresAt} />
                </>
              )}
            </Row>
            <Row name="In the log">
              {pageFiles.entry === undefined ? (
                `entry ${line.index}`
              ) : (
                <Link to="/log/$entry" params={{ entry: line.entry } as never} className="text-accent underline">
                  entry {line.index}
                </Link>
              )}
            </Row>
          </dl>
        </div>
      </article>
      {decision === 'permit' && (
        <p className="flex items-start gap-2.5 text-interface text-text-2">
          <CircleMinus aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          Now try what the task does not allow: open another task, change a value in the code, and run it. The API will
          not see that call.
        </p>
      )}
      {decision === 'ask' && (
        <p className="text-interface text-text-2">
          Another person with the role approver finds it in their inbox, and answers with a passkey.{' '}
          <Link to="/inbox/{-$approval}" search={{ tab: 'all' } as never} className="text-accent underline">
            See it in the inbox
          </Link>
        </p>
      )}
    </>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="grid grid-cols-[6.5rem_1fr] gap-x-2">
      <dt className="text-text-2">{name}</dt>
      <dd className="m-0 min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}
