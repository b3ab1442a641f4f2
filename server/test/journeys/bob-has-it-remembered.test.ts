// Bob says yes at his terminal, lets a few more of the same go without asking, and takes that back when it is enough.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RememberedId } from '@ambit/protocol';
import { asked, atWork, poll, settled } from '../attacks/questions.ts';
import { callsOf, refund } from '../attacks/witness.ts';
import { type House, openHouse } from '../house.ts';
import { ambit } from './terminal.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('a few more of the same go on by Bob’s yes, the log says whose it was, and what he takes back is asked about', async () => {
  const waiting = await asked(house, await atWork(house), '60.00');
  const { id, digest } = waiting.question;
  const card = await ambit(house, house.bob, null, 'approval', 'show', id);
  assert.match(card.out, /Remember a yes for more of the same, equal or smaller: --yes --remember 5/);
  const answering = ['approval', 'answer', id, '--yes', '--digest', digest, '--remember', '3', '--each', '40.00'];
  const said = await ambit(house, house.bob, null, ...answering, '--in-all', '70.00', '--until', '5m');
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /The same action with the same values, up to 40\.00 USD each/);
  assert.match(said.out, /At most 3 more calls\n.*At most 70\.00 USD in all/);
  assert.equal((await poll(waiting)).status, 201);
  await settled(house, waiting);

  const { agent, token, task } = waiting;
  assert.equal((await refund(agent, token, '40.00')).status, 201, 'nobody was asked');
  assert.equal((await refund(agent, token, '40.01')).status, 202);
  const listed = await ambit(house, house.bob, null, 'approval', 'remembered', 'list');
  assert.match(listed.out, /2 of 3 calls; 30\.00 of 70\.00 USD/);
  assert.match(listed.out, /Bob/);
  const [row] = (await house.bob.operator.approvals.remembered()).remembered;
  const steps = await callsOf(house, task);
  assert.deepEqual(
    steps.map(({ decided, decidedAgain }) => decidedAgain ?? decided),
    ['permit', 'permit', 'ask'],
  );
  const lines = await house.carol.operator.runs.show(task);
  const why = lines.lines.flatMap((line) => line.why).find(({ name }) => name === `remembered:${row?.id}`);
  assert.match(why?.reason.value ?? '', /^Remembered: Bob’s yes of /);
  assert.equal(why?.reason.source, 'plane');

  const ended = await ambit(
    house,
    house.bob,
    null,
    'approval',
    'remembered',
    'end',
    row?.id as RememberedId,
    '--reason',
    'Enough.',
  );
  assert.equal(ended.code, 0, ended.err);
  assert.equal((await refund(agent, token, '1.00')).status, 202);
  assert.match((await ambit(house, house.bob, null, 'approval', 'remembered', 'list')).out, /nothing/i);
  const ofTask = await ambit(house, house.alice, null, 'approval', 'remembered', 'list', '--task', task);
  assert.match(ofTask.out, new RegExp(`${row?.id}.*ended`));
});

test('more than was asked, a no, and what is never remembered are refused at the terminal, and nothing is answered', async () => {
  const waiting = await asked(house, await atWork(house), '60.00');
  const { id, digest } = waiting.question;
  const answering = ['approval', 'answer', id, '--digest', digest];
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [['--yes', '--remember', '3', '--each', '60.01'], /Each may move at most 60\.00 USD, as was asked/],
    [['--yes', '--remember', '3', '--in-all', '180.01'], /3 of them move at most 180\.00 USD in all/],
    [['--yes', '--remember', '21'], /Remember it for 1 to 20 more calls/],
    [['--yes', '--remember', '0'], /Remember it for 1 to 20 more calls/],
    [['--yes', '--remember', '3', '--until', '30d'], /longer than the task lasts/],
    [['--yes', '--each', '20.00'], /say how far --remember goes/],
    [['--no', '--remember', '3'], /Only a yes is remembered/],
  ];
  for (const [flags, says] of refusals) {
    const { code, err } = await ambit(house, house.bob, null, ...answering, ...flags);
    assert.equal(code, 2, err);
    assert.match(err, says);
  }
  await house.ada.operator.catalog.set('shop:refunds.create', { asksEachTime: true });
  const other = await asked(house, await atWork(house), '61.00');
  const never = await ambit(
    house,
    house.bob,
    null,
    ...['approval', 'answer', other.question.id, '--digest', other.question.digest, '--yes', '--remember', '2'],
  );
  assert.match(never.err, /The catalog says that this action is asked about each time/);
  for (const one of [waiting, other])
    assert.equal((await house.bob.operator.approvals.show(one.question.id)).state, 'parked');
});
