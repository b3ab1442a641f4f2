import {
  type ChargeSaid,
  type EntryHeader,
  type EntryId,
  parseId,
  readDenialParts,
  type TaskId,
} from '@ambit/protocol';
import type { Run, RunStep as Step, RunTask as TaskStory } from '@ambit/protocol/wire';
import type { Fields } from '../foundation/index.ts';
import { kindSentence } from './entry.ts';

/** An entry with its detail, as far as it can be read. */
export type TracedEntry = { readonly index: number; readonly header: EntryHeader; readonly detail: Fields | null };

/** One run, told: its tasks inside one another, and what was done under each, in order. */
export type Story = Pick<Run, 'run' | 'requester' | 'startedAt' | 'lastAt' | 'entries' | 'tasks'>;
export type { Step, TaskStory };

export type StepFacts = Step['facts'];
export type Denial = NonNullable<Step['denial']>;
export type Outcome = NonNullable<Step['outcome']>;
export type Reason = Step['reasons'][number];
type AgentClaim = NonNullable<Step['agentClaims']>;
type Answer = Step['answers'][number];

/** Tells a run from its entries, in the order of the log. Undefined where there are none. */
export function traceRun(run: TaskId, entries: readonly TracedEntry[]): Story | undefined {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const steps = stepsOf(entries);
  const opened = openings(entries);
  return {
    run,
    requester: first.header.who.requester,
    startedAt: first.header.at,
    lastAt: last.header.at,
    entries: entries.length,
    tasks: tasksUnder(null, run, entries, opened, steps),
  };
}

type Openings = ReadonlyMap<TaskId, TracedEntry>;

/** The first entry of each task: the one that opened or delegated it. */
function openings(entries: readonly TracedEntry[]): Openings {
  const first = new Map<TaskId, TracedEntry>();
  for (const one of entries) {
    const { task } = one.header;
    if (task !== null && !first.has(task)) first.set(task, one);
  }
  return first;
}

/** Tasks whose parent is this one. A task whose parent left no entry here hangs on the run itself. */
function tasksUnder(
  parent: TaskId | null,
  run: TaskId,
  entries: readonly TracedEntry[],
  opened: Openings,
  steps: ReadonlyMap<TaskId, readonly Step[]>,
): TaskStory[] {
  return [...opened]
    .filter(([task, one]) => parentOf(task, run, one, opened) === parent)
    .map(([task, { header, detail }]) => ({
      task,
      agent: header.who.agent,
      requester: header.who.requester,
      initiator: header.who.initiator,
      purpose: detail?.purpose ?? null,
      authority: detail?.authority ?? null,
      expiresAt: numberOf(detail?.expiresAt),
      undoes: undoesOf(detail),
      steps: steps.get(task) ?? [],
      tasks: tasksUnder(task, run, entries, opened, steps),
    }));
}

function parentOf(task: TaskId, run: TaskId, one: TracedEntry, opened: Openings): TaskId | null {
  // Whoever takes back what was done acts beside the run, under nobody in it.
  if (task === run || undoesOf(one.detail) !== null) return null;
  const parent = one.detail?.parent as TaskId | undefined;
  const known = parent === undefined ? undefined : opened.get(parent);
  // A parent is opened before its child: anything else would be a circle.
  if (parent !== undefined && known !== undefined && known.index < one.index) return parent;
  return opened.has(run) ? run : null;
}

const undoesOf = (detail: Fields | null): EntryId | null => parseId('entry', fieldsOf(detail?.origin)?.undoes) ?? null;

function stepsOf(entries: readonly TracedEntry[]): ReadonlyMap<TaskId, readonly Step[]> {
  const threads = threadsOf(entries);
  const steps = new Map<TaskId, Step[]>();
  for (const [first, ...later] of threads) {
    if (first.header.task === null) continue;
    const sofar = steps.get(first.header.task) ?? [];
    sofar.push(stepOf(first, later));
    steps.set(first.header.task, sofar);
  }
  return new Map(
    [...steps].map(([task, list]) => [task, list.map((step, i) => ({ ...step, next: nextOf(step, list, i) }))]),
  );
}

type Thread = [TracedEntry, ...TracedEntry[]];

/** Entries that complete one another (`about`), each thread under the entry it began with. */
function threadsOf(entries: readonly TracedEntry[]): readonly Thread[] {
  const threadOf = new Map<EntryId, Thread>();
  const threads: Thread[] = [];
  for (const one of entries) {
    const { id, about } = one.header;
    const known = about === null ? undefined : threadOf.get(about);
    const thread: Thread = known ?? [one];
    if (known === undefined) threads.push(thread);
    else known.push(one);
    threadOf.set(id, thread);
  }
  return threads;
}

function nextOf(step: Step, list: readonly Step[], at: number): EntryId | null {
  return list.slice(at + 1).find((later) => later.who.agent === step.who.agent)?.entry ?? null;
}

/** An entry, with those that complete it, as one step. */
export function stepOf(first: TracedEntry, later: readonly TracedEntry[]): Step {
  const { header, detail, index } = first;
  return {
    entry: header.id,
    index,
    at: header.at,
    kind: header.kind,
    says: kindSentence(header.kind),
    who: header.who,
    isProved: header.who.initiator !== 'unproved' || parseId('agent', detail?.source) !== undefined,
    token: textOf(detail?.token) ?? textOf(fieldsOf(detail?.token)?.id),
    credential: textOf(detail?.credential),
    action: header.action,
    keys: header.keys,
    asked: askedOf(detail),
    agentClaims: claimOf(detail?.claim),
    trace: textOf(detail?.trace),
    decided: header.decision,
    code: header.code,
    why: sentences(detail?.because),
    reasons: reasonsOf(detail?.because),
    denial: header.decision === 'deny' ? denialOf(detail) : null,
    answers: later.filter(isAnswer).map(answerOf),
    decidedAgain: later.findLast((one) => one.header.decision !== null)?.header.decision ?? null,
    deniedAgain: deniedIn(later.findLast((one) => one.header.decision !== null)),
    outcome: outcomeOf(later.findLast(isOutcome) ?? later.findLast(isEnd)),
    approval: parseId('approval', detail?.approval) ?? null,
    digest: header.decision === 'ask' ? textOf(detail?.digest) : null,
    successor: parseId('approval', later.find(isMoved)?.detail?.successor) ?? null,
    afterwards: later
      .filter((one) => !isAnswer(one) && !isOutcome(one) && !isEnd(one))
      .map((one) => ({ entry: one.header.id, at: one.header.at, kind: one.header.kind, code: one.header.code })),
    facts: factsOf(detail),
    ended: Array.isArray(detail?.ended) ? { what: detail.ended, milliseconds: numberOf(detail.milliseconds) } : null,
    next: null,
  };
}

function denialOf(detail: Fields | null): Denial | null {
  const parts = readDenialParts(detail?.denied);
  if (parts === null) return null;
  return { parts, because: textOf(detail?.because) ?? '', charges: chargesOf(detail?.charges) };
}

function deniedIn(one: TracedEntry | undefined): Step['deniedAgain'] {
  const { decision = null, code = null } = one?.header ?? {};
  const denial = decision === 'deny' ? denialOf(one?.detail ?? null) : null;
  return denial === null || code === null ? null : { ...denial, code };
}

/** In their order, to which parts point: one that cannot be read leaves none behind it where it would stand for another. */
function chargesOf(value: unknown): ChargeSaid[] {
  const charges = Array.isArray(value) ? value.map(chargeOf) : [];
  const known = charges.filter((one) => one !== null);
  return known.length === charges.length ? known : [];
}

function chargeOf(value: unknown): ChargeSaid | null {
  const { counter, by, max, used } = fieldsOf(value) ?? {};
  const [name, adds, holds] = [textOf(counter), textOf(by), textOf(used)];
  return name === null || adds === null || holds === null
    ? null
    : { counter: name, by: adds, max: textOf(max), used: holds };
}

function factsOf(detail: Fields | null): StepFacts {
  const token = fieldsOf(detail?.token);
  return {
    authority: detail?.authority ?? null,
    token: textOf(detail?.token) ?? textOf(token?.id),
    resource: textOf(detail?.resource),
    until: numberOf(token?.expiresAt),
    because: textOf(detail?.because) ?? textOf(detail?.reason),
  };
}

const isAnswer = ({ header }: TracedEntry) => header.kind === 'approval.answered';
const isOutcome = ({ header }: TracedEntry) => header.kind === 'call.outcome';
const isMoved = ({ header }: TracedEntry) => header.kind === 'approval.moved';
/** Ends of a question that was never run, or of a run that nobody could tell the outcome of. */
const isEnd = ({ header }: TracedEntry) => endKinds.has(header.kind);
const endKinds: ReadonlySet<string> = new Set(['approval.expired', 'approval.unknown', 'approval.denied']);

function answerOf({ header, detail }: TracedEntry): Answer {
  const document = fieldsOf(detail?.document);
  const { id, at, code, who } = header;
  const questions = Array.isArray(document?.approvals) ? document.approvals.length : 1;
  return { entry: id, at, by: who.initiator, answer: code, reason: textOf(document?.reason), questions };
}

/** What was asked for: the call as it was understood, or the request line where it was not. */
function askedOf(detail: Fields | null): Step['asked'] {
  const { method, url, request } = detail ?? {};
  if (typeof method === 'string' && typeof url === 'string') {
    return { method, url, arguments: fieldsOf(detail?.arguments) ?? {} };
  }
  return typeof request === 'string' ? { request } : null;
}

function outcomeOf(one: TracedEntry | undefined): Outcome | null {
  if (one === undefined) return null;
  const { header, detail } = one;
  return {
    entry: header.id,
    at: header.at,
    code: header.code,
    status: numberOf(detail?.status),
    why: sentences(detail?.because),
    refused: refusedIn(detail),
  };
}

function refusedIn(detail: Fields | null): Outcome['refused'] {
  const code = textOf(detail?.refusal);
  if (code === null) return null;
  // An entry of an older release has the code alone.
  const parts = readDenialParts(detail?.denied) ?? { is: 'code' };
  return { code, parts, because: textOf(detail?.because) ?? '', charges: [] };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown) => (typeof value === 'number' ? value : null);

const fieldsOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

/** One sentence, or several, or reasons that have a name: in the order they were written. */
function sentences(value: unknown): string[] {
  return [value].flat().flatMap((one) => {
    const said = fieldsOf(one) === null ? one : fieldsOf(one)?.reason || fieldsOf(one)?.name;
    return typeof said === 'string' && said !== '' ? [said] : [];
  });
}

function reasonsOf(value: unknown): Reason[] {
  return [value].flat().flatMap((one) => {
    if (typeof one === 'string' && one !== '') return [{ source: 'plane', name: '', reason: one }];
    const { source, name, reason } = fieldsOf(one) ?? {};
    const words = textOf(reason) || textOf(name);
    return words === null || words === ''
      ? []
      : [{ source: textOf(source) ?? '', name: textOf(name) ?? '', reason: words }];
  });
}

function claimOf(value: unknown): AgentClaim | null {
  if (typeof value !== 'object' || value === null) return null;
  const claim: Record<string, string> = {};
  for (const name of ['reason', 'step', 'toolCall']) {
    const said = (value as Fields)[name];
    if (typeof said === 'string') claim[name] = said;
  }
  return Object.keys(claim).length === 0 ? null : claim;
}
