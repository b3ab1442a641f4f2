// Two nodes, and one call to take back: what another node did meanwhile, and how long a run is, take nothing back twice.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EntryId } from '@ambit/protocol';
import { noPostgres } from '../../src/foundation/database/testing.ts';
import { entry as draft, type PersonCaller, planeItself } from '../../src/foundation/index.ts';
import { openUndo } from '../../src/tasks/index.ts';
import { atWork, type Working } from '../attacks/questions.ts';
import { refund } from '../attacks/witness.ts';
import { type RawSession, rawSession } from '../raw-person.ts';
import { type Node, openSeveral, type Several } from './several.ts';

describe('two nodes and a call to take back', { skip: noPostgres }, () => {
  let several: Several;
  let slow: Awaited<ReturnType<Several['join']>>;
  let working: Working;
  let session: RawSession;
  before(async () => {
    several = await openSeveral();
    slow = await several.join('slow');
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
