import { isPlainName } from '@ambit/protocol';
import type { ListedQuestion } from '@ambit/sdk/operator';
import { clean } from '../kit/clean.ts';

type Asked = Pick<ListedQuestion, 'agent' | 'agentName'>;

/**
 * What stands on a desktop about questions that came: how many, and from whom. It is our sentence: nothing of what an agent wrote is
 * in it, and its name only where that is a plain one, with nothing in it that has to be marked.
 */
export function sayNotice(asked: readonly Asked[]): string {
  const many = asked.length === 1 ? '1 question' : `${asked.length} questions`;
  const agents = new Map(asked.map(({ agent, agentName }) => [agent, agentName]));
  const [name = ''] = agents.values();
  if (agents.size > 1) return `${many} from ${agents.size} agents`;
  return `${many} from ${isFit(name) ? name : 'an agent'}`;
}

const isFit = (name: string): boolean => isPlainName(name) && clean(name).pieces.every(({ is }) => is === 'text');
