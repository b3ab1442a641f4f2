import type { ProposalId } from '@ambit/protocol';
import { digestGroups } from '@ambit/protocol';
import type { Proposal } from '@ambit/sdk/operator';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, FingerprintPattern } from 'lucide-react';
import { useState } from 'react';
import { AnswerConfirm, DialogLine } from '../../kit/answer-confirm.tsx';
import { Button } from '../../kit/button.tsx';
import { Countdown } from '../../kit/countdown.tsx';
import { ExactFold, ExactLine, type Fold } from '../../kit/exact-fold.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { TextLink } from '../../kit/text-link.tsx';
import { useNow } from '../../kit/use-now.ts';
import { When } from '../../kit/when.tsx';
import { Who, WhoMark } from '../../kit/who.tsx';
import { isWaiting, whyNotAnswer, whyNotConfirm } from '../../plane/may-confirm.ts';
import { useReach } from '../../plane/reach.ts';
import { useMe } from '../../plane/use-me.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { Answered } from './answered.tsx';
import { ChangesShown } from './changes-shown.tsx';
import { ProposalChip } from './proposal-chip.tsx';
import { useConfirming } from './use-confirming.ts';

/** One proposal: what would change, who asked, and the answer to it. */
export function ProposalCard({ id }: { readonly id: ProposalId | undefined }) {
  const found = useRead(['proposals', 'one', id ?? ''], async ({ operator }) => {
    if (id === undefined) throw new Error('No proposal has this id.');
    return operator.proposals.show(id);
  });
  if (found.data !== undefined) return <Whole proposal={found.data} />;
  return (
    <div className="p-4">
      <PageTitle tab="Proposal">Proposal</PageTitle>
      {found.isError ? (
        <ErrorState what="This proposal could not be loaded." error={found.error} onTryAgain={found.refetch}>
          <TextLink to="/proposals/{-$proposal}" params={{ proposal: undefined }}>
            Show all proposals
          </TextLink>
        </ErrorState>
      ) : (
        <Loading />
      )}
    </div>
  );
}

function Whole({ proposal }: { readonly proposal: Proposal }) {
  const me = useMe();
  const names = useNames();
  const now = useNow();
  const { lostSince } = useReach();
  const { confirming, notice, answered, begin, setReason, close, confirm } = useConfirming();
  const [isExactOpen, setExactOpen] = useState(false);
  const waits = isWaiting(proposal, now);
  const mayNot = whyNotConfirm(proposal, me);
  const mayYes = waits && lostSince === null && mayNot === null;
  const mayNo = waits && lostSince === null && whyNotAnswer(proposal, me) === null;
  useKeys([
    ...(mayYes ? [{ keys: 'a', says: 'Confirm…', run: () => begin(proposal, 'yes') }] : []),
    ...(mayNo ? [{ keys: 'r', says: 'Refuse…', run: () => begin(proposal, 'no') }] : []),
    { keys: 'e', says: 'The exact change', run: () => setExactOpen(!isExactOpen) },
  ]);
  const nameOf = (person: string): string => names[person] ?? person;
  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-8 py-2 text-interface max-sm:px-4">
        <Link
          to="/proposals/{-$proposal}"
          params={{ proposal: undefined }}
          className="flex min-h-8 items-center gap-1 font-medium hover:underline max-sm:min-h-11"
        >
          <ChevronLeft aria-hidden="true" className="size-4" /> Proposals
        </Link>
        <ProposalChip proposal={proposal} />
        {waits && (
          <span className="ml-auto">
            <Countdown from={proposal.proposedAt} to={proposal.expiresAt} isShort />
          </span>
        )}
      </div>
      <article aria-label="The proposal" className="min-h-0 flex-1 overflow-y-auto">
        <div className="grid max-w-[880px] gap-5 px-8 pt-6 pb-8 max-sm:px-4">
          {notice !== null && (
            <p role="status" className="rounded-card border border-ask-line bg-ask-soft px-4 py-2.5 text-interface">
              {notice}
            </p>
          )}
          <Answered proposal={proposal} answer={answered} />
          <PageTitle tab="Proposal" isSentence>
            <span className="wrap-anywhere">
              <Foreign inline text={proposal.says} />
            </span>
          </PageTitle>
          <p className="max-w-[72ch] text-interface">
            <Who who={{ kind: 'person', name: nameOf(proposal.proposedBy) }} /> asked for it on{' '}
            <When at={proposal.proposedAt} as="day" /> at <When at={proposal.proposedAt} />. A person with the role{' '}
            {proposal.role} confirms it, and not whoever asked
            {proposal.gains !== null && (
              <>
                {' '}
                nor <Foreign inline text={nameOf(proposal.gains)} />, who would gain by it
              </>
            )}
            .
          </p>
          <section className="grid gap-2">
            <h2 className="text-section">{waits ? 'What would change' : 'What it was about'}</h2>
            <ChangesShown changes={proposal.changes} />
          </section>
          <Exact proposal={proposal} isOpen={isExactOpen} onToggle={() => setExactOpen(!isExactOpen)} />
        </div>
      </article>
      {waits && (
        <footer className="flex flex-wrap items-center gap-2 border-line border-t bg-surface px-8 py-3.5 max-sm:px-4">
          {mayNot === null && (
            <Button
              look="filled"
              size="large"
              disabled={!mayYes}
              shortcut="a"
              onClick={() => begin(proposal, 'yes')}
              className="max-sm:order-2 max-sm:flex-[3]"
            >
              <FingerprintPattern aria-hidden="true" className="size-4" /> Confirm…{' '}
              <KeyCap keys="a" isOnFill={mayYes} />
            </Button>
          )}
          {whyNotAnswer(proposal, me) === null && (
            <Button
              size="large"
              disabled={!mayNo}
              shortcut="r"
              onClick={() => begin(proposal, 'no')}
              className="max-sm:order-1 max-sm:flex-[2]"
            >
              {proposal.proposedBy === me.id ? 'Take it back…' : 'Refuse…'} <KeyCap keys="r" />
            </Button>
          )}
          <p className="min-w-0 flex-1 basis-60 text-interface text-text-2 max-sm:order-3">
            {mayNot ?? 'It is done once, in the name of whoever asked, exactly as shown.'}
          </p>
        </footer>
      )}
      {confirming !== null && (
        <AnswerConfirm
          answer={confirming.answer}
          sentence={<Foreign inline text={confirming.seen.says} />}
          digest={confirming.seen.digest}
          reasonFor="The log keeps these words."
          reason={confirming.reason}
          onReason={setReason}
          isBusy={confirming.isBusy}
          fault={confirming.fault}
          onClose={close}
          onConfirm={() => void confirm()}
        >
          <DialogLine name="You answer as">
            <span className="inline-flex items-center gap-1.5">
              <WhoMark who={{ kind: 'person', name: me.name }} />
              <span>
                <Foreign inline text={me.name} />, {confirming.seen.role}
              </span>
            </span>
          </DialogLine>
          <DialogLine name="Asked for by">
            <Foreign inline text={nameOf(confirming.seen.proposedBy)} />
          </DialogLine>
          {confirming.answer === 'yes' && (
            <DialogLine name="It is done">at once, exactly as shown. Where anything moved since, it is not.</DialogLine>
          )}
        </AnswerConfirm>
      )}
    </div>
  );
}

type ExactProps = Fold & { readonly proposal: Proposal };

/** The request as it waits, what it would change byte for byte, and what a yes signs. */
function Exact({ proposal, ...fold }: ExactProps) {
  const { method, path, params, changes, digest, id } = proposal;
  const gist = (
    <span className="code min-w-0 flex-1 text-text-2 wrap-anywhere">
      {method} <Foreign inline text={path} />
    </span>
  );
  return (
    <ExactFold title="The exact change" gist={gist} {...fold}>
      {Object.entries(params).map(([name, value]) => (
        <ExactLine key={name} name={name}>
          <Foreign inline text={value} />
        </ExactLine>
      ))}
      <ExactLine name="changes">
        <pre className="m-0 whitespace-pre-wrap wrap-anywhere">
          <Foreign inline text={JSON.stringify(changes, null, 2)} />
        </pre>
      </ExactLine>
      <ExactLine name="proposal">
        <Id id={id} label="Copy the id of the proposal" />
      </ExactLine>
      <ExactLine name="you sign">{digestGroups(digest).join(' ')}</ExactLine>
    </ExactFold>
  );
}
