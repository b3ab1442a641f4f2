import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSearch, withDecision } from './read-search.ts';

const bot = 'agt_0123456789abcdefghjk';
const alice = 'psn_0123456789abcdefghjk';
const directory = { agents: [{ id: bot, name: 'refund-bot' }], persons: [{ id: alice, name: 'Alice Moreau' }] };
const read = (text: string) => readSearch(text, directory);
const searched = (text: string) => {
  const found = read(text);
  return found.is === 'search' ? found.search : assert.fail(JSON.stringify(found));
};

test('fields are read by their names, and people and agents by theirs', () => {
  assert.deepEqual(searched('decision:deny agent:refund-bot person:"alice moreau" resource:shop:order/*'), {
    decision: 'deny',
    agent: bot,
    person: alice,
    resource: 'shop:order/*',
  });
});

test('words without a field are taken for what they look like', () => {
  assert.deepEqual(searched('ask shop:refunds.create'), { decision: 'ask', action: 'shop:refunds.create' });
  assert.deepEqual(searched('call.decided shop:order/1042'), { kind: 'call.decided', resource: 'shop:order/1042' });
  assert.deepEqual(searched(`${bot} "Alice Moreau"`), { agent: bot, person: alice });
  assert.deepEqual(searched('  '), {});
  assert.deepEqual(read('ent_0123456789abcdefghjk'), { is: 'entry', entry: 'ent_0123456789abcdefghjk' });
});

test('a day means all of it', () => {
  const { from = 0, to = 0 } = searched('from:2026-11-22 to:2026-11-22');
  assert.equal(to - from, 86_400_000);
});

test('what is no field, nobody, or said twice is told and not left out', () => {
  for (const [text, says] of [
    ['something', /“something” looks like none of the fields/],
    ['agent:nobody', /No agent here is called “nobody”/],
    ['decision:maybe', /permit, ask or deny/],
    ['task:1042', /not the id of a task/],
    ['from:yesterday', /is no time/],
    ['deny decision:ask', /two words for decision/],
  ] as const) {
    const found = read(text);
    assert.match(found.is === 'fault' ? found.says : '', says, text);
  }
});

test('another decision takes the place of the one that is there', () => {
  assert.equal(withDecision('agent:refund-bot deny', 'ask'), 'agent:refund-bot decision:ask');
  assert.equal(withDecision('decision:ask agent:refund-bot', null), 'agent:refund-bot');
});
