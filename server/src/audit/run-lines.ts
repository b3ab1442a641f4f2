import {
  type ActionWords,
  type AgentId,
  addDecimal,
  authorityShape,
  type Decimal,
  type DenialSaid,
  type EntryId,
  fullStop,
  type Lane,
  type Part,
  type PartSource,
  type PersonId,
  parse,
  parseDecimal,
  parseId,
  type RunLine,
  ShapeFault,
  sayAction,
  sayAuthority,
  sayDenial,
  small,
  type TaskId,
  type Touched,
  type TouchedResource,
  type ValuePart,
} from '@ambit/protocol';
import { type Naming, sayEvent } from './say-event.ts';
import { type Reason, type Step, type Story, stepOf, type TaskStory, type TracedEntry } from './trace.ts';
import { attemptToUndo, sayUndo } from './undoing.ts';

/** What the catalog says of an action now: handed in, since the catalog lies to the right. */
export type ActionToTell = ActionWords & {
  readonly id: string;
  readonly effect: 'read' | 'write';
  readonly reversibility: 'reversible' | 'compensable' | 'irreversible';
  readonly undo: string | null;
  readonly undoSeconds: number | null;
};
export type ActionsToTell = ReadonlyMap<string, ActionToTell>;

export type Names = Readonly<Record<string, string>>;

/** A run as one list of lines in the order of the log, and the lanes that they are in. Words are those of the catalog of now. */
export function tellLines(
  story: Story,
  actions: ActionsToTell,
  names: Names,
  { now, mayHandOut, mayName, shown }: Reading,
): { lanes: Lane[]; lines: RunLine[] } {
  const tasks = story.tasks.flatMap((task) => flat(task, null, 0));
  const lanes = tasks.map(({ task, parent, depth }) => laneOf(task, parent, depth, names));
  const byTask = new Map(lanes.map((lane) => [lane.task, lane]));
  const lines = tasks.flatMap(({ task }) =>
    task.steps.map((step) =>
      lineOf(step, task, { story, actions, lanes: byTask, names, now, mayHandOut, mayName, shown }),
    ),
  );
  return { lanes, lines: lines.toSorted((one, other) => one.index - other.index) };
}

/** When it is read, and what the person who reads it may hand to agents. */
export type Reading = {
  readonly now: number;
  readonly mayHandOut: (action: string) => boolean;
  /** Whether they may name what was done for that person. */
  readonly mayName: (requester: PersonId | null) => boolean;
  /** The sentences that people were shown, by the entry that asked. */
  readonly shown: ReadonlyMap<EntryId, readonly Part[]>;
};

type Placed = { readonly task: TaskStory; readonly parent: TaskId | null; readonly depth: number };

const flat = (task: TaskStory, parent: TaskId | null, depth: number): Placed[] => [
  { task, parent, depth },
  ...task.tasks.flatMap((child) => flat(child, task.task, depth + 1)),
];

function laneOf(story: TaskStory, parent: TaskId | null, depth: number, names: Names): Lane {
  const { task, agent, requester, initiator, purpose, expiresAt, undoes } = story;
  return {
    task,
    parent,
    depth,
    agent: agent === null ? null : agentPart(agent, names),
    requester: requester === null ? null : personPart(requester, names),
    writtenBy: parseId('person', initiator) === undefined ? 'agent' : 'person',
    purpose,
    expiresAt,
    undoes,
  };
}

const nameIn = (names: Names, id: string): string | null => (Object.hasOwn(names, id) ? (names[id] ?? null) : null);
const agentPart = (agent: AgentId, names: Names): Part => ({ agent, name: nameIn(names, agent) });
const personPart = (person: PersonId, names: Names): Part => ({ person, name: nameIn(names, person) });

function whoPart(id: string, names: Names): Part {
  const [person, agent] = [parseId('person', id), parseId('agent', id)];
  if (person !== undefined) return personPart(person, names);
  return agent === undefined ? { value: id, kind: 'text', source: 'plane' } : agentPart(agent, names);
}

type Lanes = ReadonlyMap<TaskId, Lane>;

type Telling = {
  readonly story: Story;
  readonly actions: ActionsToTell;
  readonly lanes: Lanes;
  readonly names: Names;
} & Reading;

function lineOf(
  step: Step,
  task: TaskStory,
  { story, actions, lanes, names, now, mayHandOut, mayName, shown }: Telling,
): RunLine {
  const { entry, index, at, kind, who, decided: decision, code, action, keys, outcome } = step;
  const known = action === null ? undefined : actions.get(action);
  const naming = { agent: (id: AgentId) => agentPart(id, names), person: (id: PersonId) => personPart(id, names) };
  const wanted =
    (decision === null ? sayEvent(step, { ...naming, task }) : sayRefused(step, names)) ??
    shown.get(entry) ??
    sentenceOf(step, known);
  const sentence = isLook(step) ? [{ text: 'Ambit itself looks first: ' }, ...small(wanted)] : wanted;
  const denying = { step, task, known, lanes, naming };
  const denied = code === null || step.denial === null ? null : sayDenied({ ...step.denial, code }, denying);
  const kept = step.deniedAgain ?? outcome?.refused ?? null;
  const again = kept === null ? null : sayDenied(kept, denying);
  const why = step.reasons.map((one) => ({ name: one.name, reason: reasonPart(one, lanes, task.task) }));
  return {
    entry,
    index,
    at,
    lane: task.task,
    kind,
    decision,
    isLook: isLook(step),
    code,
    action,
    keys,
    sentence,
    told: tell(step, wanted, denied?.why ?? why.slice(0, 1).map(({ reason }) => reason), names),
    denied,
    why,
    gives: givesOf(step, actions, lanes.get(task.task)),
    answers: step.answers.map((one) => ({ at: one.at, answer: one.answer, sentence: sayAnswer(one, names) })),
    outcome:
      outcome === null ? null : { at: outcome.at, code: outcome.code, sentence: sayOutcome(step, outcome, again) },
    moved: movedOf(step, story),
    claim: claimOf(step, names),
    undo:
      action === null
        ? null
        : sayUndo(
            { step, action: known, isUndo: task.undoes !== null },
            {
              now,
              mayHandOut,
              mayName: mayName(who.requester),
              attempt: attemptToUndo(story, entry),
              person: (id) => personPart(id, names),
              outcome: (one) => (one.outcome === null ? [] : sayOutcome(one, one.outcome)),
            },
          ),
  };
}

/** What an agent was refused that is no call. */
function sayRefused({ kind, who }: Step, names: Names): readonly Part[] | null {
  const words = Object.hasOwn(refusedThings, kind) ? refusedThings[kind] : undefined;
  const agent: Part = who.agent === null ? { text: 'Somebody' } : agentPart(who.agent, names);
  return words === undefined ? null : [agent, { text: words }];
}

const refusedThings: Readonly<Record<string, string>> = {
  'token.refused': ' was refused a token',
  'task.delegation-refused': ' was refused to hand on a part of its task',
  'elevation.refused': ' was refused more than its task gives',
};

type Denying = {
  readonly step: Step;
  readonly task: { readonly task: TaskId | null };
  readonly known: ActionToTell | undefined;
  readonly lanes: Lanes;
  readonly naming: Naming;
};

/** Why it was denied, in words for people. */
function sayDenied(
  denial: NonNullable<Step['deniedAgain']>,
  { step: { asked, who }, task, known, lanes, naming }: Denying,
): DenialSaid {
  const values = asked !== null && 'arguments' in asked ? asked.arguments : null;
  const lane = task.task === null ? undefined : lanes.get(task.task);
  return sayDenial(denial.parts, {
    ...denial,
    words: known,
    values,
    task: task.task,
    writtenBy: lane?.writtenBy ?? 'agent',
    agent: who.agent === null ? { text: 'the agent' } : naming.agent(who.agent),
    requester: who.requester === null ? null : naming.person(who.requester),
    naming: { ...naming, time: (at) => ({ value: new Date(at).toISOString(), kind: 'time', source: 'plane' }) },
    taskOf: (id) => lanes.get(id as TaskId),
  });
}

/** Why one entry by itself denied, where it is read outside of its run; null where it did not, or is told by its text alone. */
export function tellDenied(entry: TracedEntry, actions: ActionsToTell, names: Names): DenialSaid | null {
  const step = stepOf(entry, []);
  const { denial, code, action } = step;
  if (denial === null || code === null) return null;
  const known = action === null ? undefined : actions.get(action);
  const naming = { agent: (id: AgentId) => agentPart(id, names), person: (id: PersonId) => personPart(id, names) };
  return sayDenied({ ...denial, code }, { step, task: entry.header, known, lanes: new Map(), naming });
}

function sentenceOf({ asked, action, kind, says }: Step, known: ActionToTell | undefined): readonly Part[] {
  const values = asked !== null && 'arguments' in asked ? asked.arguments : null;
  if (known !== undefined && values !== null) return sayAction(known, values);
  if (action !== null && kind.startsWith('call.')) {
    const many = values === null ? '' : ` with ${Object.keys(values).length} values`;
    return [{ text: 'Call ' }, { value: action, kind: 'action', source: 'catalog' }, { text: many }];
  }
  if (asked !== null && 'request' in asked)
    return [{ text: 'Send ' }, { value: asked.request, kind: 'text', source: 'call' }];
  return [{ text: says }];
}

function tell(step: Step, sentence: readonly Part[], why: readonly Part[], names: Names): readonly Part[] {
  const { decided, who } = step;
  if (decided === null) return sentence;
  if (!step.isProved) return tellUnproved(step, sentence, why, names);
  const isOurs = isLook(step);
  const agent: Part = isOurs
    ? { text: 'Ambit itself' }
    : who.agent === null
      ? { text: 'Nobody known' }
      : agentPart(who.agent, names);
  const because: readonly Part[] = why.length === 0 ? [] : [{ text: ': ' }, ...why];
  const does = small(sentence);
  const what = isOurs ? ', to look before it is sent.' : '.';
  if (decided === 'permit') return [agent, { text: ' may ' }, ...does, { text: what }];
  if (decided === 'ask') return [...sentence, ...because];
  const isRefused = Object.hasOwn(refusedThings, step.kind);
  const denied = [...(isRefused ? sentence : [agent, { text: ' may not ' }, ...does]), ...because];
  if (isRefused) return [...denied, { text: fullStop(denied) }];
  return [...denied, { text: `${fullStop(denied)} It was never sent.` }];
}

/** Refusals of a caller whose proof was good, before it was spent: a copy of it may have come as well. */
const proofWasGood: ReadonlySet<string | null> = new Set(['limits.rate_exceeded', 'task.needed']);

/** Nobody was shown to act, whatever the token says that came along. */
function tellUnproved(
  { who, code }: Step,
  sentence: readonly Part[],
  why: readonly Part[],
  names: Names,
): readonly Part[] {
  const caller = proofWasGood.has(code) ? 'A caller' : 'A caller that did not prove who it is';
  const token: readonly Part[] =
    who.agent === null ? [] : [{ text: ', with a token or key of ' }, agentPart(who.agent, names), { text: ',' }];
  const because: readonly Part[] = why.length === 0 ? [] : [{ text: ': ' }, ...why];
  const whole = [{ text: caller }, ...token, { text: ' was not allowed to ' }, ...small(sentence), ...because];
  return [...whole, { text: `${fullStop(whole)} It was never sent.` }];
}

/** The read that the plane makes for whoever answers: under the task and with its key, but nothing that the agent wanted. */
const isLook = ({ decided, who }: Step) => decided !== null && who.initiator === 'plane';

/** What a decision says may hold values of the call; only rules, and people in their own tasks, speak plainly. */
function reasonPart({ source, name, reason }: Reason, lanes: Lanes, under: TaskId): ValuePart {
  const [kind, task, third] = name.split(':');
  const lane = kind === 'task' && parseId('elevation', third) === undefined ? lanes.get(task as TaskId) : undefined;
  const isOurs = source === 'plane' && kind === 'remembered';
  const from: PartSource =
    source === 'policy' ? 'policy' : isOurs ? 'plane' : lane?.writtenBy === 'person' ? 'person' : 'call';
  // Which task says so matters where it is another one of the chain.
  const own = `task ${under}: `;
  return { value: reason.startsWith(own) ? reason.slice(own.length) : reason, kind: 'reason', source: from };
}

function sayAnswer({ by, answer, reason, questions }: Step['answers'][number], names: Names): readonly Part[] {
  const words = reason === null ? [] : [{ text: ': ' }, { value: reason, kind: 'text', source: 'person' as const }];
  const to = questions === 1 ? '' : `, to ${questions} questions at once`;
  return [whoPart(by, names), { text: ` said ${answer === 'yes' ? 'yes' : 'no'}${to}` }, ...words];
}

function sayOutcome(
  step: Step,
  { code, status, at, why, refused }: NonNullable<Step['outcome']>,
  denied: DenialSaid | null = null,
): readonly Part[] {
  // After a question the time is mostly that of a person.
  const time = step.answers.length > 0 ? '' : ` in ${at - step.at} ms`;
  if (code === 'done') return [{ text: status === null ? `done${time}` : `done, ${status}${time}` }];
  if (code === 'unknown')
    return [{ text: 'unknown: the answer never came. It counts as spent. Look before anyone tries again.' }];
  if (denied !== null && (code !== 'failed' || refused !== null)) return [{ text: 'never sent: ' }, ...denied.why];
  const because: readonly Part[] = why.flatMap((one, i) => [
    { text: i === 0 ? ': ' : '; ' },
    { value: one, kind: 'reason', source: 'upstream' as const },
  ]);
  return [{ text: code === 'failed' ? (status === null ? 'failed' : `failed, ${status}`) : 'never sent' }, ...because];
}

/** What a task gives from here on, where the entry says so. */
function givesOf({ decided, kind, facts }: Step, actions: ActionsToTell, lane: Lane | undefined): RunLine['gives'] {
  if (decided !== null || !kind.startsWith('task.') || !Array.isArray(facts.authority)) return [];
  const source = lane?.writtenBy ?? 'agent';
  try {
    return sayAuthority(parse(authorityShape, facts.authority), { wordsOf: (id) => actions.get(id), source });
  } catch (error) {
    // It was read when it was written: what this release does not read any more is told as it stands, in the step.
    if (error instanceof ShapeFault) return [];
    throw error;
  }
}

function movedOf({ successor, keys }: Step, { tasks }: Story): RunLine['moved'] {
  if (successor === null) return null;
  const steps = tasks.flatMap((one) => flat(one, null, 0)).flatMap(({ task }) => task.steps);
  const anew = steps.find(({ approval }) => approval === successor);
  const [what] = keys;
  const about: Part =
    what === undefined ? { text: 'What it was about' } : { value: what, kind: 'text', source: 'call' };
  return {
    approval: successor,
    index: anew?.index ?? null,
    sentence: [about, { text: ' changed since it was shown. It was not sent, and was asked anew' }],
  };
}

function claimOf({ agentClaims, who }: Step, names: Names): RunLine['claim'] {
  if (agentClaims?.reason === undefined) return null;
  const agent: Part = who.agent === null ? { text: 'Somebody' } : agentPart(who.agent, names);
  return { sentence: [agent, { text: ' claims this, and nobody checked it' }], text: agentClaims.reason };
}

type Counting = { reads: number; writes: number; unknown: number; amounts: Map<string, Decimal> };

/** Counts what was sent, by what the decisions themselves name as resources. What was stopped touched nothing. */
export function touchedBy(story: Story, actions: ActionsToTell): Touched {
  const found = new Map<string, Counting>();
  const stopped = { denied: 0, refused: 0, saidNo: 0, unanswered: 0 };
  for (const { task } of story.tasks.flatMap((one) => flat(one, null, 0))) {
    for (const step of task.steps) {
      const decision = step.decidedAgain ?? step.decided;
      if (decision === 'deny') stopped[Object.hasOwn(refusedThings, step.kind) ? 'refused' : 'denied']++;
      else if (decision === 'ask' && step.answers.some(({ answer }) => answer === 'no')) stopped.saidNo++;
      else if (decision === 'ask' && step.outcome !== null) stopped.unanswered++;
      if (decision === 'permit' && step.action !== null) count(found, step, actions.get(step.action));
    }
  }
  const resources = [...found].map(([key, { amounts, ...rest }]) => ({
    key,
    ...rest,
    amounts: [...amounts].map(([currency, amount]) => ({ amount, currency })),
  }));
  const attempted = new Set(story.tasks.flatMap(({ undoes }) => (undoes === null ? [] : [undoes])));
  const undone = [...attempted].filter((one) => attemptToUndo(story, one)?.state === 'done').length;
  const since =
    undone === 0 ? [] : [{ text: ` ${undone === 1 ? '1 call was' : `${undone} calls were`} undone since.` }];
  return { sentence: [...sayTouched(resources), ...since], resources, stopped };
}

function count(found: Map<string, Counting>, step: Step, action: ActionToTell | undefined): void {
  const code = step.outcome?.code ?? null;
  if (code !== 'done' && code !== 'unknown') return;
  const money = moneyOf(step, action);
  for (const key of step.keys.length > 0 ? step.keys : [step.action ?? '']) {
    const sum = found.get(key) ?? { reads: 0, writes: 0, unknown: 0, amounts: new Map<string, Decimal>() };
    // What the catalog does not know any more is counted as a write.
    if (action?.effect === 'read') sum.reads++;
    else if (code === 'unknown') sum.unknown++;
    else sum.writes++;
    if (money !== null)
      sum.amounts.set(money.currency, addDecimal(sum.amounts.get(money.currency) ?? zero, money.amount));
    found.set(key, sum);
  }
}

const zero = '0' as Decimal;

function moneyOf({ asked }: Step, action: ActionToTell | undefined): { amount: Decimal; currency: string } | null {
  const part =
    action === undefined || asked === null || !('arguments' in asked)
      ? undefined
      : sayAction(action, asked.arguments).find((one) => 'kind' in one && one.kind === 'amount');
  const [amount, currency] = part !== undefined && 'value' in part ? part.value.split(' ') : [];
  const parsed = parseDecimal(amount);
  return parsed === undefined || currency === undefined ? null : { amount: parsed, currency };
}

function sayTouched(resources: readonly TouchedResource[]): readonly Part[] {
  if (resources.length === 0) return [{ text: 'Nothing was read and nothing was changed.' }];
  const sums = new Map<string, Decimal>();
  for (const { amounts } of resources)
    for (const { amount, currency } of amounts)
      sums.set(currency, addDecimal(sums.get(currency) ?? zero, amount as Decimal));
  const moved: readonly Part[] = [...sums].flatMap(([currency, amount], i) => [
    { text: i === 0 ? 'Moved ' : ' and ' },
    { value: `${amount} ${currency}`, kind: 'amount', source: 'call' as const },
  ]);
  const many = (is: (one: TouchedResource) => boolean) => resources.filter(is).length;
  const [changed, unknown] = [many((one) => one.writes > 0), many((one) => one.unknown > 0)];
  const read = many((one) => one.writes === 0 && one.unknown === 0);
  const maybe = unknown === 0 ? '' : ` Of ${things(unknown)} nobody knows whether it changed.`;
  const counts = `${sayCounts(changed, read)}.${maybe} Nothing else was touched.`;
  return [...moved, { text: moved.length === 0 ? counts : `. ${counts}` }];
}

function sayCounts(changed: number, read: number): string {
  if (changed === 0) return read === 0 ? 'Changed nothing for certain' : `Read ${things(read)} and changed nothing`;
  return read === 0 ? `Changed ${things(changed)}` : `Changed ${things(changed)} and read ${things(read)} more`;
}

const things = (many: number): string => (many === 1 ? '1 thing' : `${many} things`);
