import { Link, Navigate, useNavigate, useParams } from '@tanstack/react-router';
import { Button } from '../../kit/button.tsx';
import { Foreign } from '../../kit/foreign.tsx';
import { KeyCap } from '../../kit/key-cap.tsx';
import { useKeys } from '../../kit/keys.ts';
import { KeysSheet } from '../../kit/keys-sheet.tsx';
import { PageTitle } from '../../kit/page-title.tsx';
import { ErrorState, Loading } from '../../kit/states.tsx';
import { WhoMark } from '../../kit/who.tsx';
import { useLive } from '../../plane/live.ts';
import { usePlane, useSession } from '../../plane/session-provider.tsx';
import { AmbitMark } from '../../shell/ambit-mark.tsx';
import { ToSignIn } from '../../shell/to-sign-in.tsx';
import { AgentStep } from './agent-step.tsx';
import { ApiStep } from './api-step.tsx';
import { CallStep } from './call-step.tsx';
import { PasskeyStep } from './passkey-step.tsx';
import { StepRail } from './step-rail.tsx';
import { type Chosen, isDone, type Progress, type StepName, stepNames, stepOf, useProgress } from './steps.ts';

/** The way from nothing to a first decided call. It stands alone, so it looks after who is signed in by itself. */
export function Page() {
  const { state, tryAgain } = useSession();
  if (state.is === 'opening') return <Loading />;
  if (state.is === 'failed')
    return <ErrorState what="Ambit could not be asked who you are." error={state.error} onTryAgain={tryAgain} />;
  if (state.is === 'out') return <ToSignIn since={state.since} />;
  return <Start />;
}

const says: Readonly<Record<StepName, { title: string; under: string; next: string }>> = {
  passkey: {
    title: 'Your passkey signs your answers',
    under: 'Only your device can use it. Nothing an agent does can.',
    next: 'your API',
  },
  api: {
    title: 'Put your API behind Ambit',
    under: 'Give its OpenAPI description. Nothing is called yet.',
    next: 'an agent of your own',
  },
  agent: {
    title: 'Give your agent a key of its own',
    under: 'The agent makes its key where it runs, and the key stays there: Ambit has only its public half.',
    next: 'the first call',
  },
  call: {
    title: 'Send a call through Ambit',
    under: 'Open a task that allows one read, and run the code where your agent runs.',
    next: 'a call that waits for a yes',
  },
  yes: {
    title: 'See a call that waits for a person',
    under: 'The same, with a rule that asks a person each time.',
    next: 'the console',
  },
};

function Start() {
  useLive();
  const { me } = usePlane();
  const { step } = useParams({ strict: false }) as { readonly step?: string };
  const progress = useProgress();
  const navigate = useNavigate();
  const current = stepNames.find((name) => name === step) ?? null;
  if (progress.error !== null)
    return <ErrorState what="The start could not be loaded." error={progress.error} onTryAgain={progress.tryAgain} />;
  if (progress.isPending) return <Loading />;
  if (current === null)
    return (
      <Navigate to="/start/{-$step}" params={{ step: stepOf(progress) }} search={progress.chosen as never} replace />
    );
  const go = (to: StepName, chosen: Chosen = progress.chosen) =>
    void navigate({ to: '/start/{-$step}', params: { step: to }, search: chosen as never });
  return (
    <div className="grid min-h-screen grid-rows-[auto_1fr]">
      <header className="flex min-h-14 items-center gap-3 border-line border-b px-7 max-sm:px-4">
        <AmbitMark size={22} />
        <span className="font-semibold text-body">Ambit</span>
        <Link
          to="/inbox/{-$approval}"
          className="ml-auto rounded-control px-2 py-1 text-interface text-text-2 hover:bg-hover"
        >
          Skip to the console
        </Link>
        <WhoMark who={{ kind: 'person', name: me.name }} />
        <span className="sr-only">
          Signed in as <Foreign inline text={me.name} />
        </span>
      </header>
      <div className="grid grid-cols-[344px_1fr] max-lg:grid-cols-1 max-lg:grid-rows-[auto_1fr]">
        <StepRail current={current} progress={progress} onGo={go} />
        <main className="flex min-w-0 flex-col bg-surface">
          <Body current={current} progress={progress} onGo={go} />
        </main>
      </div>
      <KeysSheet />
    </div>
  );
}

type BodyProps = { readonly current: StepName; readonly progress: Progress; readonly onGo: Go };
export type Go = (to: StepName, chosen?: Chosen) => void;

function Body({ current, progress, onGo }: BodyProps) {
  const navigate = useNavigate();
  const at = stepNames.indexOf(current);
  const before = stepNames[at - 1];
  const after = stepNames[at + 1];
  const isReady = isDone[current](progress);
  const forward = () => (after === undefined ? void navigate({ to: '/inbox/{-$approval}' }) : onGo(after));
  useKeys(isReady ? [{ keys: 'enter', says: 'Continue', run: forward }] : []);
  const { title, under, next } = says[current];
  return (
    <>
      <div className="grid max-w-[1062px] flex-1 content-start gap-5 px-14 py-10 max-sm:px-4 max-sm:py-6">
        <div className="grid gap-1">
          <p className="text-caption text-text-2">
            Step {at + 1} of {stepNames.length}
          </p>
          <PageTitle key={current} tab={title} isSentence>
            {title}
          </PageTitle>
          <p className="text-body text-text-2">{under}</p>
        </div>
        {current === 'passkey' && <PasskeyStep progress={progress} />}
        {current === 'api' && <ApiStep progress={progress} onGo={onGo} />}
        {current === 'agent' && <AgentStep progress={progress} onGo={onGo} />}
        {current === 'call' && <CallStep key="call" progress={progress} onGo={onGo} />}
        {current === 'yes' && <CallStep key="yes" progress={progress} onGo={onGo} waits />}
      </div>
      <footer className="sticky bottom-0 flex min-h-[72px] flex-wrap items-center gap-3 border-line border-t bg-surface px-14 py-3 max-sm:px-4 max-sm:*:flex-1">
        {before !== undefined && (
          <Button size="large" onClick={() => onGo(before)}>
            Back
          </Button>
        )}
        <span className="ml-auto text-interface text-text-2 max-sm:hidden">Next: {next}</span>
        <Button size="large" look={isReady ? 'filled' : 'outlined'} disabled={!isReady} onClick={forward}>
          {after === undefined ? 'To the console' : 'Continue'} <KeyCap keys="enter" isOnFill={isReady} />
        </Button>
      </footer>
    </>
  );
}
