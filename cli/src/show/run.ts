import type { Run, RunStep, RunTask } from '@ambit/sdk/operator';
import { indent, type Line, line, paint, quote } from '../line.ts';
import { showDecision } from './decision.ts';
import { showClock, showTime } from './times.ts';

/** A run as one trace: tasks inside one another, and under each what was asked, decided and done, in order. */
export function showRun(run: Run): readonly Line[] {
  return [
    paint('bold', line`Run ${run.run}`),
    line`${run.entries} entries, ${showTime(run.startedAt)} to ${showTime(run.lastAt)}`,
    line`asked for by ${run.requester ?? 'nobody: an agent opened it alone'}`,
    ...run.tasks.flatMap((task) => showTask(task, 0)),
    ...(run.isCut ? [line`The run is longer than this. For all of it: ambit audit export --details`] : []),
  ];
}

function showTask(task: RunTask, depth: number): readonly Line[] {
  const head = [
    line``,
    indent(depth, paint('bold', line`task ${task.task}`)),
    indent(depth, line`  agent    ${task.agent ?? 'none'}`),
    indent(depth, line`  opened   by ${task.initiator}${until(task.expiresAt)}`),
    indent(depth, line`  purpose  ${showPurpose(task.purpose, task.initiator)}`),
  ];
  const steps = task.steps.flatMap((step) => showStep(step, task).map((one) => indent(depth + 1, one)));
  return [...head, ...steps, ...task.tasks.flatMap((child) => showTask(child, depth + 2))];
}

const until = (at: number | null) => (at === null ? '' : `, until ${showTime(at)}`);

function showPurpose(purpose: unknown, initiator: string): Line {
  if (typeof purpose !== 'object' || purpose === null) return line`not told`;
  const { type, text } = purpose as { readonly type?: unknown; readonly text?: unknown };
  return line`${String(type)}: ${quote(String(text))}, as ${initiator} wrote`;
}

function showStep(step: RunStep, task: RunTask): readonly Line[] {
  const isCall = step.decided !== null;
  const what = isCall ? line`${step.action ?? 'no known action'}` : line`${step.says}`;
  const by = step.who.initiator === task.agent ? line`` : line` by ${step.who.initiator}`;
  return [
    line`${paint('dim', line`${showClock(step.at)}`)}  ${showDecision(step.decided)}  ${what}${by}`,
    ...detailsOf(step).map((one) => indent(2, one)),
  ];
}

/** In the order in which it happened; what is not there is not shown. */
function detailsOf(step: RunStep): readonly Line[] {
  return [
    ...askedLines(step),
    ...claimLines(step),
    ...(step.code === null ? [] : [line`code     ${step.code}`]),
    ...step.why.map((why) => line`because  ${why}`),
    ...withLines(step),
    ...step.answers.map(
      ({ by, answer, reason, at }) =>
        line`answer   ${answer ?? 'none'} by ${by} at ${showClock(at)}${reason === null ? '' : line`: ${quote(reason)}`}`,
    ),
    ...(step.decidedAgain === null ? [] : [line`again    ${showDecision(step.decidedAgain)}`]),
    ...outcomeLines(step),
    ...step.afterwards.map(
      ({ kind, code, at }) => line`later    ${kind}${code === null ? '' : ` ${code}`} at ${showClock(at)}`,
    ),
    ...(step.next === null || step.decided === null ? [] : [paint('dim', line`next     ${step.next}`)]),
    paint('dim', line`entry    ${step.entry}, ${step.index} in the log`),
  ];
}

function askedLines({ asked, keys }: RunStep): readonly Line[] {
  if (asked === null) return [];
  if ('request' in asked) return [line`asked    ${quote(asked.request)}`];
  const values = Object.entries(asked.arguments).map(
    ([name, value]) => line`         ${name} = ${typeof value === 'string' ? quote(value) : JSON.stringify(value)}`,
  );
  const about = keys.length === 0 ? [] : [line`about    ${keys.join(', ')}`];
  return [line`asked    ${asked.method} ${asked.url}`, ...values, ...about];
}

function claimLines({ agentClaims, who }: RunStep): readonly Line[] {
  if (agentClaims === null) return [];
  const { reason, step, toolCall } = agentClaims;
  const told = Object.entries({ reason, step, 'tool call': toolCall }).filter((one) => one[1] !== undefined);
  return told.map(
    ([name, text]) =>
      line`claim    ${who.agent ?? 'the caller'} says, not checked, as its ${name}: ${quote(text ?? '')}`,
  );
}

function withLines({ token, credential, who }: RunStep): readonly Line[] {
  const held = [
    ...(token === null ? [] : [`token ${token}`]),
    ...(credential === null ? [] : [`credential ${credential}`]),
    ...(who.agentUser === null ? [] : [`as ${who.agentUser}`]),
    ...(who.instance === null ? [] : [`key ${who.instance}`]),
  ];
  return held.length === 0 ? [] : [line`with     ${held.join(', ')}`];
}

function outcomeLines({ outcome }: RunStep): readonly Line[] {
  if (outcome === null) return [];
  const status = outcome.status === null ? '' : `, status ${outcome.status}`;
  const what = outcome.code === 'done' ? paint('green', line`✓ done`) : line`${outcome.code ?? 'not told'}`;
  return [
    line`outcome  ${what}${status} at ${showClock(outcome.at)}`,
    ...outcome.why.map((why) => line`         ${why}`),
  ];
}
