import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentId, Part, PersonId, TaskId, TokenId } from '@ambit/protocol';
import { renderParts } from '@ambit/protocol';
import type { Ended } from '@ambit/protocol/wire';
import fc from 'fast-check';
import { planeItself } from '../foundation/index.ts';
import { sayEvent } from './say-event.ts';
import type { Step, TaskStory } from './trace.ts';

const alice = 'psn_0000000000000000000a' as PersonId;
const bot = 'agt_0000000000000000000r' as AgentId;
const naming = {
  agent: (agent: AgentId): Part => ({ agent, name: 'refund-bot' }),
  person: (person: PersonId): Part => ({ person, name: 'Alice' }),
};
const task = (more: Partial<TaskStory> = {}) =>
  ({ task: 'tsk_1' as TaskId, purpose: null, expiresAt: null, undoes: null, ...more }) as TaskStory;
const step = (kind: string, more: Partial<Step> = {}, facts: Partial<Step['facts']> = {}) =>
  ({
    kind,
    who: { ...planeItself, requester: alice, agent: bot, initiator: alice },
    code: null,
    token: null,
    ended: null,
    facts: { authority: null, token: null, resource: null, until: null, because: null, ...facts },
    ...more,
  }) as Step;
const said = (one: Step, of: TaskStory = task()) => renderParts(sayEvent(one, { ...naming, task: of }) ?? []);

const kinds = [
  ...['task.opened', 'task.delegated', 'task.accepted', 'task.authenticated', 'task.narrowed', 'task.ended'],
  ...['token.issued', 'token.exchanged', 'token.refused', 'token.revoked', 'elevation.expired', 'elevation.ended'],
];

test('whatever an entry holds, our words stay as they are: what somebody wrote is a value', () => {
  const texts = fc.record({
    purpose: fc.string(),
    reason: fc.string({ minLength: 1 }),
    token: fc.string(),
    key: fc.string(),
  });
  fc.assert(
    fc.property(fc.constantFrom(...kinds), texts, texts, (kind, one, other) => {
      const ours = ({ purpose, reason, token, key }: typeof one) =>
        (
          sayEvent(
            step(
              kind,
              {
                token,
                code: 'revoked',
                who: { ...planeItself, requester: alice, agent: bot, initiator: alice, instance: key },
              },
              { because: reason, resource: token },
            ),
            { ...naming, task: task({ purpose: { type: 'support', text: purpose } }) },
          ) ?? []
        ).map((part) => ('text' in part ? part.text : null));
      assert.deepEqual(ours(one), ours(other));
    }),
  );
});

test('an end says who ended it, why, and what else it took', () => {
  const kinds = ['task', 'task', 'token', 'token', 'approval'];
  const what = kinds.map((kind) => ({ kind, id: 'tok_below' as TokenId, of: bot }) as Ended);
  assert.equal(
    said(step('task.ended', { code: 'revoked', ended: { what, milliseconds: 4 } }, { because: 'It did enough.' })),
    'Alice ended the task: "It did enough.". With it ended 1 sub-task, 2 tokens and 1 question.',
  );
  const bySelf = { ...planeItself, requester: alice, agent: bot, initiator: bot };
  assert.equal(said(step('task.ended', { code: 'completed', who: bySelf })), 'refund-bot completed the task.');
  const byPlane = { ...planeItself, requester: alice, agent: bot };
  assert.equal(
    said(step('task.ended', { code: 'expired', who: byPlane })),
    'Ambit ended the task, whose time had come.',
  );
});

test('what an agent hands on is told in its words, as its words', () => {
  const of = task({ purpose: { type: 'support', text: 'Bob agreed.' }, expiresAt: 0 });
  const byAgent = { ...planeItself, requester: alice, agent: bot, initiator: bot };
  const parts = sayEvent(step('task.delegated', { who: byAgent }), { ...naming, task: of }) ?? [];
  assert.equal(
    renderParts(parts),
    'refund-bot handed a part of its task to refund-bot: "Bob agreed.", until 1970-01-01T00:00:00.000Z.',
  );
  assert.ok(parts.some((part) => 'value' in part && part.source === 'agent'));
});

test('a kind that has no sentence of its own has none here', () => {
  assert.equal(sayEvent(step('call.decided'), { ...naming, task: task() }), null);
});
