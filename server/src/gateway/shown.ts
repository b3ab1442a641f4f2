import {
  type FoundIn,
  type JsonValue,
  pointerTo,
  renderParts,
  type Shown,
  type ShownLink,
  type ShownValue,
  sayAction,
} from '@ambit/protocol';
import type { Decision, Facts } from '../policy/index.ts';
import type { Call } from './call.ts';
import { budgetOf, describeLimitLeft } from './left.ts';
import { argumentsDetail } from './record.ts';
import { rememberableOf } from './rememberable.ts';

/** Everything that a person is shown of a call before answering: all of it lies under the signature. */
export function shownOf(
  call: Call,
  facts: Facts,
  { asks, policyVersion }: Pick<Extract<Decision, { kind: 'ask' }>, 'asks' | 'policyVersion'>,
  lookedAgain: Shown['lookedAgain'],
): Shown {
  const [task] = facts.chain;
  const { action } = call;
  const read = lookedAgain !== null && lookedAgain.status >= 200 && lookedAgain.status < 300 ? lookedAgain : null;
  const parts = sayAction(action, argumentsDetail(call.arguments), read?.text ?? null);
  return {
    sentence: renderParts(parts),
    parts,
    action: action.id,
    method: call.method,
    url: `${call.origin}${call.path}${call.query === '' ? '' : `?${call.query}`}`,
    values: valuesOf(call, (name, value) => foundIn(facts, action.id, name, value, read)),
    reversibility: action.undo === null ? action.reversibility : `${action.reversibility} by ${action.undo}`,
    amount: call.money ?? null,
    left: describeLimitLeft(facts),
    budget: budgetOf(facts),
    requester: facts.requester?.name ?? 'nobody: the agent opened the task itself',
    agent: facts.agents[0]?.name ?? task.agent,
    purpose: `${task.purposeType}: ${task.purposeText}`,
    chain: linksOf(facts),
    taskUntil: task.expiresAt,
    policyVersion,
    catalogVersion: call.catalogVersion,
    credential: facts.credential,
    remember: rememberableOf(call, facts, asks),
    claim: call.claim.reason,
    lookedAgain,
  };
}

const linksOf = ({ chain, agents }: Facts): ShownLink[] =>
  chain
    .map((task, i): ShownLink => {
      const { id, agent, origin } = task;
      const name = agents[i]?.name ?? agent;
      return { task: id, agent, name, writtenBy: origin.by === 'person' ? 'person' : 'agent' };
    })
    .toReversed();

type Finds = (name: string, value: unknown) => FoundIn | null;

function valuesOf(call: Call, find: Finds): ShownValue[] {
  const source = 'call' as const;
  const values = Object.entries(argumentsDetail(call.arguments)).map(([name, value]) => {
    const found = find(name, value);
    return { name, value, source, ...(found && { found }) };
  });
  return [...values, ...headersShown(call)];
}

/** THREATS: thin-digest. Header fields make a call another call, so they stand on the card like everything else in it. */
export const headersShown = (call: Call): ShownValue[] =>
  Object.entries(call.headers)
    .filter(([name, value]) => !(name === 'accept' && value === '*/*') && !call.arguments.has(`header.${name}`))
    .map(([name, value]) => ({ name: `header.${name}`, value, source: 'call' as const }));

/**
 * Where else the very same value stands: a person who opened the task fixed it there, or it was read again just now. It
 * is an observation and no proof of where the agent had it from.
 */
function foundIn(
  { chain, requester }: Facts,
  action: string,
  name: string,
  value: unknown,
  read: Shown['lookedAgain'],
): FoundIn | null {
  const root = chain[chain.length - 1];
  const isFixed =
    requester !== null &&
    root?.origin.by === 'person' &&
    root.authority.some(({ actions, where }) => actions.includes(action) && fixes(where?.[name]?.all, value));
  if (isFixed) return { task: root.id };
  const at = read === null ? null : pointerTo(read.text, value);
  return read === null || at === null ? null : { read: read.action, at };
}

const fixes = (rules: readonly object[] | undefined, value: unknown): boolean =>
  (rules ?? []).some((one) => 'equals' in one && (one.equals as JsonValue) === value);
