// Alice takes a call back, and then takes that back: an undo is a call like any other, and one without an action for it is final.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, EntryId } from '@ambit/protocol';
import { renderParts } from '@ambit/sdk/operator';
import { atWork, type Working } from '../attacks/questions.ts';
import { answer, handmadeUpstream, outcomeOf, type Upstream } from '../attacks/witness.ts';
import { type House, openHouse, registerBot } from '../house.ts';

let house: House;
let upstream: Upstream;
let working: Working;
let heard: string[] = [];

const operation = (operationId: string, undo?: string) => ({
  parameters: [{ name: 'seatId', in: 'path', required: true, schema: { type: 'string' } }],
  post: {
    ...{ operationId, responses: { 200: { description: 'It.' } } },
    'x-ambit': { effect: 'write', reversibility: 'reversible', ...(undo === undefined ? {} : { undo }) },
  },
});
const paths = {
  '/seats/{seatId}/hold': operation('hold', 'release'),
  '/seats/{seatId}/release': operation('release', 'hold'),
  '/seats/{seatId}/mark': operation('mark', 'clear'),
  '/seats/{seatId}/clear': operation('clear'),
};
const authority: Authority = [
  { type: 'ambit_grant', actions: Object.values(paths).map((one) => `desk:${one.post.operationId}`) },
];

before(async () => {
  house = await openHouse({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
  upstream = await handmadeUpstream(({ socket, line }) => {
    heard.push(line.split(' ')[1] ?? '');
    answer(socket, 200, {});
  });
  const { catalog, persons } = house.ada.operator;
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'Desk', version: '1' }, paths });
  await catalog.import({ name: 'desk', text, server: upstream.url, zone: 'default', environment: 'test' });
  await catalog.confirm('desk', { revision: (await catalog.show('desk')).revision });
  for (const { id } of [house.alice, house.carol]) await persons.setDelegable(id, authority);
  working = await atWork(house, { authority }, await registerBot(house.alice, 'desk-bot', authority));
});
after(async () => {
  await house.close();
  await upstream.close();
});

async function done(what: string, seat: string): Promise<EntryId> {
  const response = await working.agent.call(working.token, 'POST', `/api/desk/seats/${seat}/${what}`);
  assert.equal(response.status, 200, await response.clone().text());
  await outcomeOf(house, working.task, `desk:${what}`);
  return response.headers.get('ambit-entry') as EntryId;
}
const log = () => house.alice.operator.log;
async function undone(entry: EntryId): Promise<EntryId> {
  const told = await log().undoNow(entry);
  assert.ok(told.kind === 'done' && told.entry !== null, JSON.stringify(told));
  return told.entry;
}
async function undoOf(entry: EntryId, { operator }: Pick<House['alice'], 'operator'> = house.alice) {
  const { lines } = await operator.runs.show(working.task);
  const { undo } = lines.find((one) => one.entry === entry) ?? assert.fail('no such line');
  assert.ok(undo);
  return { ...undo, says: renderParts(undo.sentence), attempted: renderParts(undo.attempt?.sentence ?? []) };
}

test('an undo that the catalog names an action for is undone like any call, and so is that', async () => {
  const held = await done('hold', '7');
  heard = [];
  const released = await undone(held);
  assert.equal((await undoOf(released)).says, 'Can be undone by desk:hold.');
  const heldAgain = await undone(released);
  assert.equal((await undoOf(heldAgain)).isOpen, true);
  const releasedAgain = await undone(heldAgain);
  assert.deepEqual(heard, ['/seats/7/release', '/seats/7/hold', '/seats/7/release']);
  for (const entry of [held, released, heldAgain]) await assert.rejects(log().undoNow(entry), { code: 'undo.over' });
  assert.equal((await undoOf(releasedAgain)).isOpen, true);
  assert.equal(heard.length, 3);
});

test('the line of what was taken back says that this was taken back in turn', async () => {
  const held = await done('hold', '8');
  const released = await undone(held);
  assert.equal((await undoOf(held)).attempted, 'Undone by Alice, with desk:release.');
  await undone(released);
  const { attempted, isOpen } = await undoOf(held);
  assert.equal(attempted, 'Undone by Alice, with desk:release; and that was undone by Alice.');
  assert.equal(isOpen, false, 'what took it back is what may be undone');
});

test('an undo without an action for it is final, and its line says so', async () => {
  const cleared = await undone(await done('mark', '9'));
  const { says, isOpen, action } = await undoOf(cleared);
  assert.equal(says, 'This took another call back, and that is final: the catalog names no action for it.');
  assert.deepEqual([isOpen, action], [false, null]);
  await assert.rejects(log().undoNow(cleared), { code: 'undo.none' });
});

test('pressed twice at once, the undo of an undo is one call', async () => {
  const released = await undone(await done('hold', '10'));
  heard = [];
  const pressed = await Promise.allSettled([1, 2, 3].map(() => log().undoNow(released)));
  assert.equal(pressed.filter(({ status }) => status === 'fulfilled').length, 1, JSON.stringify(pressed));
  assert.deepEqual(heard, ['/seats/10/hold']);
});

test('what another person took back is theirs, or an auditor’s, to undo, and the line says so', async () => {
  const held = await done('hold', '11');
  const told = await house.carol.operator.log.undoNow(held);
  assert.ok(told.kind === 'done' && told.entry !== null);
  const { says, isOpen } = await undoOf(told.entry);
  assert.equal(says, 'Can be undone by desk:hold. Whom it was done for, or an auditor, has to ask for it.');
  assert.equal(isOpen, false);
  await assert.rejects(log().undoNow(told.entry), { code: 'thing.not_found' });
  assert.equal((await undoOf(told.entry, house.carol)).isOpen, true);
  assert.equal((await house.carol.operator.log.undoNow(told.entry)).kind, 'done');
});
