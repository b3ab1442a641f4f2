import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useId, useMemo, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { PageTitle } from '../../kit/page-title.tsx';
import { EmptyState, ErrorState, Loading } from '../../kit/states.tsx';
import { WaitsNote } from '../../kit/waits-note.tsx';
import { Time } from '../../kit/when.tsx';
import { WhyOff } from '../../kit/why-off.tsx';
import { useDraft } from '../../plane/use-draft.ts';
import { useNames } from '../../plane/use-names.ts';
import { useRead } from '../../plane/use-read.ts';
import { useWhyNot } from '../catalog/use-why-not.ts';
import type { EditorHandle } from './cedar-editor.tsx';
import { ChangesShown, CheckShown } from './check-shown.tsx';
import { PoliciesFrame, sayBy } from './policies-frame.tsx';
import { PublishDialog, type Waiting } from './publish-dialog.tsx';
import { useCheck } from './use-check.ts';

const CedarEditor = lazy(() => import('./cedar-editor.tsx'));

type Draft = { readonly from: number; readonly text: string };

/** The rules in force, and a draft of what they shall be. */
export function Page() {
  const names = useNames();
  const why = useWhyNot('policy');
  const list = useRead(['policies', 'list'], ({ operator }) => operator.policies.list());
  const newest = list.data?.[0];
  const shown = useRead(
    ['policies', 'one', newest?.number ?? 0],
    ({ operator }) => operator.policies.show(newest?.number ?? 0),
    { isOff: newest === undefined, keepsLast: true },
  );
  const [draft, setDraft] = useDraft<Draft | null>('policies/draft', null);
  const [isOpen, setOpen] = useState(false);
  const [done, setDone] = useState<number | null>(null);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const editor = useRef<EditorHandle>(null);
  const inForce = shown.data;
  const text = draft?.text ?? inForce?.text ?? '';
  const isChanged = draft !== null && draft.text !== inForce?.text;
  const check = useCheck(why === null && isChanged ? text : null);
  const wrongLines = useMemo(
    () => (check.is === 'wrong' ? check.problems.flatMap(({ line }) => line ?? []) : []),
    [check],
  );
  const from = draft?.from ?? inForce?.number ?? 0;
  const isOutdated = isChanged && inForce !== undefined && from !== inForce.number;
  const mayPublish = why === null && isChanged && !isOutdated && check.is === 'fine' && waiting?.text !== text;
  const publish = () => mayPublish && setOpen(true);
  const reason = useId();
  useKeys([{ keys: 'p', says: 'Publish…', run: publish }]);
  const failed = list.isError && list.data === undefined ? list : shown.isError && inForce === undefined ? shown : null;
  return (
    <PoliciesFrame versions={list.data ?? []} at={newest?.number ?? null} names={names}>
      <div className="grid gap-3 px-8 py-4 max-sm:px-4">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <PageTitle tab="Policies">Policies</PageTitle>
          {inForce !== undefined && (
            <span className="min-w-0 text-interface text-text-2">
              Version {inForce.number} is in force since <Time at={inForce.publishedAt} as="day" />{' '}
              <Time at={inForce.publishedAt} />, published by{' '}
              <Foreign inline text={sayBy(inForce.publishedBy, names)} />.
            </span>
          )}
          <span className="ml-auto flex flex-wrap gap-2 max-sm:ml-0">
            {isChanged && why === null && <Button onClick={() => setDraft(null)}>Discard the draft</Button>}
            <Button
              look="filled"
              offBy={why && reason}
              disabled={!mayPublish && why === null}
              onClick={publish}
              shortcut="p"
            >
              Publish… <KeyCap keys="p" isOnFill={mayPublish} />
            </Button>
          </span>
        </div>
        <WhyOff id={reason} says={why} className="text-interface text-text-2" />
        {why === null && inForce !== undefined && !isChanged && (
          <p className="text-caption text-text-2">
            Change the text to publish it as version {inForce.number + 1}. Nothing counts before that.
          </p>
        )}
        {done !== null && done === newest?.number && !isChanged && (
          <p role="status" className="text-interface">
            Version {done} is published. It counts from the next decision on.
          </p>
        )}
        {isChanged && waiting?.text === text && <WaitsNote proposal={waiting.proposal} />}
        {isOutdated && inForce !== undefined && (
          <p role="alert" className="rounded-card border border-ask-line bg-ask-soft px-4 py-2.5 text-interface">
            Version {inForce.number} was published by <Foreign inline text={sayBy(inForce.publishedBy, names)} /> since
            you began. Your draft is kept, and can’t be published over it.{' '}
            <Link
              to="/policies/$versions"
              params={{ versions: `${from}..${inForce.number}` }}
              className="text-accent underline"
            >
              See what changed
            </Link>{' '}
            <button
              type="button"
              className="min-h-6 text-accent underline"
              onClick={() => setDraft({ from: inForce.number, text })}
            >
              Go on from version {inForce.number} with your text
            </button>
          </p>
        )}
        {failed !== null && (
          <ErrorState what="The rules could not be loaded." error={failed.error} onTryAgain={failed.refetch} />
        )}
        {list.data?.length === 0 && <EmptyState title="No rules were published. The safe default set is in force." />}
        {failed === null && inForce === undefined && list.data?.length !== 0 && <Loading />}
        {inForce !== undefined && (
          <>
            {isChanged && why === null && (
              <div className="grid gap-2 rounded-card border border-line bg-canvas p-3 text-interface">
                <CheckShown check={check} onLine={(line) => editor.current?.goToLine(line)} />
                {check.is === 'fine' && <ChangesShown changes={check.changes} />}
              </div>
            )}
            <Suspense fallback={<Loading />}>
              <CedarEditor
                ref={editor}
                label="The rules, in Cedar"
                text={text}
                wrongLines={wrongLines}
                onSubmit={publish}
                onChange={
                  why === null
                    ? (to) => to !== text && setDraft(to === inForce.text ? null : { from, text: to })
                    : undefined
                }
              />
            </Suspense>
          </>
        )}
        {isOpen && newest !== undefined && (
          <PublishDialog
            text={text}
            after={newest.number}
            title={`Publish version ${newest.number + 1}`}
            onClose={() => setOpen(false)}
            onWaits={setWaiting}
            onDone={(version) => {
              setOpen(false);
              setDraft(null);
              setDone(version);
            }}
          />
        )}
      </div>
    </PoliciesFrame>
  );
}
