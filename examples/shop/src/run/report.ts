import type { Run, RunStep, RunTask } from '@ambit/sdk/operator';
import type { Tried } from './report-line.ts';
import type { Theft } from './thief.ts';

/** One call of the run as the plane's own log tells it, with what the shop itself says it saw. */
export type CallReport = {
  readonly agent: string;
  readonly action: string;
  readonly decision: 'permit' | 'ask' | 'deny';
  readonly answered?: 'yes' | 'no';
  readonly reason: string;
  /** Whether the shop saw it, by the shop's own list of requests. */
  readonly upstream: boolean;
  readonly status: number | null;
};

export type RunReport = {
  readonly run: string;
  readonly calls: readonly CallReport[];
  readonly shop: { readonly refunds: readonly { readonly order: string; readonly amount: string }[] };
  readonly ended: { readonly what: readonly unknown[]; readonly milliseconds: number };
  readonly log: { readonly entries: number; readonly verified: boolean };
};

export type Heard = {
  readonly tried: readonly Tried[];
  readonly theft: Theft;
  /** Trace parents that the shop saw. */
  readonly seen: ReadonlySet<string>;
  readonly names: Readonly<Record<string, string>>;
};

/** The calls of a run, in the order of the log. Reads of the plane for an approver are not calls of the agent. */
export function callsOf(run: Run, heard: Heard, lastEntry: number): CallReport[] {
  const steps = stepsOf(run.tasks).filter(({ index }) => index <= lastEntry);
  return steps
    .filter((step) => step.decided !== null && step.who.initiator !== 'plane' && isCall(step))
    .sort((a, b) => a.index - b.index)
    .map((step) => callOf(step, heard));
}

const isCall = ({ kind }: RunStep) =>
  kind === 'call.decided' || kind === 'call.refused' || kind === 'task.delegation-refused';

export function stepsOf(tasks: readonly RunTask[]): RunStep[] {
  return tasks.flatMap((task) => [...task.steps, ...stepsOf(task.tasks)]);
}

function callOf(step: RunStep, { tried, theft, seen, names }: Heard): CallReport {
  const isTheft = step.kind === 'call.refused';
  const told = tried.find((one) => one.traceparent !== null && one.traceparent === step.trace);
  const answer = step.answers.at(-1)?.answer;
  const trace = isTheft ? theft.traceparent : step.trace;
  const status = step.outcome?.status ?? told?.status ?? (isTheft ? theft.status : statusOfExchange(step, tried));
  return {
    agent: isTheft ? 'nobody, with a copy of a token' : (names[step.who.agent ?? ''] ?? String(step.who.agent)),
    action: actionOf(step),
    decision: step.decided ?? 'deny',
    ...(answer === 'yes' || answer === 'no' ? { answered: answer } : {}),
    reason: step.why.join(' ') || told?.says || step.says,
    upstream: trace !== null && seen.has(trace),
    status,
  };
}

const statusOfExchange = ({ kind }: RunStep, tried: readonly Tried[]): number | null =>
  kind === 'task.delegation-refused'
    ? (tried.find((one) => one.what === 'widens its authority')?.status ?? null)
    : null;

function actionOf({ action, kind, asked }: RunStep): string {
  if (action !== null) return action;
  if (kind === 'task.delegation-refused') return 'token exchange';
  return asked !== null && 'request' in asked ? asked.request : (asked?.method ?? kind);
}
