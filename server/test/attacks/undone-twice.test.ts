// Undo is pressed twice, from two windows, too late, by somebody who may not, and what it opens is grabbed by an agent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type EntryId, renderParts, type TaskId } from '@ambit/protocol';
import { type House, openHouse, type Player, wholeShop } from '../house.ts';
import { ambit } from '../journeys/terminal.ts';
import { rawAgent } from '../raw-agent.ts';
import { asked, atWork, joins, poll, settled, type Working } from './questions.ts';
import { outcomeOf, refund, until } from './witness.ts';

let house: House;
let working: Working;
before(async () => {
  house = await openHouse();
  working = await atWork(house);
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
});
after(() => house.close());

/** Answered, and what was answered written down where it was sent. */
async function refunded(amount: string): Promise<EntryId> {
  const { status, headers } = await refund(working.agent, working.token, amount);
  if (status === 201) await outcomeOf(house, working.task);
  return headers.get('ambit-entry') as EntryId;
}
const cancelled = () => house.shop.ledger().filter(({ kind }) => kind === 'cancellation').length;
const log = () => house.alice.operator.log;
const says = (code: string) => ({ code });
const completed = (task: TaskId) =>
  until(`the end of ${task}`, async () => {
    const { state } = (await house.alice.operator.tasks.show(task)).task;
    return state === 'completed' ? true : undefined;
  });

test('two presses at once are one call', async () => {
  const entry = await refunded('2.00');
  const before = cancelled();
  const pressed = await Promise.allSettled([1, 2, 3, 4].map(() => log().undoNow(entry)));
  const done = pressed.filter((one) => one.status === 'fulfilled');
  assert.equal(done.length, 1, JSON.stringify(pressed));
  assert.equal(done[0]?.value.kind, 'done');
  for (const one of pressed)
    if (one.status === 'rejected') assert.match(one.reason.code, /^undo\.(under_way|over)$/, String(one.reason));
  assert.equal(cancelled(), before + 1);
});

test('what was undone is not undone again, by whoever asked first or by anybody', async () => {
  const entry = await refunded('3.00');
  assert.equal((await log().undoNow(entry)).kind, 'done');
  const before = cancelled();
  await assert.rejects(log().undoNow(entry), says('undo.over'));
  await house.ada.operator.persons.setDelegable(house.carol.id, wholeShop);
  await assert.rejects(house.carol.operator.log.undoNow(entry), says('undo.over'));
  assert.equal(cancelled(), before);
});

test('a call that a person said yes to is one, by whichever of its entries it is named', async () => {
  const waiting = await asked(house, await atWork(house), '80.00');
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  const ran = (await poll(waiting)).headers.get('ambit-entry') as EntryId;
  const { entry } = waiting.question;
  assert.notEqual(ran, entry);
  assert.equal((await log().undo(ran)).entry, entry);
  await settled(house, waiting);
  const before = cancelled();
  const pressed = await Promise.allSettled([ran, entry].map((one) => log().undoNow(one)));
  assert.equal(pressed.filter(({ status }) => status === 'fulfilled').length, 1, JSON.stringify(pressed));
  for (const one of [ran, entry]) {
    await assert.rejects(log().undoNow(one), says('undo.over'));
    await assert.rejects(log().undo(one), says('undo.over'), 'nothing is shown that would be refused');
  }
  assert.equal(cancelled(), before + 1);
});

test('one that waits for a person is not begun again, and a no is no end of it', async () => {
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'irreversible' });
  const entry = await refunded('4.00');
  const began = await log().undoNow(entry);
  await assert.rejects(log().undoNow(entry), says('undo.under_way'));
  const [question] = (await house.bob.operator.approvals.list()).filter(({ task }) => task === began.task);
  assert.ok(question);
  await assert.rejects(house.alice.operator.approvals.answer(question, 'yes'), says('approval.not_yours'));
  await house.bob.operator.approvals.answer(question, 'no', 'It was right.');
  await settled(house, { question });
  await completed(began.task);
  const again = await log().undoNow(entry);
  assert.equal(again.kind, 'asked');
  assert.notEqual(again.task, began.task);
  await house.alice.operator.tasks.revoke(again.task, 'Leave it.');
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
  assert.equal((await log().undoNow(entry)).kind, 'done');
  // Three attempts at it, and one call undone: with the two of the tests before.
  const { touched } = await house.alice.operator.runs.show(working.task);
  assert.match(renderParts(touched.sentence), / 3 calls were undone since\.$/);
});

test('who is kept from asking by the open question of another sees which it is, and asks once that is withdrawn', async () => {
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'irreversible' });
  await house.ada.operator.persons.setDelegable(house.carol.id, wholeShop);
  const entry = await refunded('0.08');
  const began = await log().undoNow(entry);
  assert.ok(began.kind === 'asked');
  const carols = async () => {
    const { lines } = await house.carol.operator.runs.show(working.task);
    return lines.find((one) => one.entry === entry)?.undo?.attempt;
  };
  const blocked = await carols();
  assert.deepEqual([blocked?.by, blocked?.question?.approval], [house.alice.id, began.approval]);
  assert.ok(Number(blocked?.question?.until) > Date.now());
  await assert.rejects(house.carol.operator.log.undoNow(entry), (error: { code: string; message: string }) => {
    assert.match(error.message, new RegExp(`question ${began.approval}.*ambit task revoke ${began.task}`));
    return error.code === 'undo.under_way';
  });
  await house.alice.operator.tasks.revoke(began.task as TaskId, 'Somebody else does it.');
  assert.equal((await carols())?.question, null);
  const again = await house.carol.operator.log.undoNow(entry);
  assert.equal(again.kind, 'asked');
  await house.carol.operator.tasks.revoke(again.task as TaskId, 'Enough.');
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
});

test('one that nobody answered in time ends with its question, and leaves no task open', async () => {
  const { catalog, approvals } = house.ada.operator;
  await catalog.set('shop:refunds.cancel', { reversibility: 'irreversible' });
  const rule = { action: 'shop:refunds.cancel', role: 'approver', answersNeeded: 1, notRequester: true } as const;
  await approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 5 });
  const entry = await refunded('4.50');
  const began = await log().undoNow(entry);
  assert.equal(began.kind, 'asked');
  await completed(began.task);
  assert.equal((await house.carol.operator.approvals.show(began.approval)).state, 'expired');
  await approvals.setRule({ ...rule, notOwner: false, ttlSeconds: 600 });
  await catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
  assert.equal((await log().undoNow(entry)).kind, 'done');
});

test('after its time nothing is sent, and before it the run says until when', async () => {
  const entry = await refunded('5.00');
  await house.ada.operator.catalog.set('shop:refunds.create', { undoSeconds: 3600 });
  const lines = async () => (await house.alice.operator.runs.show(working.task)).lines;
  const undo = async () => (await lines()).find((one) => one.entry === entry)?.undo;
  assert.ok((await undo())?.isOpen && Number((await undo())?.until) > Date.now());
  await house.ada.operator.catalog.set('shop:refunds.create', { undoSeconds: 1 });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const before = cancelled();
  await assert.rejects(log().undoNow(entry), says('undo.too_late'));
  assert.equal((await undo())?.isOpen, false);
  assert.equal(cancelled(), before);
  await house.ada.operator.catalog.set('shop:refunds.create', { undoSeconds: null });
});

test('what takes it back is what was shown, or nothing: also where the catalog says another action since', async () => {
  const entry = await refunded('0.05');
  const { digest, action } = await log().undo(entry);
  assert.equal(action, 'shop:refunds.cancel');
  await house.ada.operator.catalog.set('shop:refunds.create', { undo: 'orders.note' });
  const before = house.shop.ledger().length;
  await assert.rejects(log().undoNow(entry, digest), says('undo.moved'));
  await house.ada.operator.catalog.set('shop:refunds.create', { undo: 'refunds.cancel' });
  assert.equal(house.shop.ledger().length, before);
  assert.equal((await log().undoNow(entry, digest)).kind, 'done');
});

test('who may not read it finds nothing, and who may read it still needs what the undo takes', async () => {
  const entry = await refunded('6.00');
  const before = cancelled();
  const dora = await joins(house, 'Dora', ['owner']);
  await assert.rejects(dora.operator.log.undoNow(entry), says('thing.not_found'));
  const eve = await joins(house, 'Eve', ['auditor']);
  await assert.rejects(eve.operator.log.undoNow(entry), (refusal: { code: string; message: string }) => {
    assert.equal(refusal.code, 'task.beyond_delegable');
    assert.ok(refusal.message.includes(`ambit person delegable ${eve.id} <file>`), refusal.message);
    return true;
  });
  const hears = await ambit(house, eve, 'yes\n', 'run', 'undo', entry);
  assert.match(hears.err, /^ambit: .* ambit person delegable psn_\w+ <file>\.\n {2}Nothing was called\./);
  assert.equal(hears.out, '', 'nobody reads on what would be refused');
  assert.equal((await log().undo(entry)).beyond, null);
  assert.equal(cancelled(), before);
  const undoFor = async ({ operator }: Player) =>
    (await operator.runs.show(working.task)).lines.find((one) => one.entry === entry)?.undo;
  assert.equal((await undoFor(house.alice))?.isOpen, true);
  await house.ada.operator.persons.setDelegable(house.alice.id, []);
  await assert.rejects(log().undoNow(entry), says('task.beyond_delegable'));
  for (const one of [eve, house.alice]) {
    const undo = await undoFor(one);
    assert.equal(undo?.isOpen, false);
    assert.match(
      renderParts(undo.sentence),
      / Somebody else has to ask for it: you may not hand that action to an agent\.$/,
    );
  }
  await house.ada.operator.persons.setDelegable(house.alice.id, wholeShop);
  assert.equal((await log().undoNow(entry)).kind, 'done');
});

test('who took a call of another back reads nothing of the rest of its run by that', async () => {
  const entry = await refunded('0.06');
  const fay = await joins(house, 'Fay', ['auditor']);
  await house.ada.operator.persons.setDelegable(fay.id, wholeShop);
  const { task } = await fay.operator.log.undoNow(entry);
  const shown = async () => (await fay.operator.tasks.show(task)).run.map(({ id }) => id);
  assert.ok((await shown()).includes(working.task));
  await house.ada.operator.persons.setRoles(fay.id, []);
  assert.deepEqual(await shown(), [task]);
  assert.deepEqual((await fay.operator.approvals.remembered({ task })).remembered, []);
  await assert.rejects(fay.operator.runs.show(working.task), says('thing.not_found'));
});

test('what was denied, only asked, or read has nothing to undo', async () => {
  const denied = await refunded('180.00');
  await assert.rejects(log().undoNow(denied), says('undo.none'));
  const waiting = await asked(house, working, '80.00');
  await assert.rejects(log().undoNow(waiting.question.entry), says('undo.none'));
  await house.bob.operator.approvals.answer(waiting.question, 'no', 'No.');
  await poll(waiting);
  await assert.rejects(log().undoNow('ent_00000000000000000000' as EntryId), says('thing.not_found'));
});

test('a rule that forbids it is a denial in the run, and the line says so', async () => {
  const [newest] = await house.ada.operator.policies.list();
  const { text } = await house.ada.operator.policies.show(newest!.number);
  const rule = `@id("by-hand") @reason("Nothing is undone by hand today.") forbid (principal is Agent, action, resource) when { principal.kind == "client" };`;
  await house.ada.operator.policies.publish(`${text}\n${rule}`);
  const entry = await refunded('7.00');
  const before = cancelled();
  const answer = await log().undoNow(entry);
  assert.ok(answer.kind === 'denied' && answer.code === 'policy.denied');
  const { lines } = await house.alice.operator.runs.show(working.task);
  assert.equal(lines.find((one) => one.entry === entry)?.undo?.attempt?.state, 'denied');
  assert.equal(lines.find((one) => one.entry === answer.entry)?.decision, 'deny');
  assert.equal(cancelled(), before);
  await house.ada.operator.policies.publish(text);
  assert.equal((await log().undoNow(entry)).kind, 'done');
});

test('no agent can take the task of an undo: neither the one that did it nor one of Mallory', async () => {
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'irreversible' });
  const { task } = await log().undoNow(await refunded('8.00'));
  for (const bot of [house.refundBot, house.malloryBot]) {
    const agent = await rawAgent(house, bot);
    await assert.rejects(agent.accept(task as TaskId));
    await assert.rejects(agent.taskToken(task as TaskId));
  }
  await house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
});

test('a client of one’s own that somebody stopped is not replaced by another one', async () => {
  const entry = await refunded('0.07');
  const clients = async () => (await house.alice.operator.agents.list()).filter(({ kind }) => kind === 'client');
  const all = await clients();
  const client = all.find(({ owner }) => owner === house.alice.id) ?? assert.fail();
  await house.ada.operator.agents.suspend(client.id, 'Nothing is undone by hand.');
  const before = cancelled();
  await assert.rejects(log().undoNow(entry), says('agent.not_active'));
  assert.deepEqual([(await clients()).length, cancelled()], [all.length, before]);
  await house.alice.operator.agents.resume(client.id, 'They meant another one.');
  assert.equal((await log().undoNow(entry)).kind, 'done');
});

test('what a suspended agent did can be taken back', async () => {
  const entry = await refunded('9.00');
  await house.alice.operator.agents.suspend(house.refundBot.id, 'It did too much.');
  assert.equal((await log().undoNow(entry)).kind, 'done');
});
