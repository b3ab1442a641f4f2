import type { Policy } from '@ambit/sdk/operator';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useId, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { Id } from '../../kit/id.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { Time } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { useWhyNot } from '../catalog/use-why-not.ts';
import { PoliciesFrame, sayBy } from '../policies/policies-frame.tsx';
import { PublishDialog } from '../policies/publish-dialog.tsx';
import { DiffShown } from './diff-shown.tsx';
import { readVersions } from './read-versions.ts';

const CedarEditor = lazy(() => import('../policies/cedar-editor.tsx'));

/** One version, or what two of them have not in common. */
export function Page() {
  const { versions = '' } = useParams({ strict: false }) as { readonly versions?: string };
  const names = useNames();
  const list = useRead(['policies', 'list'], ({ operator }) => operator.policies.list());
  const wanted = readVersions(versions);
  return (
    <PoliciesFrame versions={list.data ?? []} at={wanted?.to ?? null} names={names}>
      <div className="grid gap-3 px-8 py-4 max-sm:px-4">
        {wanted === null ? (
          <>
            <PageTitle tab="Policies">Policies</PageTitle>
            <EmptyState title="There is no such version.">
              <Link to="/policies" className="text-accent underline">
                Show the rules in force
              </Link>
            </EmptyState>
          </>
        ) : wanted.from === null ? (
          <OneVersion key={wanted.to} number={wanted.to} newest={list.data?.[0]?.number ?? null} names={names} />
        ) : (
          <TwoVersions from={wanted.from} to={wanted.to} />
        )}
      </div>
    </PoliciesFrame>
  );
}

const useVersion = (number: number) =>
  useRead(['policies', 'one', number], ({ operator }) => operator.policies.show(number));

type OneProps = {
  readonly number: number;
  readonly newest: number | null;
  readonly names: Readonly<Record<string, string>>;
};

function OneVersion({ number, newest, names }: OneProps) {
  const why = useWhyNot('policy');
  const navigate = useNavigate();
  const read = useVersion(number);
  const [isOpen, setOpen] = useState(false);
  const reason = useId();
  const policy = read.data;
  const isOld = newest !== null && number < newest;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <PageTitle tab="Policies">Version {number}</PageTitle>
        {policy !== undefined && <PublishedBy policy={policy} names={names} />}
        {isOld && (
          <span className="ml-auto flex flex-wrap items-center gap-2 max-sm:ml-0">
            <Link
              to="/policies/$versions"
              params={{ versions: `${number}..${newest}` }}
              className="inline-flex min-h-8 items-center rounded-control border border-line-strong bg-surface px-3 font-medium text-interface hover:bg-hover"
            >
              Compare with version {newest}
            </Link>
            <Button look="filled" offBy={why && reason} disabled={policy === undefined} onClick={() => setOpen(true)}>
              Publish this text anew…
            </Button>
          </span>
        )}
      </div>
      {isOld && <WhyOff id={reason} says={why} className="text-interface text-text-2" />}
      {policy !== undefined && policy.note !== '' && <Foreign text={policy.note} by="the note of who published it" />}
      {read.isPending && <Loading />}
      {read.isError && policy === undefined && (
        <ErrorState what="This version could not be loaded." error={read.error} onTryAgain={read.refetch} />
      )}
      {policy !== undefined && (
        <>
          <Suspense fallback={<Loading />}>
            <CedarEditor label={`The rules of version ${number}, in Cedar`} text={policy.text} />
          </Suspense>
          <Id id={policy.digest} label="Copy the digest" />
        </>
      )}
      {isOpen && policy !== undefined && newest !== null && (
        <PublishDialog
          text={policy.text}
          after={newest}
          note={`As version ${number}.`}
          title={`Publish the text of version ${number} as version ${newest + 1}`}
          onClose={() => setOpen(false)}
          onDone={() => void navigate({ to: '/policies' })}
        />
      )}
    </>
  );
}

function PublishedBy({ policy, names }: { readonly policy: Policy; readonly names: Readonly<Record<string, string>> }) {
  return (
    <span className="text-interface text-text-2">
      <Time at={policy.publishedAt} as="day" /> <Time at={policy.publishedAt} />, by{' '}
      <Foreign inline text={sayBy(policy.publishedBy, names)} />
    </span>
  );
}

function TwoVersions({ from, to }: { readonly from: number; readonly to: number }) {
  const before = useVersion(from);
  const after = useVersion(to);
  const failed = [before, after].find((one) => one.isError && one.data === undefined);
  return (
    <>
      <PageTitle tab="Policies">
        From version {from} to version {to}
      </PageTitle>
      {failed !== undefined && (
        <ErrorState what="These versions could not be loaded." error={failed.error} onTryAgain={failed.refetch} />
      )}
      {failed === undefined && (before.isPending || after.isPending) && <Loading />}
      {before.data !== undefined && after.data !== undefined && (
        <DiffShown before={before.data.text} after={after.data.text} />
      )}
    </>
  );
}
