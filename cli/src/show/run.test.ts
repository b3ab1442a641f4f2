import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run, RunStep } from '@ambit/sdk/operator';
import { printLine } from '../line.ts';
import { showRun } from './run.ts';

const alice = 'psn_0000000000000000000a';
const bob = 'psn_0000000000000000000b';
const refundBot = 'agt_0000000000000000000r';
const lookupBot = 'agt_0000000000000000000s';
const at = Date.parse('2027-01-01T12:00:00Z');
const escapeCode = String.fromCodePoint(0x1b);

let index = 0;
const step = (of: Record<string, unknown>) =>
  ({
    entry: `ent_000000000000000000${10 + index}`,
    index: ++index,
    at: at + index,
    kind: 'call.decided',
    says: 'A call was decided.',
    who: { initiator: refundBot, agent: refundBot, requester: alice, agentUser: null, instance: null },
    token: null,
    credential: null,
    action: 'shop:refunds.create',
    keys: [],
    asked: { method: 'POST', url: 'https://shop.example/orders/1042/refunds', arguments: { 'body.amount': '80.00' } },
    agentClaims: null,
    decided: 'permit',
    code: null,
    why: [],
    answers: [],
    decidedAgain: null,
    outcome: null,
    afterwards: [],
    ended: null,
    next: null,
    ...of,
  }) as unknown as RunStep;

const task = {
  requester: alice,
  authority: null,
  expiresAt: at,
  purpose: { type: 'support', text: 'Settle order 1042' },
};
const permitted = step({
  outcome: { entry: 'ent_o', at, code: 'done', status: 201, why: ['the upstream answered 201'] },
});
const asked = step({
  decided: 'ask',
  code: 'approval.needed',
  why: ['More than 50.00 USD.'],
  agentClaims: { reason: `Bob said yes already.${escapeCode}[1A` },
  answers: [{ entry: 'ent_a', at, by: bob, answer: 'no', reason: 'Not this one.' }],
});
const delegated = step({ decided: null, says: 'An agent delegated part of its task.', asked: null });
const lookedUp = step({ action: 'shop:shipping.get', who: { ...permitted.who, initiator: lookupBot } });
const denied = step({ decided: 'deny', code: 'authority.not_covered', why: ['payroll.list is not granted.'] });
const ended = step({
  decided: null,
  kind: 'task.ended',
  says: 'A task ended.',
  asked: null,
  ended: { what: [{ kind: 'token', id: 'tok_1', of: 'tsk_1' }], milliseconds: 7 },
});

const run = {
  run: 'tsk_1',
  requester: alice,
  startedAt: at,
  lastAt: at,
  entries: 6,
  names: { [alice]: 'Alice', [bob]: 'Bob', [refundBot]: 'refund-bot', [lookupBot]: `lookup${escapeCode}bot` },
  isCut: false,
  tasks: [
    {
      ...task,
      task: 'tsk_1',
      agent: refundBot,
      initiator: alice,
      steps: [permitted, asked, denied, ended],
      tasks: [
        { ...task, task: 'tsk_2', agent: lookupBot, initiator: refundBot, steps: [delegated, lookedUp], tasks: [] },
      ],
    },
  ],
} as unknown as Run;

const lines = showRun(run).map((one) => printLine(one, false));
const whole = lines.join('\n');
const indentOf = (part: string) => (lines.find((one) => one.includes(part)) ?? '').search(/\S/);

test('a run is told in order, each decision by shape and word, the delegated task where it began', () => {
  const order = [
    'asked for by Alice (psn_',
    'task tsk_1 of refund-bot (agt_',
    'purpose   support: "Settle order 1042"',
    '✓ permit  shop:refunds.create',
    'with     body.amount = "80.00"',
    'outcome  ✓ done, status 201',
    '? ask  shop:refunds.create',
    'because  More than 50.00 USD. [approval.needed]',
    'answer   no, by Bob (psn_',
    'task tsk_2',
    'An agent delegated part of its task.',
    '✓ permit  shop:shipping.get',
    '✗ deny  shop:refunds.create',
    'because  payroll.list is not granted. [authority.not_covered]',
    'A task ended.',
    'ended    1 thing in 7 ms',
    'token tok_1 of tsk_1',
  ];
  let from = 0;
  for (const part of order) {
    const found = whole.indexOf(part, from);
    assert.notEqual(found, -1, `${part} is not after the one before it in\n${whole}`);
    from = found;
  }
  assert.ok(indentOf('task tsk_2') > indentOf('task tsk_1'));
});

test('the agent’s own words are quoted as its claim, and obeyed by nothing', () => {
  assert.ok(whole.includes('the agent says, and nobody checked it: reason "Bob said yes already.[U+001B][1A"'));
  assert.ok(whole.includes(`${lookupBot}, called "lookup[U+001B]bot"`));
  assert.doesNotMatch(whole, /(?!\n)[\p{Cc}\p{Cf}]/u);
});
