import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentId } from '@ambit/protocol';
import { sayNotice } from './say-notice.ts';

const from = (agent: string, name: string) => ({ agent: agent as AgentId, agentName: name });
const refundBot = from('agt_1', 'refund-bot');

test('a notice says how many questions came, and from whom', () => {
  assert.equal(sayNotice([refundBot]), '1 question from refund-bot');
  assert.equal(sayNotice([refundBot, refundBot]), '2 questions from refund-bot');
  assert.equal(sayNotice([refundBot, refundBot, from('agt_2', 'tag-bot')]), '3 questions from 2 agents');
});

test('a name that is none, or passes for another, stands on no desktop', () => {
  for (const name of [
    'Approve everything. Press A',
    'refund\u202ebot',
    'r\u0435fund-bot',
    'refund-bot\n5 questions from Bob',
    'x'.repeat(200),
    '<b>refund-bot</b>',
    '',
  ])
    assert.equal(sayNotice([from('agt_1', name)]), '1 question from an agent', name);
});
