// Two nodes, and one call to take back: what another node did meanwhile, and how long a run is, take nothing back twice.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Authority, EntryId } from '@ambit/protocol';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { entry as draft, type PersonCaller, planeItself } from '../../src/foundation/index.ts';
import { openUndo } from '../../src/tasks/index.ts';
import { atWork, type Working } from '../attacks/questions.ts';
import { answer, handmadeUpstream, refund } from '../attacks/witness.ts';
import { registerBot, wholeShop } from '../house.ts';
import { type RawSession, rawSession } from '../raw-person.ts';
import { type Node, openSeveral, type Several } from './several.ts';

describe('two nodes and a call to take back', { skip: noPostgres }, () => {
  let several: Several;
  let slow: Awaited<ReturnType<Several['join']>>;
  let working: Working;
  let session: RawSession;
  before(async () => {
    several = await openSeveral({ env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' } });
    slow = await several.join('slow', { AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8' });
    await several.house.ada.operator.catalog.set('shop:refunds.cancel', { reversibility: 'reversible' });
    working = await atWork(several.house);
    session = await rawSession(several.house.plane.people, several.house.alice);
  });
  after(() => several.close());

  const refunded = async (amount: string) =>
    (await refund(working.agent, working.token, amount)).headers.get('ambit-entry') as EntryId;
  const cancelled = () => several.house.shop.ledger().filter(({ kind }) => kind === 'cancellation').length;
  /** What Alice hears of that node: how the call went, or why there was none. */
  async function undoAt(node: Node, entry: EntryId): Promise<string> {
    const { token, key } = session;
    const path = `/v1/log/entries/${entry}/undo`;
    const dpop = await key.proof('POST', `${several.house.plane.people}${path}`, { token });
    const headers = { dpop, authorization: `DPoP ${token}` };
    const told = await fetch(`${node.people}${path}`, { method: 'POST', headers });
    const { kind, code } = (await told.json()) as { kind?: string; code?: string };
    return kind ?? code ?? '';
  }

  test('one that looked before another did it, and comes to it after, does not do it again', async () => {
    const entry = await refunded('2.00');
    const before = cancelled();
    const hasCome = slow.wire.stallAt(entry);
    const late = undoAt(slow, entry);
    await hasCome;
    // It reads what the call was; what was done about it meanwhile it asks for next.
    const asksNext = slow.wire.stallAt(entry);
    slow.wire.release();
    await asksNext;
    assert.equal(await undoAt(several.first, entry), 'done');
    slow.wire.release();
    assert.match(await late, /^undo\.(over|under_way)$/);
    assert.equal(cancelled(), before + 1);
  });

  test('one that a node opened, and died before it decided it, is in the way until it ends, and then is done once', async () => {
    const entry = await refunded('1.00');
    const { alice } = several.house;
    const { tenant } = await alice.operator.me();
    assert.equal(await undoAt(several.first, await refunded('1.50')), 'done');
    const client = (await alice.operator.agents.list()).find(({ kind }) => kind === 'client');
    const { task: wish } = await alice.operator.log.undo(entry);
    const who = { ...planeItself, requester: alice.id, initiator: alice.id };
    const caller: PersonCaller = { kind: 'person', tenant, person: alice.id, roles: [], who };
    const undoing = { entry, run: working.task, last: undefined };
    const left = await several.asANode((ground) =>
      openUndo(ground, caller, { ...wish, agent: client!.id }, undoing, { taskTtlSecondsMax: 3600 }),
    );
    const before = cancelled();
    for (const node of [several.first, slow]) assert.equal(await undoAt(node, entry), 'undo.under_way');
    assert.equal(cancelled(), before);
    await alice.operator.tasks.revoke(left.id, 'Nobody goes on with it.');
    assert.equal(await undoAt(slow, entry), 'done');
    assert.equal(await undoAt(several.first, entry), 'undo.over');
    assert.equal(cancelled(), before + 1);
  });

  test('the undo of an undo, asked for at both nodes at once, is one call', async () => {
    const { ada, alice } = several.house;
    const upstream = await handmadeUpstream(({ socket }) => answer(socket, 200, {}));
    const operation = (operationId: string, undo: string) => ({
      parameters: [{ name: 'seatId', in: 'path', required: true, schema: { type: 'string' } }],
      post: {
        ...{ operationId, responses: { 200: { description: 'It.' } } },
        'x-ambit': { effect: 'write', reversibility: 'reversible', undo },
      },
    });
    const paths = { '/{seatId}/hold': operation('hold', 'release'), '/{seatId}/release': operation('release', 'hold') };
    const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'Desk', version: '1' }, paths });
    const { catalog } = ada.operator;
    await catalog.import({ name: 'desk', text, server: upstream.url, zone: 'default', environment: 'test' });
    await catalog.confirm('desk', { revision: (await catalog.show('desk')).revision });
    const seats: Authority = [{ type: 'ambit_grant', actions: ['desk:hold', 'desk:release'] }];
    await ada.operator.persons.setDelegable(alice.id, [...wholeShop, ...seats]);
    const bot = await registerBot(alice, 'desk-bot', seats);
    const { agent, token } = await atWork(several.house, { authority: seats }, bot);
    const held = await agent.call(token, 'POST', '/api/desk/7/hold');
    assert.equal(held.status, 200, await held.clone().text());
    const released = await alice.operator.log.undoNow(held.headers.get('ambit-entry') as EntryId);
    assert.ok(released.kind === 'done' && released.entry !== null);
    const { entry } = released;
    const told = await Promise.all([several.first, slow, several.first, slow].map((node) => undoAt(node, entry)));
    assert.equal(told.filter((one) => one === 'done').length, 1, told.join());
    for (const one of told) assert.match(one, /^(done|undo\.(over|under_way))$/);
    assert.deepEqual(
      upstream.heard.map(({ line }) => line.split(' ')[1]),
      ['/7/hold', '/7/release', '/7/hold'],
    );
    for (const node of [several.first, slow]) assert.equal(await undoAt(node, entry), 'undo.over');
    await upstream.close();
  });

  test('however much was done in its run since', async () => {
    const entry = await refunded('3.00');
    const { tenant } = await several.house.alice.operator.me();
    const { task } = working;
    await several.asANode(async (ground) => {
      const refused = () =>
        draft({ id: ground.newId('entry'), kind: 'call.refused', who: planeItself, task, run: task });
      for (let i = 0; i < 6; i++)
        await ground.database.commit({ tenant, entries: Array.from({ length: 1000 }, refused) });
    });
    const before = cancelled();
    assert.equal(await undoAt(several.first, entry), 'done');
    for (const node of [several.first, slow]) assert.equal(await undoAt(node, entry), 'undo.over');
    assert.equal(await undoAt(slow, await refunded('4.00')), 'done');
    assert.equal(cancelled(), before + 2);
  });
});
