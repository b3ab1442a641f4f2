import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApprovalId, formatId } from '../ids.ts';
import { alikeOf } from './alike.ts';
import { approvalCard, type QuestionShown, reasonWithSum, type Shown } from './approval-card.ts';
import { type Part, renderParts } from './parts.ts';

const id = <K extends Parameters<typeof formatId>[0]>(kind: K, at: number) =>
  formatId(kind, new Uint8Array(13).fill(at));
const [task, child] = [id('task', 1), id('task', 2)];
const agent = id('agent', 1);
const over = { spent: '30.00', amount: '80.00', threshold: '50.00', currency: 'USD' };

const shown: Shown = {
  sentence: 'Refund 80.00 USD for order 1042',
  action: 'shop:refunds.create',
  method: 'POST',
  url: 'https://shop.example/orders/1042/refunds',
  values: [
    { name: 'path.orderId', value: '1042', source: 'call', found: { task } },
    { name: 'body.amount', value: '80.00', source: 'call', found: { read: 'shop:orders.get', at: '/lines/1/price' } },
    { name: 'body.reason', value: 'item_broken', source: 'call' },
  ],
  reversibility: 'irreversible',
  amount: { amount: '80.00', currency: 'USD' },
  left: ['140.00 of 250.00 USD would be left'],
  budget: [{ unit: 'USD', spent: '30.00', now: '80.00', max: '250.00', left: '140.00' }],
  requester: 'Alice Moreau',
  agent: 'refund-bot',
  purpose: 'support: Settle damaged order 1042',
  chain: [
    { task, agent, name: 'refund-bot', writtenBy: 'person' },
    { task: child, agent: id('agent', 2), name: 'lookup-bot', writtenBy: 'agent' },
  ],
  policyVersion: '14',
  claim: 'Item 2 arrived broken.',
  lookedAgain: { action: 'shop:orders.get', status: 200, text: '{}' },
};

const question = (more: Partial<QuestionShown> = {}, at = 7): QuestionShown => ({
  id: id('approval', at),
  task: child,
  agent: id('agent', 2),
  requester: id('person', 1),
  callDigest: 'sha-256:call',
  digest: 'sha-256:all',
  asks: [
    { ask: 'policy:refund-order-total', reason: reasonWithSum('Refunds above 50.00 USD need a yes.', over), over },
  ],
  shown,
  ...more,
});

const text = (parts: readonly Part[]) => renderParts(parts);

test('the card says in parts what stopped the call, with the numbers behind it, the rule and its version', () => {
  const [stop] = approvalCard(question()).stopped;
  assert.ok(stop !== undefined);
  assert.deepEqual(stop.sentence, [{ value: 'Refunds above 50.00 USD need a yes.', kind: 'reason', source: 'policy' }]);
  assert.equal(text(stop.facts), '30.00 USD before, with this 110.00 USD; a person is asked above 50.00 USD.');
  assert.deepEqual([stop.rule, stop.policyVersion], ['refund-order-total', '14']);
  const facts = (ask: string) =>
    text(approvalCard(question({ asks: [{ ask, reason: reasonWithSum('A yes.', over), over }] })).stopped[0]!.facts);
  // A task counts what was done under it, and no other.
  assert.match(facts(`task:${child}:0:0`), /^30\.00 USD before in this task, with this 110\.00 USD;/);
  assert.match(facts(`bound:${child.replace(/.$/, '0')}:0`), /^30\.00 USD before, with this /);
});

test('a reason is in the words of whoever wrote it: what an agent wrote into a task is foreign', () => {
  const source = (ask: string, of: Shown = shown) => {
    const [part] = approvalCard(question({ asks: [{ ask, reason: 'It is fine.' }], shown: of })).stopped[0]!.sentence;
    return part !== undefined && 'source' in part ? part.source : undefined;
  };
  const elevation = id('elevation', 1);
  assert.equal(source(`task:${task}:0:0`), 'person');
  assert.equal(source(`task:${child}:0:0`), 'agent');
  assert.equal(source(`task:${task}:${elevation}:0:0`), 'agent');
  assert.equal(source(`task:${task}:elevation`), 'plane');
  assert.equal(source(`bound:agent:${agent}:0:0`), 'person');
  assert.equal(source(`unknown:${id('entry', 1)}`), 'plane');
  const { chain: _, ...before } = shown;
  assert.equal(source(`task:${child}:0:0`, before), 'agent');
});

test('each value says where else it stands, and otherwise that it is the agent’s call alone', () => {
  assert.deepEqual(
    approvalCard(question()).values.map(({ from }) => text(from)),
    [
      'Alice Moreau fixed it, when the task was opened',
      'The same stands in what was read again, shop:orders.get, at "/lines/1/price"',
      'refund-bot’s call, not checked',
    ],
  );
});

test('whether it can be undone is one sentence, and what nobody classified so is never said to be', () => {
  const undo = (reversibility: string) =>
    text(approvalCard(question({ shown: { ...shown, reversibility } })).undo.sentence);
  assert.equal(undo('irreversible'), 'Can’t be undone.');
  assert.equal(undo('irreversible by shop:refunds.cancel'), 'Can’t be undone.');
  assert.equal(
    undo('compensable by shop:refunds.cancel'),
    'Can be made up for by shop:refunds.cancel, which is a new call.',
  );
  assert.equal(undo('reversible by shop:notes.remove'), 'Can be undone by shop:notes.remove.');
  assert.equal(undo('reversible'), 'Can be undone.');
  assert.equal(undo('compensable'), 'compensable');
});

test('the budget says what would be left, what is too little and what nothing bounds', () => {
  const budget = (max: string | null, left: string | null) =>
    text(
      approvalCard(question({ shown: { ...shown, budget: [{ unit: 'USD', spent: '30', now: '80', max, left }] } }))
        .budget[0]!.sentence,
    );
  assert.equal(budget('250.00', '140.00'), '140.00 would be left of 250.00 USD');
  assert.equal(budget('100', null), 'Too little is left of 100 USD');
  assert.equal(budget(null, null), '30 USD so far');
});

test('a question from before there were parts is shown with what it has', () => {
  const { chain: _c, budget: _b, policyVersion: _p, ...older } = shown;
  const card = approvalCard(question({ shown: older, requester: null }));
  assert.equal(text(card.sentence), shown.sentence);
  assert.equal(text(card.askedBy), 'Nobody: the agent opened the task itself');
  assert.deepEqual(
    card.chain.map((one) => one.task),
    [child],
  );
  assert.equal(card.task.purpose.source, 'agent');
  assert.deepEqual(card.budget, []);
});

test('headers that client libraries set stand apart, whole; any other value of them is a value of the call', () => {
  const header = (name: string, value: string) => ({ name: `header.${name}`, value, source: 'call' as const });
  const values = [
    header('accept-language', '*'),
    header('accept', 'application/json'),
    header('x-mode', '*'),
    { name: 'path.orderId', value: '1042', source: 'call' as const },
  ];
  const card = approvalCard(question({ shown: { ...shown, values } }));
  assert.deepEqual(
    [card.headers, card.values].map((list) => list.map(({ name, value }) => `${name} ${value.value}`)),
    [
      ['header.accept-language *', 'header.accept application/json'],
      ['header.x-mode *', 'path.orderId 1042'],
    ],
  );
  const chosen = approvalCard(question({ shown: { ...shown, values: [header('accept-language', 'de')] } }));
  assert.equal(chosen.values.length, 1);
});

const noted = (order: string, label: string, at: number): QuestionShown => {
  const parts: Part[] = [
    { text: 'Add ' },
    { value: label, kind: 'text', source: 'call' },
    { text: ' to order ' },
    { value: order, kind: 'order', source: 'call' },
  ];
  const values = [
    { name: 'path.orderId', value: order, source: 'call' as const },
    { name: 'body.label', value: label, source: 'call' as const },
  ];
  return question({ id: id('approval', at) as ApprovalId, shown: { ...shown, sentence: text(parts), parts, values } });
};

test('questions that are alike are one group, the odd one among them first, with how it differs', () => {
  const many = ['1', '2', '3', '4'].map((order, i) => noted(order, 'damaged', i + 1));
  const odd = noted('5', 'paid', 9);
  const [group, ...others] = alikeOf([...many, odd]);
  assert.deepEqual(others, []);
  assert.ok(group !== undefined);
  assert.equal(text(group.title), '5 alike: Add (varies) to order (varies)');
  assert.deepEqual(
    group.approvals,
    [odd, ...many].map((one) => one.id),
  );
  assert.deepEqual(
    group.differing.map(({ approval, how }) => [approval, text(how)]),
    [[odd.id, 'the label is paid, elsewhere damaged']],
  );
});

/** A question about an order that its sentence names, with more values beside it. */
function ordered(order: string, label: string, at: number, more: object = {}): QuestionShown {
  const given = noted(order, label, at);
  const parts = (given.shown.parts ?? []).map((part) =>
    'kind' in part && part.kind === 'order' ? { ...part, id: `shop:order/${order}` } : part,
  );
  const values = [
    ...given.shown.values,
    ...Object.entries(more).map(([name, value]) => ({ name, value, source: 'call' as const })),
  ];
  return { ...given, shown: { ...given.shown, parts, values } };
}
const how = (...questions: QuestionShown[]) => alikeOf(questions)[0]?.differing.map((each) => text(each.how));

test('what differs is called as the sentence calls it, and by its whole name where two would be called the same', () => {
  const one = (order: string, at: number, more: object = {}) => ordered(order, 'damaged', at, more);
  assert.deepEqual(how(one('1', 1), one('1', 2), one('2', 3)), ['the order is 2, elsewhere 1']);
  const twice = (at: number, text: string) => one('1', at, { 'body.text': text, 'query.text': 'x' });
  assert.deepEqual(how(twice(1, 'a'), twice(2, 'a'), twice(3, 'b')), ['the body.text is b, elsewhere a']);
  const lie = (at: number, name: string, value: string) => one('1', at, { [name]: value });
  const odd = 'body.order is 1 and all is well';
  assert.deepEqual(how(lie(1, odd, 'a'), lie(2, odd, 'a'), lie(3, odd, 'b')), [
    'the "order is 1 and all is well" is b, elsewhere a',
  ]);
});

test('approval-bombing: what differs is never called by a name that is another value’s in the same question', () => {
  const paid = (order: string, amount: string, at: number) => ordered(order, 'x', at, { 'body.amount': amount });
  assert.deepEqual(how(paid('7', '80', 1), paid('8', '80', 2), paid('9000', '9000', 3)), [
    'the amount is 9000, elsewhere 80',
  ]);
  const hidden = ordered('1', 'c', 3, { 'body.more.label': 'damaged' });
  assert.deepEqual(how(ordered('1', 'a', 1), ordered('1', 'b', 2), hidden), [
    'the body.more.label is damaged, elsewhere missing',
  ]);
});

test('another agent, another rule or another host is no question of the same kind', () => {
  const one = noted('1', 'damaged', 1);
  const others = [
    { ...noted('1', 'damaged', 2), agent },
    { ...noted('1', 'damaged', 3), asks: [{ ask: 'policy:other', reason: 'Other.' }] },
    { ...noted('1', 'damaged', 4), shown: { ...one.shown, url: 'https://mallory.example/' } },
  ];
  assert.equal(alikeOf([one, ...others]).length, 4);
  assert.equal(text(alikeOf([one])[0]!.title), 'Add damaged to order 1');
});
