import { parseId } from '../../ids.ts';
import type { Part, PartSource } from '../parts.ts';
import type { DenialToSay } from './to-say.ts';

export type May = {
  readonly may: readonly Part[];
  readonly mayNot: readonly Part[];
  /** Who wrote the bound. */
  readonly source: PartSource;
};

/** The beginning of what a bound lets the agent do, by whose it is: `this task may `. */
export function whoMay({ naming, taskOf, writtenBy }: DenialToSay, of: string | undefined): May {
  if (of === undefined) return begins('this task', [], writtenBy);
  const [kind, id] = kindOf(of);
  const [agent, person] = [parseId('agent', id), parseId('person', id)];
  if (kind === 'agent' && agent !== undefined) return begins('by its ceiling, ', [naming.agent(agent)], 'person');
  if (kind === 'person' && person !== undefined) {
    const whom = naming.person(person);
    const let_ = (word: string): readonly Part[] => [whom, { text: ` may let ${word} agent ` }];
    return { may: let_('an'), mayNot: let_('no'), source: 'person' };
  }
  if (kind === 'grant') return begins('by its standing grant, this task', [], 'person');
  const above = taskOf(of);
  if (above?.agent == null) return begins('the task above it', [], above?.writtenBy ?? 'agent');
  return begins('the task above it, that of ', [above.agent, { text: ',' }], above.writtenBy);
}

function begins(words: string, more: readonly Part[], source: PartSource): May {
  const withWord = (word: string): readonly Part[] =>
    more.length === 0 ? [{ text: `${words} ${word} ` }] : [{ text: words }, ...more, { text: ` ${word} ` }];
  return { may: withWord('may'), mayNot: withWord('may not'), source };
}

/** Who can let more through, by whose bound it is. */
export function moreFrom({ requester, naming, agent }: DenialToSay, of: string | undefined): readonly Part[] {
  if (of === undefined) {
    const asks: readonly Part[] = [agent, { text: ' can ask for more, which a person answers; or ' }];
    return requester === null
      ? [...asks, { text: 'a person opens a task for it.' }]
      : [...asks, requester, { text: ' opens another task.' }];
  }
  const [kind, id] = kindOf(of);
  const person = parseId('person', id);
  if (kind === 'agent') return [{ text: 'No task goes beyond a ceiling: ask the owner of the agent.' }];
  if (kind === 'person' && person !== undefined)
    return [
      { text: 'Somebody who may do this has to ask for the task, or an administrator lets ' },
      naming.person(person),
      { text: ' hand out more.' },
    ];
  if (kind === 'grant')
    return [{ text: 'A person can open a task for it, or the owner of the agent signs a wider standing grant.' }];
  return [{ text: 'A task never does more than the one above it: that one has to be given more first.' }];
}

/** `agent:agt_…` as its two halves; a task has no kind before it. */
export function kindOf(of: string): readonly [kind: string, id: string] {
  const at = of.indexOf(':');
  return at < 0 ? ['', of] : [of.slice(0, at), of.slice(at + 1)];
}
