import {
  type AgentId,
  type ApprovalId,
  type ChargeSaid,
  type DenialParts,
  type EntryHeader,
  type EntryId,
  type PersonId,
  parseId,
  readDenialParts,
  type TaskId,
} from '@ambit/protocol';
import type { Fields } from '../foundation/index.ts';
import { kindSentence } from './entry.ts';

/** An entry with its detail, as far as it can be read. */
export type TracedEntry = { readonly index: number; readonly header: EntryHeader; readonly detail: Fields | null };

/** What the agent says about itself: quoted as its claim, never believed. */
export type AgentClaim = { readonly reason?: string; readonly step?: string; readonly toolCall?: string };

/** Why something was decided so, by the name of what said it. */
export type Reason = { readonly source: string; readonly name: string; readonly reason: string };

/** One run, told: its tasks inside one another, and what was done under each, in order. */
export type Story = {
  readonly run: TaskId;
  readonly requester: PersonId | null;
  readonly startedAt: number;
  readonly lastAt: number;
  readonly entries: number;
  readonly tasks: readonly TaskStory[];
};

export type TaskStory = {
  readonly task: TaskId;
  readonly agent: AgentId | null;
  readonly requester: PersonId | null;
  /** Who opened it: a person, or the agent that delegated. */
  readonly initiator: string;
  readonly purpose: unknown;
  readonly authority: unknown;
  readonly expiresAt: number | null;
  /** The call that it was opened to take back. */
  readonly undoes: EntryId | null;
  readonly steps: readonly Step[];
  readonly tasks: readonly TaskStory[];
};

/** What an entry says of a task or a token; what it does not say is null. */
export type StepFacts = {
  /** What the task gives, or was narrowed to. */
  readonly authority: unknown;
  readonly token: string | null;
  /** The API that a token is for, where it is for one. */
  readonly resource: string | null;
  /** When a token ends, in epoch milliseconds. */
  readonly until: number | null;
  /** Why it was done, in the words of whoever did it. */
  readonly because: string | null;
};

/** One thing that was wanted or done, with everything that later entries said about it. */
export type Step = {
  readonly entry: EntryId;
  readonly index: number;
  readonly at: number;
  readonly kind: string;
  /** What that kind of entry means, in one sentence. */
  readonly says: string;
  readonly who: EntryHeader['who'];
  /** What the caller proved itself with. */
  readonly token: string | null;
  /** The downstream credential that was chosen for the call. It was lent only where the call was sent: see `outcome`. */
  readonly credential: string | null;
  readonly action: string | null;
  readonly keys: readonly string[];
  readonly asked:
    | { readonly method: string; readonly url: string; readonly arguments: Fields }
    | { readonly request: string }
    | null;
  /** The agent's own words about it. They prove nothing. */
  readonly agentClaims: AgentClaim | null;
  /** The W3C trace parent that came with the call and went on to the upstream. */
  readonly trace: string | null;
  readonly decided: EntryHeader['decision'];
  readonly code: string | null;
  readonly why: readonly string[];
  /** The same with the names of what said it. */
  readonly reasons: readonly Reason[];
  /** The parts of a denial; null where it was none, or was written before there were parts. */
  readonly denial: Denial | null;
  /** What persons answered. */
  readonly answers: readonly Answer[];
  /** What was decided when it came again, after a person's yes. */
  readonly decidedAgain: EntryHeader['decision'];
  /** Why it was denied then, with the code; null where it was not, or that has no parts. */
  readonly deniedAgain: (Denial & { readonly code: string }) | null;
  readonly outcome: Outcome | null;
  /** The question that it became; and the one that was asked anew, where what was shown had moved. */
  readonly approval: ApprovalId | null;
  readonly successor: ApprovalId | null;
  /** Of a question the digest of all that was shown, which whoever answers signs. */
  readonly digest: string | null;
  /** Other entries about it, e.g. that it was taken up again. */
  readonly afterwards: readonly {
    readonly entry: EntryId;
    readonly at: number;
    readonly kind: string;
    readonly code: string | null;
  }[];
  readonly facts: StepFacts;
  /** What ended with a task, and how long it took, on the entry of its end. */
  readonly ended: { readonly what: readonly unknown[]; readonly milliseconds: number | null } | null;
  /** What the same agent did next under the same task. */
  readonly next: EntryId | null;
};

/** Why something was denied, in parts, with what else of its entry they speak of. */
export type Denial = {
  readonly parts: DenialParts;
  readonly because: string;
  readonly charges: readonly ChargeSaid[];
};

export type Answer = {
  readonly entry: EntryId;
  readonly at: number;
  readonly by: string;
  readonly answer: string | null;
  readonly reason: string | null;
  /** How many questions the same signature answered. */
  readonly questions: number;
};

export type Outcome = {
  readonly entry: EntryId;
  readonly at: number;
  /** `done`, `failed` or `unknown` where it was sent; otherwise how the question ended. */
  readonly code: string | null;
  readonly status: number | null;
  readonly why: readonly string[];
};

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
  };
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
