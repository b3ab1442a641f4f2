import { type AgentId, type Part, type PersonId, parseId } from '@ambit/protocol';
import type { Step, TaskStory } from './trace.ts';

/** Names of whoever is in a sentence. */
export type Naming = { readonly agent: (id: AgentId) => Part; readonly person: (id: PersonId) => Part };
type Saying = Naming & { readonly task: TaskStory };

/**
 * What happened to a task or a token, with the values of its entry: who, for what, until when, and why it ended. Null for
 * a kind that has no such sentence. INVARIANT (lying-text): what somebody wrote is a value; only our words are text.
 */
export function sayEvent(step: Step, saying: Saying): readonly Part[] | null {
  return sentences[step.kind]?.(step, saying) ?? null;
}

type Sentence = (step: Step, saying: Saying) => readonly Part[];

const sentences: Readonly<Record<string, Sentence>> = {
  'task.opened': sayOpened,
  'task.delegated': (step, saying) => [
    whoever(step.who.initiator, saying),
    { text: ' handed a part of its task to ' },
    agentOf(step, saying),
    ...purposeOf(saying, 'agent'),
    ...until(saying.task.expiresAt),
    { text: '.' },
  ],
  'task.accepted': (step, saying) => [
    agentOf(step, saying),
    { text: ' took the task' },
    ...(step.who.instance === null ? [] : [{ text: ', with the key ' }, idPart(step.who.instance)]),
    { text: '.' },
  ],
  'task.authenticated': ({ who }, saying) => [
    whoever(who.initiator, saying),
    { text: ', who asked for the task, proved again who they are.' },
  ],
  'task.narrowed': ({ who, facts }, saying) => [
    whoever(who.initiator, saying),
    { text: ' took a part of what the task may do back' },
    ...because(facts.because, 'person'),
    { text: '.' },
  ],
  'task.ended': sayEnded,
  'token.issued': (step, saying) => [
    agentOf(step, saying),
    { text: ' got the token ' },
    ...tokenOf(step),
    { text: ' for the task' },
    ...forResource(step),
    ...until(step.facts.until),
    { text: '.' },
  ],
  'token.exchanged': (step, saying) => [
    agentOf(step, saying),
    { text: ' got the token ' },
    ...tokenOf(step),
    { text: ' for the task, in exchange for one of ' },
    whoever(step.who.initiator, saying),
    ...forResource(step),
    ...until(step.facts.until),
    { text: '.' },
  ],
  'token.refused': (step, saying) => [
    agentOf(step, saying),
    { text: ' was refused a token' },
    ...because(step.facts.because, 'call'),
    { text: '.' },
  ],
  'token.revoked': (step, saying) => [
    whoever(step.who.initiator, saying),
    { text: ' revoked the token ' },
    ...tokenOf(step),
    { text: ', and what was made with it' },
    ...because(step.facts.because, 'person'),
    { text: '.' },
  ],
  'elevation.expired': (step, saying) => [
    { text: 'What ' },
    agentOf(step, saying),
    { text: ' was given besides its task ran out.' },
  ],
  'elevation.ended': (step, saying) => [
    whoever(step.who.initiator, saying),
    { text: ' took back what ' },
    agentOf(step, saying),
    { text: ' was given besides its task' },
    ...because(step.facts.because, 'person'),
    { text: '.' },
  ],
};

function sayOpened(step: Step, saying: Saying): readonly Part[] {
  const { task } = saying;
  const who = whoever(step.who.initiator, saying);
  if (task.undoes !== null) {
    const undone: Part = { value: task.undoes, kind: 'text', source: 'plane' };
    return [who, { text: ' asked to undo the call of the entry ' }, undone, ...until(task.expiresAt), { text: '.' }];
  }
  const isPerson = parseId('person', step.who.initiator) !== undefined;
  const asks: readonly Part[] = isPerson
    ? [who, { text: ' asked ' }, agentOf(step, saying)]
    : [who, { text: ' began by itself' }];
  return [...asks, ...purposeOf(saying, isPerson ? 'person' : 'agent'), ...until(task.expiresAt), { text: '.' }];
}

const states: Readonly<Record<string, string>> = {
  completed: ' completed the task',
  revoked: ' ended the task',
  expired: ' ended the task, whose time had come',
};

function sayEnded({ who, code, facts, ended }: Step, saying: Saying): readonly Part[] {
  // The plane's own reasons say what the state says already.
  const reason =
    code === 'revoked' ? because(facts.because, parseId('person', who.initiator) ? 'person' : 'plane') : [];
  const many = (kind: string) => (ended?.what ?? []).filter((one) => kindOf(one) === kind).length;
  const with_ = counted([
    [Math.max(0, many('task') - 1), 'sub-task'],
    [many('token'), 'token'],
    [many('approval'), 'question'],
    [many('elevation'), 'elevation'],
  ]);
  const died: readonly Part[] = with_ === '' ? [] : [{ text: `. With it ended ${with_}` }];
  return [
    whoever(who.initiator, saying),
    { text: states[code ?? ''] ?? ' ended the task' },
    ...reason,
    ...died,
    { text: '.' },
  ];
}

const kindOf = (one: unknown): unknown =>
  typeof one === 'object' && one !== null && 'kind' in one ? one.kind : undefined;

function counted(many: readonly (readonly [number, string])[]): string {
  const said = many.flatMap(([count, noun]) => (count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}`]));
  const last = said.pop();
  if (last === undefined) return '';
  return said.length === 0 ? last : `${said.join(', ')} and ${last}`;
}

/** Whoever set it in motion: a person, an agent, or Ambit itself. */
function whoever(id: string, { agent, person }: Naming): Part {
  const [someone, something] = [parseId('person', id), parseId('agent', id)];
  if (someone !== undefined) return person(someone);
  if (something !== undefined) return agent(something);
  return id === 'plane' ? { text: 'Ambit' } : { value: id, kind: 'text', source: 'plane' };
}

const agentOf = ({ who }: Step, { agent }: Naming): Part =>
  who.agent === null ? { text: 'An agent' } : agent(who.agent);

function purposeOf({ task: { purpose } }: Saying, source: 'person' | 'agent'): readonly Part[] {
  if (typeof purpose !== 'object' || purpose === null || !('text' in purpose)) return [];
  return typeof purpose.text === 'string' ? [{ text: ': ' }, { value: purpose.text, kind: 'text', source }] : [];
}

const until = (at: number | null): readonly Part[] =>
  at === null ? [] : [{ text: ', until ' }, { value: new Date(at).toISOString(), kind: 'time', source: 'plane' }];

const because = (reason: string | null, source: 'person' | 'call' | 'plane'): readonly Part[] =>
  reason === null || reason === '' ? [] : [{ text: ': ' }, { value: reason, kind: 'text', source }];

const idPart = (id: string): Part => ({ value: id, kind: 'text', source: 'plane' });
const tokenOf = ({ token, facts }: Step): readonly Part[] => [idPart(token ?? facts.token ?? 'unknown')];

const forResource = ({ facts: { resource } }: Step): readonly Part[] =>
  resource === null ? [] : [{ text: ' at ' }, { value: resource, kind: 'text', source: 'catalog' }];
