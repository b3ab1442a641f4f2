import type { Authority } from '@ambit/protocol';
import type { Part, Run, RunLine, RunStep, RunTask } from '@ambit/sdk/operator';
import { indent, join, type Line, line, named, paint, quote, sentence } from '../line.ts';
import { showAuthority } from './authority.ts';
import { countOf } from './count.ts';
import { showDecision } from './decision.ts';
import { countThings, showEnded } from './ending.ts';
import { showClock, showTime } from './times.ts';

/** What persons and agents are called, by id. */
type Names = Run['names'];

/** What every step needs of the run: names, and the sentences that the plane says of its lines. */
type Whole = {
  readonly names: Names;
  readonly sentences: ReadonlyMap<string, readonly Part[]>;
  readonly denials: ReadonlyMap<string, RunLine['denied']>;
  readonly undos: ReadonlyMap<string, RunLine['undo']>;
};

const wholeOf = ({ names, lines }: Run): Whole => ({
  names,
  sentences: new Map(lines.map((one) => [one.entry, one.sentence])),
  denials: new Map(lines.map((one) => [one.entry, one.denied])),
  undos: new Map(lines.map((one) => [one.entry, one.undo])),
});

/** A run as one trace: tasks inside one another, and under each what was asked, decided and done, in order. */
export function showRun(run: Run): readonly Line[] {
  return [
    paint('bold', line`Run ${run.run}`),
    line`${run.entries} entries, ${showTime(run.startedAt)} to ${showTime(run.lastAt)}`,
    line`asked for by ${run.requester === null ? 'nobody: an agent opened it alone' : called(run.requester, run.names)}`,
    ...run.tasks.flatMap((task) => showTask(task, wholeOf(run), 0)),
    ...(run.isCut ? [line`The run is longer than this. For all of it: ambit audit export --details`] : []),
  ];
}

/** A name stands beside its id, never in its place. */
function called(id: string, names: Names): Line {
  const name = Object.hasOwn(names, id) ? names[id] : undefined;
  return name === undefined ? line`${id}` : named(name, id);
}

function showTask(task: RunTask, whole: Whole, depth: number): readonly Line[] {
  const { names } = whole;
  const head = [
    line`task ${task.task} of ${task.agent === null ? 'no agent' : called(task.agent, names)}`,
    line`  opened by ${called(task.initiator, names)}${until(task.expiresAt)}`,
    line`  acts      ${task.requester === null ? 'in its own capacity, as its owner signed' : line`on behalf of ${called(task.requester, names)}`}`,
    line`  purpose   ${showPurpose(task.purpose, called(task.initiator, names))}`,
    ...authorityLines(task.authority).map((one, i) => line`  ${i === 0 ? 'gives     ' : '          '}${one}`),
  ];
  return [line``, ...head.map((one) => indent(depth, one)), ...inOrder(task, whole, depth + 1)];
}

/** Steps and delegated tasks as they came. A delegated task is told whole, where it began. */
function inOrder(task: RunTask, whole: Whole, depth: number): readonly Line[] {
  const told: readonly Told[] = [
    ...task.steps.map((step) => ({ at: step.index, step })),
    ...task.tasks.map((child) => ({ at: firstIndex(child), child })),
  ];
  return rowsOf(told.toSorted((a, b) => a.at - b.at)).flatMap(([first, ...same]) => {
    if ('child' in first) return [...showTask(first.child, whole, depth + 1), line``];
    return showSteps([first.step, ...same.flatMap((one) => ('step' in one ? [one.step] : []))], task, whole, depth);
  });
}

type Told = { readonly at: number } & ({ readonly step: RunStep } | { readonly child: RunTask });
type Row = [Told, ...Told[]];

/** What came in a row and says the same, together; anything else stands alone. */
function rowsOf(told: readonly Told[]): readonly Row[] {
  const rows: Row[] = [];
  for (const one of told) {
    const before = rows.at(-1);
    const same = sameness(one);
    if (before !== undefined && same !== null && same === sameness(before[0])) before.push(one);
    else rows.push([one]);
  }
  return rows;
}

/** All that a denied step says but its ids and time; null for what is never folded. */
function sameness(one: Told): string | null {
  if ('child' in one || one.step.decided !== 'deny' || one.step.outcome !== null) return null;
  const { kind, who, action, keys, asked, agentClaims, code, why } = one.step;
  return JSON.stringify([kind, who, action, keys, asked, agentClaims, code, why]);
}

const sameMax = 3;

/** More than three of the same in a row are the first of them and a count. */
function showSteps(steps: readonly [RunStep, ...RunStep[]], task: RunTask, whole: Whole, depth: number) {
  const last = steps.at(-1) ?? steps[0];
  if (steps.length <= sameMax) return steps.flatMap((step) => showStep(step, task, whole, depth));
  const more = line`and ${steps.length - 1} more of the same until ${showClock(last.at)}, last entry ${last.entry} (${last.index})`;
  return [...showStep(steps[0], task, whole, depth), indent(depth + 2, more)];
}

const firstIndex = (task: RunTask): number =>
  Math.min(...task.steps.map(({ index }) => index), ...task.tasks.map(firstIndex), Number.MAX_SAFE_INTEGER);

const until = (at: number | null) => (at === null ? '' : `, until ${showTime(at)}`);

const authorityLines = (authority: unknown): readonly Line[] =>
  Array.isArray(authority) ? showAuthority(authority as Authority).map((one) => paint('dim', one)) : [];

function showPurpose(purpose: unknown, writer: Line): Line {
  if (typeof purpose !== 'object' || purpose === null) return line`not told`;
  const { type, text } = purpose as { readonly type?: unknown; readonly text?: unknown };
  return line`${String(type)}: ${quote(String(text))}, as ${writer} wrote`;
}

/** What was wanted: the action, or where there is none, what kind of thing it was. */
function wanted({ action, kind, says }: RunStep): string {
  if (action !== null) return action;
  return kind.startsWith('call.') ? 'no known action' : says;
}

function showStep(step: RunStep, task: RunTask, whole: Whole, depth: number): readonly Line[] {
  const { names, sentences } = whole;
  const said = step.decided === null ? sentences.get(step.entry) : undefined;
  // A sentence of the plane names whoever did it.
  const what =
    said !== undefined
      ? sentence(said)
      : line`${step.decided === null ? line`${step.says}` : paint('bold', line`${wanted(step)}`)}${byWhom(step, task, names)}`;
  const head = line`${showClock(step.at)}  ${showDecision(step.decided)}  ${what}`;
  return [indent(depth, head), ...detailsOf(step, whole).map((one) => indent(depth + 2, one))];
}

/** The agent of the task needs no word; anybody else is named. */
function byWhom({ who, isProved, decided }: RunStep, task: RunTask, names: Names): Line {
  if (who.initiator === task.agent) return line``;
  if (who.initiator === 'plane')
    return decided === null ? line` (by Ambit itself)` : line` (by Ambit itself, to look before it is sent)`;
  if (!isProved) return line` (by somebody who proved nothing)`;
  if (who.initiator === 'unproved') return line``;
  return line` (by ${called(who.initiator, names)})`;
}

/** In the order in which it happened; what is not there is not shown. */
function detailsOf(step: RunStep, { names, denials, undos }: Whole): readonly Line[] {
  return [
    ...askedLines(step),
    ...claimLines(step),
    ...becauseLines(step, denials.get(step.entry) ?? null),
    ...step.answers.map(
      ({ by, answer, reason, at, questions }) =>
        line`answer   ${answer ?? 'none'}${questions > 1 ? ` to ${countOf(questions, 'question')} at once` : ''}, by ${called(by, names)} at ${showClock(at)}${reason === null ? '' : line`: ${quote(reason)}`}`,
    ),
    ...(step.decidedAgain === null ? [] : [line`again    ${showDecision(step.decidedAgain)}`]),
    ...(step.successor === null ? [] : [line`moved    not sent, asked anew: ambit approval show ${step.successor}`]),
    ...outcomeLines(step),
    ...undoLines(step, undos.get(step.entry) ?? null),
    ...endedLines(step),
    ...[provedWith(step), recordsOf(step)].flatMap((ids) => (ids.length === 0 ? [] : [paint('dim', join(ids))])),
  ];
}

function askedLines({ asked, keys }: RunStep): readonly Line[] {
  if (asked === null) return [];
  if ('request' in asked) return [line`asked    ${quote(asked.request)}`];
  const values = Object.entries(asked.arguments).map(
    ([name, value]) => line`${name} = ${typeof value === 'string' ? quote(value) : JSON.stringify(value)}`,
  );
  return [
    line`asked    ${asked.method} ${asked.url}`,
    ...(values.length === 0 ? [] : [line`with     ${join(values)}`]),
    ...(keys.length === 0 ? [] : [line`about    ${keys.join(', ')}`]),
  ];
}

function claimLines({ agentClaims }: RunStep): readonly Line[] {
  if (agentClaims === null) return [];
  const { reason, step, toolCall } = agentClaims;
  const told = Object.entries({ reason, step, 'tool call': toolCall }).flatMap(([name, text]) =>
    text === undefined ? [] : [line`${name} ${quote(text)}`],
  );
  return told.length === 0 ? [] : [line`claim    the agent says, and nobody checked it: ${join(told)}`];
}

/** For people first; then what whoever builds the agent needs. */
function becauseLines({ why, code }: RunStep, denied: RunLine['denied']): readonly Line[] {
  const name = code === null ? line`` : paint('dim', line` [${code}]`);
  if (denied !== null) {
    const exact = why.map((one) => paint('dim', line`exactly  ${one}`));
    return [line`because  ${sentence(denied.sentence)}${name}`, line`next     ${sentence(denied.next)}`, ...exact];
  }
  const [first, ...more] = why;
  if (first === undefined) return code === null ? [] : [line`because  ${name}`];
  return [line`because  ${first}${name}`, ...more.map((one) => line`         ${one}`)];
}

function outcomeLines({ outcome }: RunStep): readonly Line[] {
  if (outcome === null) return [];
  const status = outcome.status === null ? '' : `, status ${outcome.status}`;
  const what = outcome.code === 'done' ? paint('green', line`✓ done`) : line`${outcome.code ?? 'not told'}`;
  const because = outcome.why.length === 0 ? '' : `: ${outcome.why.join('; ')}`;
  return [line`outcome  ${what}${status} at ${showClock(outcome.at)}${because}`];
}

/** How it went with taking it back; else by what it can be, where who reads this may. */
function undoLines({ entry }: RunStep, undo: RunLine['undo']): readonly Line[] {
  if (undo === null) return [];
  const tried = undo.attempt === null ? [] : [line`undo     ${sentence(undo.attempt.sentence)}`];
  if (!undo.isOpen) return tried;
  const end = undo.until === null ? '' : `, until ${showTime(undo.until)}`;
  return [...tried, line`undo     ambit run undo ${entry}${end}`];
}

function endedLines({ ended }: RunStep): readonly Line[] {
  if (ended === null) return [];
  const time = ended.milliseconds === null ? '' : ` in ${ended.milliseconds} ms`;
  return [
    line`ended    ${countThings(ended.what)}${time}`,
    ...ended.what.map((one) => indent(1, line`       ${showEnded(one)}`)),
  ];
}

/** What it was proved with, and what was lent to it. */
function provedWith(step: RunStep): readonly string[] {
  const { token, credential, who } = step;
  return [
    ...(token === null ? [] : [`token ${token}`]),
    ...(credential === null || !wasSent(step) ? [] : [`lent ${credential}`]),
    ...(who.agentUser === null ? [] : [`as ${who.agentUser}`]),
    ...(who.instance === null ? [] : [`key ${who.instance}`]),
  ];
}

/** A credential is chosen for every call that is decided, and lent to none that stays here. */
function wasSent({ decided, decidedAgain, outcome }: RunStep): boolean {
  if (outcome === null || (decidedAgain ?? decided) !== 'permit') return false;
  return outcome.code !== 'failed' || outcome.status !== null;
}

/** Its entries, to look further with, and what the agent did next. */
function recordsOf({ entry, index, outcome, afterwards, next }: RunStep): readonly string[] {
  return [
    `entry ${entry} (${index})`,
    ...afterwards.map((one) => `${one.kind} ${one.entry}`),
    ...(outcome === null ? [] : [`outcome ${outcome.entry}`]),
    ...(next === null ? [] : [`next ${next}`]),
  ];
}
