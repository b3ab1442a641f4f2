import { type EntryId, fullStop, type Part, type PersonId, type RunUndo, type UndoState } from '@ambit/protocol';
import type { ActionToTell } from './run-lines.ts';
import type { Step, Story, TaskStory } from './trace.ts';

/** How it went with taking a call back: the task that was opened for it, and the call that was made under that. */
export type Attempt = {
  readonly task: TaskStory['task'];
  readonly by: PersonId | null;
  readonly state: UndoState;
  readonly call: Step | null;
  /** When its task ends, and its question with it. */
  readonly expiresAt: number | null;
  /** Who took this call back in turn. An undo is a call like any other. */
  readonly undoneBy: PersonId | null;
};

/** The newest attempt to take back that call, as far as the story goes. */
export function attemptToUndo(story: Story, entry: EntryId): Attempt | undefined {
  const task = newestUndo(story, entry);
  if (task === undefined) return undefined;
  const call = callOf(task);
  const state = stateOfCall(call);
  // What was let out goes on to its outcome, whatever ends meanwhile.
  const hasEnded = (state === 'begun' || state === 'asked') && task.steps.some(({ kind }) => kind === 'task.ended');
  // One look further and no more: of a long chain each line says what became of its own call.
  const again = call === null ? undefined : newestUndo(story, call.entry);
  return {
    task: task.task,
    by: task.requester,
    state: hasEnded ? 'ended' : state,
    call,
    expiresAt: task.expiresAt,
    undoneBy: again !== undefined && stateOfCall(callOf(again)) === 'done' ? again.requester : null,
  };
}

const newestUndo = ({ tasks }: Story, entry: EntryId): TaskStory | undefined =>
  tasks.findLast(({ undoes }) => undoes === entry);

/** A read that the plane made for whoever is asked stands in the same task. */
const callOf = ({ steps }: TaskStory): Step | null =>
  steps.findLast(({ kind, who }) => kind === 'call.decided' && who.initiator !== 'plane') ?? null;

const stateOfCall = (call: Step | null): UndoState => (call === null ? 'begun' : stateOf(call));

const isOnItsWay = (state: UndoState): boolean => state === 'begun' || state === 'asked' || state === 'sent';

/** Whether another attempt would be a second one, or nobody could tell that it is not. */
export const mayNotRepeat = (state: UndoState): boolean => isOnItsWay(state) || state === 'done' || state === 'unknown';

function stateOf({ decided, decidedAgain, answers, outcome, afterwards }: Step): UndoState {
  const last = decidedAgain ?? decided;
  if (last === 'deny') return 'denied';
  if (outcome?.code === 'done' || outcome?.code === 'failed' || outcome?.code === 'unknown') return outcome.code;
  if (last === 'permit') return 'sent';
  if (answers.some(({ answer }) => answer === 'no')) return 'said-no';
  const isOver = outcome !== null || afterwards.some(({ kind }) => kind === 'approval.moved');
  return isOver ? 'ended' : 'asked';
}

/** `isUndo`: the call itself took another one back. */
type Undone = { readonly step: Step; readonly action: ActionToTell | undefined; readonly isUndo: boolean };
type Saying = {
  readonly now: number;
  readonly attempt: Attempt | undefined;
  /** Whether who reads it may hand an action to an agent at all. With which values is looked at when it is asked for. */
  readonly mayHandOut: (action: string) => boolean;
  /** Whether who reads it may name the call: it was done for them, or they audit. */
  readonly mayName: boolean;
  readonly person: (id: PersonId) => Part;
  readonly outcome: (step: Step) => readonly Part[];
};

/** What can be said of taking a call back; null where nothing was changed. */
export function sayUndo(
  { step, action, isUndo }: Undone,
  { now, attempt, mayHandOut, mayName, person, outcome }: Saying,
): RunUndo | null {
  const end = step.outcome;
  if (end?.code !== 'done' || (action !== undefined && action.effect !== 'write')) return null;
  const by = action?.undo ?? null;
  const until = undoneUntil(end.at, action);
  const isLate = until !== null && now >= until;
  const isOpen = by !== null && !isLate && (attempt === undefined || !mayNotRepeat(attempt.state));
  const whyNot = by === null ? null : whyNotTheirs(mayName, mayHandOut(by));
  return {
    action: by,
    sentence: [
      ...(isUndo && by === null ? final : sayWhether(by, action?.reversibility === 'reversible', until, isLate)),
      ...(isOpen && whyNot !== null ? [{ text: ` ${whyNot}` }] : []),
    ],
    until,
    isOpen: isOpen && whyNot === null,
    attempt:
      attempt === undefined
        ? null
        : {
            task: attempt.task,
            index: attempt.call?.index ?? null,
            state: attempt.state,
            sentence: sayAttempt(attempt, by, { person, outcome }),
            by: attempt.by,
            question: questionOf(attempt),
          },
  };
}

export const undoneUntil = (doneAt: number, action: Pick<ActionToTell, 'undo' | 'undoSeconds'> | undefined) =>
  action?.undo == null || action.undoSeconds === null ? null : doneAt + action.undoSeconds * 1000;

function questionOf({ state, call, expiresAt }: Attempt): NonNullable<RunUndo['attempt']>['question'] {
  const approval = state === 'asked' ? (call?.approval ?? null) : null;
  return approval === null ? null : { approval, until: expiresAt };
}

function whyNotTheirs(mayName: boolean, mayHandOut: boolean): string | null {
  if (!mayName) return 'Whom it was done for, or an auditor, has to ask for it.';
  return mayHandOut ? null : 'Somebody else has to ask for it: you may not hand that action to an agent.';
}

const final: readonly Part[] = [
  { text: 'This took another call back, and that is final: the catalog names no action for it.' },
];
const named = (action: string): Part => ({ value: action, kind: 'action', source: 'catalog' });
const timed = (at: number): Part => ({ value: new Date(at).toISOString(), kind: 'time', source: 'plane' });

function sayWhether(by: string | null, isReversible: boolean, until: number | null, isLate: boolean): readonly Part[] {
  if (by === null)
    return [{ text: isReversible ? 'Can be undone, and the catalog names no action for it.' : 'Can’t be undone.' }];
  if (until !== null && isLate)
    return [
      { text: 'Can’t be undone any more: ' },
      named(by),
      { text: ' took it back until ' },
      timed(until),
      { text: '.' },
    ];
  const when: readonly Part[] = until === null ? [] : [{ text: ' until ' }, timed(until)];
  if (isReversible) return [{ text: 'Can be undone' }, ...when, { text: ' by ' }, named(by), { text: '.' }];
  return [{ text: 'Can be made up for' }, ...when, { text: ' by ' }, named(by), { text: ', which is a new call.' }];
}

const stopped = (said: readonly Part[], then = ''): readonly Part[] => {
  const text = `${fullStop(said)}${then}`;
  return text === '' ? said : [...said, { text }];
};

function sayAttempt(
  { by, state, call, undoneBy }: Attempt,
  action: string | null,
  { person, outcome }: Pick<Saying, 'person' | 'outcome'>,
): readonly Part[] {
  const whoever: Part = by === null ? { text: 'Somebody' } : person(by);
  const what: readonly Part[] = action === null ? [] : [{ text: ' by ' }, named(action)];
  const because = call?.reasons[0];
  switch (state) {
    case 'begun':
      return [whoever, { text: ' asked to undo it.' }];
    case 'asked':
      return [whoever, { text: ' asked to undo it' }, ...what, { text: '. A person is asked first.' }];
    case 'sent':
      return [whoever, { text: ' may undo it' }, ...what, { text: '. It is under way.' }];
    case 'done':
      return [
        { text: 'Undone by ' },
        whoever,
        ...(action === null ? [] : [{ text: ', with ' }, named(action)]),
        ...(undoneBy === null ? [] : [{ text: '; and that was undone by ' }, person(undoneBy)]),
        { text: '.' },
      ];
    case 'failed':
      return stopped([
        whoever,
        { text: ' tried to undo it' },
        ...what,
        { text: ': ' },
        ...(call === null ? [] : outcome(call)),
      ]);
    case 'unknown':
      return [
        whoever,
        { text: ' tried to undo it' },
        ...what,
        { text: '. Nobody knows whether it was: look before anyone tries again.' },
      ];
    case 'denied':
      return stopped(
        [
          whoever,
          { text: ' may not undo it' },
          ...what,
          ...(because === undefined
            ? []
            : [
                { text: ': ' },
                {
                  value: because.reason,
                  kind: 'reason',
                  source: because.source === 'policy' ? 'policy' : 'call',
                } as const,
              ]),
        ],
        ' It was never sent.',
      );
    case 'said-no':
      return [whoever, { text: ' asked to undo it' }, ...what, { text: ', and a person said no.' }];
    case 'ended':
      return [
        whoever,
        { text: ' asked to undo it' },
        ...what,
        { text: ', and the question ended without a yes. Nothing was sent.' },
      ];
  }
}
