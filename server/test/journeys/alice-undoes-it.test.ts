// Alice takes back what her agent did: she presses Undo, the gateway decides it like any call, and the run tells it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { renderParts } from '@ambit/sdk/operator';
import { atWork, settled, type Working } from '../attacks/questions.ts';
import { refund } from '../attacks/witness.ts';
import { type House, openHouse, shopDescription } from '../house.ts';
import { ambit } from './terminal.ts';

let house: House;
let working: Working;
before(async () => {
  house = await openHouse();
  working = await atWork(house);
});
after(() => house.close());

const lineOf = async (entry: EntryId) => {
  const run = await house.alice.operator.runs.show(working.task);
  return run.lines.find((one) => one.entry === entry) ?? assert.fail('no such line');
};
const refunded = async (amount: string): Promise<EntryId> => {
  const response = await refund(working.agent, working.token, amount);
  assert.equal(response.status, 201, await response.clone().text());
  return response.headers.get('ambit-entry') as EntryId;
};
const cancelled = () => house.shop.ledger().filter(({ kind }) => kind === 'cancellation').length;

test('a refund can be made up for, and the line says by what', async () => {
  const entry = await refunded('10.00');
  const { undo } = await lineOf(entry);
  assert.equal(undo?.isOpen, true);
  const { out } = await ambit(house, house.alice, null, 'run', 'show', working.task);
  assert.ok(out.includes(`undo     ambit run undo ${entry}\n`), out);
  assert.equal(renderParts(undo?.sentence ?? []), 'Can be made up for by shop:refunds.cancel, which is a new call.');
  assert.equal(undo?.attempt, null);
});

test('what the rules ask about is asked, answered by another person, and then done once', async () => {
  const entry = await refunded('11.00');
  const began = await house.alice.operator.log.undoNow(entry);
  assert.equal(began.kind, 'asked');
  assert.equal(began.run, working.task);
  const waiting = (await lineOf(entry)).undo;
  assert.equal(waiting?.attempt?.state, 'asked');
  assert.equal(waiting.isOpen, false);
  assert.match(renderParts(waiting.attempt.sentence), /^Alice asked to undo it by shop:refunds\.cancel\. A person/);
  const question = (await house.bob.operator.approvals.list()).find(({ task }) => task === began.task);
  assert.ok(question);
  assert.match(question.shown.purpose, /^support: Undo ent_/);
  const before = cancelled();
  await house.bob.operator.approvals.answer(question, 'yes');
  await settled(house, { question });
  assert.equal(cancelled(), before + 1);
  const line = await lineOf(entry);
  assert.equal(line.undo?.attempt?.state, 'done');
  assert.equal(renderParts(line.undo.attempt.sentence), 'Undone by Alice, with shop:refunds.cancel.');
  const { touched, lanes } = await house.alice.operator.runs.show(working.task);
  assert.match(renderParts(touched.sentence), / Nothing else was touched\. 1 call was undone since\.$/);
  // It stands beside the agent's task, under nobody, and is over with its call.
  const own = lanes.find(({ undoes }) => undoes === entry);
  assert.deepEqual([own?.parent, own?.writtenBy], [null, 'person']);
  const { task } = await house.alice.operator.tasks.show(began.task);
  assert.equal(task.state, 'completed');
  const shown = await ambit(house, house.alice, null, 'run', 'show', working.task);
  assert.match(shown.out, /undo {5}Undone by Alice, with shop:refunds\.cancel\.\n/);
  assert.match(shown.out, /Alice completed the task\.[^\n]*\n +because {2}it was for this undo alone \[completed\]/);
  const again = await ambit(house, house.alice, 'yes\n', 'run', 'undo', entry);
  assert.match(again.err, /undo\.over/);
  assert.doesNotMatch(again.out + again.err, /you would call|--digest/);
});

test('at a terminal she reads what would be called, and nothing is called before she says so', async () => {
  const entry = await refunded('13.00');
  const left = await ambit(house, house.alice, 'no\n', 'run', 'undo', entry);
  assert.match(
    left.out,
    /^To take ent_\w+ back, you would call shop:refunds\.cancel, DELETE http:\S+\/refunds\/\{refundId\}:\n {2}\S+ {2}"\w+"\n/,
  );
  assert.match(left.err, /Nothing was called/);
  assert.equal(left.code, 1);
  assert.equal((await lineOf(entry)).undo?.attempt, null);
  const said = await ambit(house, house.alice, 'yes\n', 'run', 'undo', entry);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /A person is asked first: question apr_\w+/);
  assert.match((await ambit(house, house.bob, null, 'approval', 'list')).out, /console of Alice \(agt_\w+\)/);
  assert.equal((await lineOf(entry)).undo?.attempt?.state, 'asked');
});

test('where nobody is at a terminal, the digest of what was read says so, and no other does', async () => {
  const entry = await refunded('14.00');
  const bare = await ambit(house, house.alice, null, 'run', 'undo', entry);
  assert.match(bare.err, /Nobody is at a terminal to read what would be called/);
  const digest = /--digest (\S+)/.exec(bare.err)?.[1] ?? assert.fail(bare.err);
  const other = await ambit(house, house.alice, null, 'run', 'undo', entry, '--digest', `${digest}0`);
  assert.match(other.err, /not that of this: nothing was called/);
  assert.equal((await lineOf(entry)).undo?.attempt, null);
  const same = await ambit(house, house.alice, null, 'run', 'undo', entry, '--digest', digest);
  assert.equal(same.code, 0, same.err);
});

test('what was read counts no more once another call stands behind the same action', async () => {
  const entry = await refunded('1.00');
  const { digest } = await house.alice.operator.log.undo(entry);
  const text = shopDescription();
  const moved = text.replace('"/refunds/{refundId}"', '"/refunds/{refundId}/payout"');
  assert.notEqual(moved, text);
  await house.ada.operator.catalog.import({ name: 'shop', text: moved });
  await assert.rejects(house.alice.operator.log.undoNow(entry, digest), { code: 'undo.moved' });
  assert.equal((await lineOf(entry)).undo?.attempt, null);
});
