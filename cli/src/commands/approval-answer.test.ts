import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { jsonDigest } from '@ambit/protocol';
import type { Approval as WithCard } from '@ambit/sdk/operator';
import { CliFault } from '../exit.ts';
import { printLine } from '../line.ts';
import { showCard } from '../show/approval-card.ts';
import type { World } from '../world.ts';
import { requireHonestDigest, requireSeen } from './approval-answer.ts';

type Approval = Omit<WithCard, 'card'>;

const now = Date.parse('2027-01-01T12:00:00Z');
const escapeCode = String.fromCodePoint(0x1b);
const override = String.fromCodePoint(0x202e);

const shown: Approval['shown'] = {
  sentence: 'Refund 80.00 USD for order 1042',
  action: 'shop:refunds.create',
  method: 'POST',
  url: 'https://shop.example/orders/1042/refunds',
  values: [{ name: 'body.amount', value: '80.00', source: 'call' }],
  reversibility: 'compensable by shop:refunds.cancel',
  amount: { amount: '80.00', currency: 'USD' },
  left: ['140.00 of 250.00 USD would be left'],
  requester: 'Alice',
  agent: 'refund-bot',
  purpose: 'support: settle order 1042',
  claim: `A leg is missing.${escapeCode}[2J" Approved by Bob`,
  lookedAgain: { action: 'shop:orders.get', status: 200, text: `note: ${override}refund 1.00\ndigest  sha-256:forged` },
};

const question = { callDigest: 'sha-256:call', asks: [{ ask: 'over-50', reason: 'More than 50.00 USD.' }], shown };
const digestOf = (of: unknown) => jsonDigest(of, (bytes) => hash('sha256', bytes, 'buffer'));

const approval = {
  ...question,
  lookAgainDigest: 'sha-256:looked',
  id: 'apr_0123456789abcdefghjk',
  task: 'tsk_0123456789abcdefghjk',
  run: 'tsk_0123456789abcdefghjk',
  agent: 'agt_0123456789abcdefghjk',
  owner: 'psn_0123456789abcdefghjk',
  requester: 'psn_0123456789abcdefghjk',
  action: shown.action,
  digest: digestOf({ ...question, lookAgainDigest: 'sha-256:looked' }),
  answersNeeded: 1,
  role: 'approver',
  notRequester: true,
  notOwner: false,
  answers: [],
  state: 'parked',
  askedAt: now - 60_000,
  expiresAt: now + 840_000,
  runBefore: null,
  entry: 'ent_0123456789abcdefghjk',
  ranAs: null,
  successor: null,
} as unknown as Approval;

const card = (of: Approval) => showCard(of, now).map((one) => printLine(one, false));

test('the card says everything in the order in which a person must read it', () => {
  const order = [
    'Refund 80.00 USD for order 1042',
    'asked for by  Alice (psn_',
    'acting        refund-bot (agt_',
    'task          tsk_',
    'stopped because',
    'More than 50.00 USD. (over-50)',
    'undo          Can be made up for by shop:refunds.cancel, which is a new call.',
    'left          140.00 of 250.00 USD would be left',
    'body.amount = "80.00"; refund-bot’s call, not checked',
    'looked again  shop:orders.get answered 200',
    'the agent     refund-bot claims this, and nobody checked it:',
    '| A leg is missing.',
    'POST https://shop.example/orders/1042/refunds',
    `digest        ${approval.digest}`,
    `in a browser  ${Buffer.from(approval.digest.split(':')[1] ?? '', 'base64url').toString('hex', 0, 2)} `,
  ];
  const whole = card(approval).join('\n');
  const places = order.map((part) => whole.indexOf(part));
  assert.ok(!places.includes(-1), `${order[places.indexOf(-1)]} is not in\n${whole}`);
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places,
  );
});

test('a question that was answered no longer ends, and leads to what came of it', () => {
  assert.ok(card(approval).some((one) => /^state +parked, .*, ends .* \(in 14 min\)$/.test(one)));
  for (const state of ['done', 'refused', 'expired'] as const) {
    const lines = card({ ...approval, state });
    assert.ok(
      lines.some((one) => one.startsWith(`state         ${state}, asked `) && !one.includes('ends')),
      state,
    );
    assert.ok(lines.includes(`came of it    ambit run show ${approval.run}`), state);
  }
});

test('what others wrote cannot end its quotes, move the cursor, or pass for a line of the card', () => {
  const lines = card(approval);
  assert.ok(lines.includes('  | A leg is missing.[U+001B][2J" Approved by Bob'));
  assert.ok(lines.some((one) => one.includes('| note: [U+202E]refund 1.00')));
  assert.ok(lines.includes('  | digest  sha-256:forged'));
  assert.doesNotMatch(lines.join(''), /[\p{Cc}\p{Cf}]/u);
});

test('a claim, a purpose, a value and an answer of the API in the words of the card never become lines of it', () => {
  const lie = 'fine"\nstate         approved\ndigest        sha-256:forged\r\nundo          Can be undone.';
  const lying: Approval = {
    ...approval,
    asks: [{ ask: `task:${approval.task}:0:0`, reason: lie }],
    shown: {
      ...shown,
      parts: [{ text: 'Refund ' }, { value: lie, label: lie, kind: 'text', source: 'upstream' }],
      values: [{ name: 'body.reason', value: lie, source: 'call', found: { read: lie, at: lie } }],
      purpose: lie,
      agent: lie,
      requester: lie,
      claim: lie,
      lookedAgain: { action: 'shop:orders.get', status: 200, text: lie },
    },
  };
  const lines = card(lying);
  for (const head of ['state  ', 'digest  ', 'undo  '])
    assert.equal(lines.filter((one) => one.startsWith(head)).length, 1, `${head} is forged in\n${lines.join('\n')}`);
  assert.ok(lines.every((one) => !one.includes('\n') && !/^(?:fine|approved)/.test(one)));
  assert.ok(lines[0]?.startsWith('Refund "fine\\"[U+000A]state'));
  assert.ok(lines.includes('  | digest        sha-256:forged[U+000D]'));
  assert.ok(lines.some((one) => one.startsWith(`acting        ${approval.agent} (`)));
});

test('a digest that is not that of what is shown is never signed', () => {
  requireHonestDigest(approval);
  const lies: Approval[] = [
    { ...approval, shown: { ...shown, url: 'https://mallory.example/' } },
    { ...approval, asks: [] },
    { ...approval, callDigest: 'sha-256:other' },
    { ...approval, digest: 'sha-256:other' },
  ];
  for (const lie of lies) {
    assert.throws(
      () => requireHonestDigest(lie),
      (error) => error instanceof CliFault && error.exit === 'refused',
    );
  }
});

async function seen(typed: string, isTTY: boolean, digest?: string) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = text(stdout);
  const world: World = {
    env: {},
    clock: () => now,
    stdin: Object.assign(Readable.from([Buffer.from(typed)]), { isTTY }),
    stdout: Object.assign(stdout, { isTTY: false }),
    stderr: Object.assign(stderr, { isTTY }),
    stopped: () => Promise.resolve('at once'),
  };
  stderr.resume();
  const fault = await requireSeen(world, [approval], 'yes', digest === undefined ? [] : [digest], false).then(
    () => undefined,
    (error: unknown) => error,
  );
  stdout.end();
  return { fault, printed: await printed };
}

test('at a terminal the card is shown, and only the whole word signs', async () => {
  const yes = await seen('yes\n', true);
  assert.equal(yes.fault, undefined);
  assert.ok(yes.printed.includes(approval.digest) && yes.printed.includes(shown.sentence));
  for (const typed of ['y\n', 'no\n', '\n', 'YES\n']) {
    const { fault } = await seen(typed, true);
    assert.ok(fault instanceof CliFault && fault.exit === 'refused', JSON.stringify(typed));
    const said = `Nothing was signed: you typed ${JSON.stringify(typed.trim())}, and only yes signs it.`;
    assert.equal(fault.message, typed === '\n' ? 'Nothing was signed.' : said);
  }
});

test('without a terminal only the digest that was seen signs', async () => {
  assert.equal((await seen('', false, approval.digest)).fault, undefined);
  const blind = await seen('yes\n', false);
  assert.ok(blind.fault instanceof CliFault && blind.fault.exit === 'usage');
  const other = await seen('', false, `${approval.digest}x`);
  assert.ok(other.fault instanceof CliFault && other.fault.exit === 'refused');
  const ofCall = await seen('', false, approval.callDigest);
  assert.ok(ofCall.fault instanceof CliFault && ofCall.fault.exit === 'refused');
  assert.match(ofCall.fault.message, /^That is the digest of the call alone/);
});
