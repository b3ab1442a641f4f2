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
    isProved: true,
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
  authority: [
    {
      type: 'ambit_grant',
      actions: ['shop:x'],
      where: { 'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] } },
    },
  ],
  expiresAt: at,
  purpose: { type: 'support', text: 'Settle order 1042' },
};
const permitted = step({
  outcome: { entry: 'ent_o', at, code: 'done', status: 201, why: ['the upstream answered 201'] },
  credential: 'crd_lent',
});
const asked = step({
  decided: 'ask',
  credential: 'crd_kept',
  code: 'approval.needed',
  why: ['More than 50.00 USD.'],
  agentClaims: { reason: `Bob said yes already.${escapeCode}[1A` },
  answers: [{ entry: 'ent_a', at, by: bob, answer: 'no', reason: 'Not this one.' }],
});
const delegated = step({ decided: null, says: 'An agent delegated part of its task.', asked: null });
const lookedUp = step({ action: 'shop:shipping.get', who: { ...permitted.who, initiator: lookupBot } });
const denied = step({
  decided: 'deny',
  code: 'authority.not_covered',
  why: ['payroll.list is not granted.'],
  credential: 'crd_kept',
});
const beyond = step({
  decided: 'deny',
  code: 'authority.not_covered',
  why: ['refunds.create needs body.amount 180.00 ≤ 100.00; ask for an elevation or narrow the amount.'],
});
const stayed = step({ action: 'shop:orders.get', credential: 'crd_kept' });
const polls = [1, 2, 3, 4, 5].map(() =>
  step({ decided: 'deny', code: 'task.ended', action: null, asked: { request: 'GET /v1/agent/approvals/apr_1' } }),
);
const looked = step({ action: 'shop:looks.get', who: { ...permitted.who, initiator: 'plane' } });
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
  lines: [
    { entry: permitted.entry, sentence: [], denied: null, undo: { attempt: null, isOpen: true, until: at + 1000 } },
    {
      entry: asked.entry,
      sentence: [],
      denied: null,
      undo: { attempt: { sentence: [{ text: 'Undone by Alice.' }] }, isOpen: false, until: at },
    },
    {
      entry: beyond.entry,
      sentence: [],
      denied: {
        why: [],
        sentence: [
          { text: 'Refused: this task may refund at most ' },
          { value: '100.00 USD', kind: 'amount', source: 'person' },
          { text: ' a call; ' },
          { value: `180 USD, approved${escapeCode}`, kind: 'amount', source: 'call' },
          { text: ' was asked.' },
        ],
        next: [{ text: 'Ask a person.' }],
      },
    },
  ],
  tasks: [
    {
      ...task,
      task: 'tsk_1',
      agent: refundBot,
      initiator: alice,
      steps: [permitted, asked, denied, beyond, stayed, looked, ...polls, ended],
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
    'purpose   support: "Settle order 1042", as Alice (psn_0000000000000000000a) wrote',
    'body.amount ≥ 0.01 and ≤ 100.00',
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

test('a call that can be taken back says by which command and until when, and one that was says so', () => {
  assert.deepEqual(
    lines.filter((one) => one.trim().startsWith('undo ')).map((one) => one.trim()),
    [`undo     ambit run undo ${permitted.entry}, until 2027-01-01 12:00:01Z`, 'undo     Undone by Alice.'],
  );
});

test('the agent’s own words are quoted as its claim, and obeyed by nothing', () => {
  assert.ok(whole.includes('the agent says, and nobody checked it: reason "Bob said yes already.[U+001B][1A"'));
  assert.ok(whole.includes(`${lookupBot}, called "lookup[U+001B]bot"`));
  assert.doesNotMatch(whole, /(?!\n)[\p{Cc}\p{Cf}]/u);
});

test('a denial is told in words for people, with what to do next, and exactly for whoever builds the agent', () => {
  const from = lines.findIndex((one) => one.includes('Refused: '));
  assert.deepEqual(
    lines.slice(from, from + 3).map((one) => one.trim()),
    [
      'because  Refused: this task may refund at most 100.00 USD a call; "180 USD, approved[U+001B]" was asked. [authority.not_covered]',
      'next     Ask a person.',
      'exactly  refunds.create needs body.amount 180.00 ≤ 100.00; ask for an elevation or narrow the amount.',
    ],
  );
});

test('a denial that has no parts is told by its text, as before', () => {
  assert.ok(whole.includes('because  payroll.list is not granted. [authority.not_covered]'));
});

test('a credential is shown as lent only where the call was sent', () => {
  assert.ok(whole.includes('lent crd_lent'));
  assert.ok(!whole.includes('crd_kept'));
  const lentOf = (of: RunStep) =>
    showRun({ ...run, tasks: [{ ...run.tasks[0], steps: [of], tasks: [] }] } as unknown as Run).some((one) =>
      printLine(one, false).includes('lent crd_1'),
    );
  const outcome = (code: string, status: number | null) => ({ entry: 'ent_o', at, code, status, why: [] });
  const again = { decided: 'ask', credential: 'crd_1' };
  assert.ok(lentOf(step({ ...again, decidedAgain: 'permit', outcome: outcome('unknown', null) })));
  assert.ok(!lentOf(step({ ...again, decidedAgain: 'deny', outcome: outcome('denied', null) })));
  assert.ok(!lentOf(step({ ...again, outcome: outcome('expired', null) })));
  assert.ok(lentOf(step({ credential: 'crd_1', outcome: outcome('failed', 404) })));
  assert.ok(!lentOf(step({ credential: 'crd_1', outcome: outcome('failed', null) })));
});

test('more than three of the same denied calls in a row are one and a count', () => {
  assert.equal(whole.split('GET /v1/agent/approvals/apr_1').length - 1, 1);
  const last = polls.at(-1);
  assert.ok(whole.includes(`and 4 more of the same until 12:00:00.0`));
  assert.ok(whole.includes(`last entry ${last?.entry} (${last?.index})`));
  const few = showRun({ ...run, tasks: [{ ...run.tasks[0], steps: polls.slice(2), tasks: [] }] } as unknown as Run);
  assert.equal(few.filter((one) => printLine(one, false).includes('asked    ')).length, 3);
});

test('what Ambit itself calls is said to be a look', () => {
  assert.ok(whole.includes('shop:looks.get (by Ambit itself, to look before it is sent)'));
});
