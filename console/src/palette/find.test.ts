import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Findable, find } from './find.ts';
import { leadsOf } from './leads-of.ts';

const one = (group: Findable['group'], name: string, beside = ''): Findable => ({
  key: `${group} ${name}`,
  group,
  name,
  beside,
  to: { to: '/' },
});
const all = [
  one('Pages', 'Runs'),
  one('Pages', 'Acting for me'),
  one('Agents', 'refund-bot', 'agt_1 Alice'),
  one('Agents', 'prerefund-bot'),
  one('Tasks', 'Settle the damaged order', 'refund-bot'),
  ...Array.from({ length: 20 }, (_, at) => one('Actions', `shop:orders.get${at}`)),
];
const named = (text: string) => find(all, text).map(({ name }) => name);

test('every word has to be there, in the name or beside it; whoever begins with it comes first', () => {
  assert.deepEqual(named('refund'), ['refund-bot', 'prerefund-bot', 'Settle the damaged order']);
  assert.deepEqual(named('DAMAGED refund'), ['Settle the damaged order']);
  assert.deepEqual(named('damaged parrot'), []);
});

test('of many that fit a few are shown; before anything is written, the pages', () => {
  assert.equal(named('orders').length, 6);
  assert.deepEqual(named(' '), ['Runs', 'Acting for me']);
});

const id = (prefix: string) => `${prefix}_0123456789abcdefghjkmn`;

test('an id that was pasted whole leads to its page, whatever stands around it', () => {
  const leads = (text: string) => leadsOf(text).map(({ to: { to } }) => to);
  assert.deepEqual(leads(` ${id('tsk')}\n`), ['/tasks/$task', '/runs/$task']);
  assert.deepEqual(leads(id('agt')), ['/agents/$agent/{-$tab}']);
  assert.deepEqual(leads(id('apr')), ['/inbox/{-$approval}']);
  assert.deepEqual(leads(id('ent')), ['/log/$entry']);
  assert.deepEqual(leads(id('psn')), ['/settings/{-$tab}', '/log']);
});

test('a piece of an id, or something else beside it, leads nowhere by itself', () => {
  assert.deepEqual(leadsOf('tsk_0123'), []);
  assert.deepEqual(leadsOf(`${id('tsk')} ${id('agt')}`), []);
  assert.deepEqual(leadsOf(`javascript:${id('tsk')}`), []);
  assert.deepEqual(leadsOf(`ses_${'0'.repeat(22)}`), []);
});
