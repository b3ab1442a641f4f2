import { parseId } from '../../ids.ts';
import type { Part } from '../parts.ts';
import type { DenialParts } from './denial-parts.ts';
import type { DenialToSay, Said } from './to-say.ts';

/** A task, an agent or a person behind the call is not what it has to be. */
export function sayOver(denial: DenialToSay, { whose, state }: Extract<DenialParts, { readonly is: 'over' }>): Said {
  const [agent, person] = [parseId('agent', whose), parseId('person', whose)];
  if (agent !== undefined) return sayAgent(denial.naming.agent(agent), state);
  if (person !== undefined) {
    const why: readonly Part[] = [denial.naming.person(person), ...(row(persons, state) ?? unknown(state))];
    return { why, next: [{ text: 'While that is so, another person has to ask for it, or take the agent over.' }] };
  }
  if (whose === '')
    return {
      why: [{ text: 'an agent of this task, or its owner, is gone' }],
      next: another(denial),
    };
  const words = row(tasks, state) ?? unknown(state);
  if (whose === denial.task) return { why: joined('this task', words), next: another(denial) };
  const above = denial.taskOf(whose)?.agent ?? null;
  const why: readonly Part[] =
    above === null
      ? joined('the task above it', words)
      : [{ text: 'the task above it, that of ' }, above, { text: ',' }, ...words];
  return { why, next: another(denial) };
}

const another = ({ requester }: DenialToSay): readonly Part[] =>
  requester === null
    ? [{ text: 'Where it is still needed, a new task has to be opened.' }]
    : [{ text: 'Where it is still needed, ' }, requester, { text: ' opens another task.' }];

const joined = (subject: string, words: readonly Part[]): readonly Part[] => {
  const [first, ...rest] = words;
  return first !== undefined && 'text' in first
    ? [{ text: subject + first.text }, ...rest]
    : [{ text: subject }, ...words];
};

type Rows = Readonly<Record<string, string>>;

const tasks: Rows = {
  time: ' has run out of time',
  expired: ' has run out of time',
  completed: ' was completed',
  revoked: ' was ended',
  approved: ' was not taken by its agent yet',
  requested: ' was not approved yet',
};
const persons: Rows = { disabled: ' is disabled' };

/** How an agent stands, and what its owner can do. */
const agents: Readonly<Record<string, readonly [why: string, next: string]>> = {
  draft: [' was not put to work yet', 'Its owner can activate it.'],
  suspended: [' is suspended', 'Its owner can put it back to work; what was refused meanwhile is not made up for.'],
  retired: [' is retired for good', 'Another agent has to do this.'],
  time: [' is registered for a time that is over', 'Its owner can register another agent.'],
};

function sayAgent(agent: Part, state: string): Said {
  const known = Object.hasOwn(agents, state) ? agents[state] : undefined;
  const [why, next] = known ?? [null, 'Its owner can look at it.'];
  return { why: [agent, ...(why === null ? unknown(state) : [{ text: why }])], next: [{ text: next }] };
}

function row(rows: Rows, state: string): readonly Part[] | undefined {
  const words = Object.hasOwn(rows, state) ? rows[state] : undefined;
  return words === undefined ? undefined : [{ text: words }];
}

/** A state of a newer release. */
const unknown = (state: string): readonly Part[] => [{ text: ' is ' }, { value: state, kind: 'text', source: 'plane' }];
