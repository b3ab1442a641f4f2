import { BookOpen, Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Foreign } from '../../kit/foreign.tsx';
import type { Go } from './page.tsx';
import { isDone, type Progress, type StepName, stepNames } from './steps.ts';

const names: Readonly<Record<StepName, string>> = {
  passkey: 'Your passkey',
  api: 'Your API',
  agent: 'Your agent',
  call: 'First call',
  yes: 'First yes',
};

type StepRailProps = { readonly current: StepName; readonly progress: Progress; readonly onGo: Go };

/** The five steps, and what each has come to. */
export function StepRail({ current, progress, onGo }: StepRailProps) {
  return (
    <nav
      aria-label="Steps"
      className="flex flex-col border-line border-r px-10 py-10 max-lg:border-r-0 max-lg:border-b max-lg:px-14 max-lg:py-5 max-sm:px-4"
    >
      <p className="text-title">Your first decided call</p>
      <p className="mt-1 text-interface text-text-2">About five minutes. You can leave and come back.</p>
      <ol className="mt-6 grid gap-0 max-lg:mt-3 max-lg:flex max-lg:flex-wrap max-lg:gap-x-5 max-lg:gap-y-2">
        {stepNames.map((name, index) => {
          const done = isDone[name](progress);
          const isHere = name === current;
          return (
            <li key={name} className="relative pb-6 max-lg:pb-0">
              {index < stepNames.length - 1 && (
                <span
                  aria-hidden="true"
                  className={`absolute top-8 bottom-1.5 left-[11px] w-0.5 max-lg:hidden ${done ? 'bg-permit' : 'bg-line'}`}
                />
              )}
              <button
                type="button"
                aria-current={isHere ? 'step' : undefined}
                onClick={() => onGo(name)}
                className="-m-1 grid grid-cols-[24px_1fr] gap-x-3.5 rounded-control p-1 text-left hover:bg-hover max-sm:min-h-11 max-sm:items-center"
              >
                <span
                  aria-hidden="true"
                  className={`flex size-6 items-center justify-center rounded-full border font-semibold text-caption ${isHere ? 'border-transparent bg-accent-fill text-white' : done ? 'border-transparent bg-permit text-surface' : 'border-line-strong text-text-2'}`}
                >
                  {done && !isHere ? <Check className="size-3.5" strokeWidth={2.5} /> : index + 1}
                </span>
                <span className="min-w-0">
                  <span
                    className={`block font-semibold text-body ${isHere ? '' : 'max-sm:sr-only'} ${isHere || done ? '' : 'text-text-2'}`}
                  >
                    {names[name]}
                    {done && <span className="sr-only">, done</span>}
                  </span>
                  <span className="block text-interface text-text-2 max-lg:sr-only">{come(name, progress)}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      <p className="mt-auto flex items-center gap-2.5 pt-6 text-interface text-text-2 max-lg:hidden">
        <BookOpen aria-hidden="true" className="size-4" />
        <span>
          Stuck? Run <code className="code">ambit doctor</code>.
        </span>
      </p>
    </nav>
  );
}

function come(name: StepName, { passkey, api, agent, hasKey, first, yes }: Progress): ReactNode {
  if (name === 'passkey')
    return passkey === null ? (
      'None yet'
    ) : (
      <>
        “<Foreign inline text={passkey} />” signs your answers
      </>
    );
  if (name === 'api') return api === null ? 'Its OpenAPI description' : <Foreign inline text={api.name} />;
  if (name === 'agent') {
    if (agent === null) return 'Register one, with its key';
    return (
      <>
        <Foreign inline text={agent.name} /> {hasKey ? 'has a key of its own' : 'has no key yet'}
      </>
    );
  }
  if (name === 'call') return first.line === null ? 'Send one, see it decided' : 'It was decided';
  return yes.line === null ? 'A call that waits for you' : 'A person was asked';
}
