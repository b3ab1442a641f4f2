// People keep a page open: what happens reaches each of them at once, as far as they may read it, until they may not any more.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Live, LiveEvent } from '@ambit/sdk/operator';
import { asked, atWork, joins, settled } from '../attacks/questions.ts';
import { refund, until } from '../attacks/witness.ts';
import { type House, openHouse, type Player, stores } from '../house.ts';
import { rawSession } from '../raw-person.ts';

type Heard = Live['event'];
/** A stream that somebody has open, with everything that it told. */
type Open = { readonly heard: Heard[]; readonly ids: (string | null)[]; close(): Promise<void>; fault(): unknown };

/** Streams go on by themselves: what a failed test left open is closed with the house. */
const closing = new Set<AbortController>();

async function openStream({ operator }: Player, lastEventId: string | null = null): Promise<Open> {
  const leave = new AbortController();
  closing.add(leave);
  const heard: Heard[] = [];
  const ids: (string | null)[] = [];
  let fault: unknown;
  const done = (async () => {
    for await (const { event, id } of operator.live({ signal: leave.signal, lastEventId })) {
      heard.push(event);
      ids.push(id);
    }
  })().catch((error: unknown) => {
    fault = error;
  });
  await until('the first event', async () => heard[0]);
  return {
    heard,
    ids,
    fault: () => fault,
    async close() {
      leave.abort();
      await done;
    },
  };
}

const ofType = <T extends Heard['type']>(heard: readonly Heard[], type: T) =>
  heard.filter((one): one is Extract<Heard, { type: T }> => one.type === type);
const next = <T extends LiveEvent['type']>(
  { heard }: Open,
  type: T,
  is: (event: Extract<Heard, { type: T }>) => boolean = () => true,
) => until(`an event ${type}`, async () => ofType(heard, type).find(is));

for (const store of stores) {
  describe(`a stream of events, ${store.name} store`, { skip: store.skip }, () => {
    let house: House;
    let drop: () => Promise<void>;
    before(async () => {
      const made = await store.make();
      drop = made.drop;
      house = await openHouse({ env: made.env });
    });
    after(async () => {
      for (const leave of closing) leave.abort();
      await house.close();
      await drop();
    });

    test('a question reaches those who may answer it, and its end reaches them too, within a moment', async () => {
      const bob = await openStream(house.bob);
      const began = performance.now();
      const waiting = await asked(house, await atWork(house));
      const told = await next(bob, 'approval', ({ what }) => what === 'asked');
      assert.ok(performance.now() - began < 5000, 'the question came late');
      assert.equal(told.approval, waiting.question.id);
      assert.equal(told.run, waiting.task);
      await house.bob.operator.approvals.answer(waiting.question, 'yes');
      await settled(house, waiting);
      await next(bob, 'approval', ({ what, approval }) => what === 'ended' && approval === told.approval);
      assert.ok(ofType(bob.heard, 'approval').some(({ what }) => what === 'answered'));
      await bob.close();
    });

    test('what is told is no content: ids, kinds and decisions alone', async () => {
      const alice = await openStream(house.alice);
      const working = await atWork(house);
      await refund(working.agent, working.token, '12.34', { headers: { 'ambit-reason': 'Dana asked' } });
      await next(alice, 'line', ({ run, decision }) => run === working.task && decision === 'permit');
      const known = 'type,what,approval,task,run,entry,about,kind,decision,agent,now,size,because,retryMs'.split(',');
      for (const event of alice.heard)
        assert.deepEqual(
          Object.keys(event).filter((name) => !known.includes(name)),
          [],
        );
      assert.doesNotMatch(JSON.stringify(alice.heard), /12\.34|Dana|1042/);
      await alice.close();
    });

    test('lines of a run and its tasks are told to who asked and who audits, and to nobody else', async () => {
      const [alice, bob, carol] = await Promise.all(
        [house.alice, house.bob, house.carol].map((one) => openStream(one)),
      );
      assert.ok(alice && bob && carol);
      const working = await atWork(house);
      await refund(working.agent, working.token, '5.00');
      await house.alice.operator.tasks.revoke(working.task, 'That is all.');
      const isEnd = ({ what, task }: Extract<LiveEvent, { type: 'task' }>) => what === 'ended' && task === working.task;
      await Promise.all([next(alice, 'task', isEnd), next(carol, 'task', isEnd)]);
      const size = Math.max(...ofType(alice.heard, 'log').map((one) => one.size));
      await next(bob, 'log', (one) => one.size >= size);
      assert.ok(ofType(carol.heard, 'line').some(({ run }) => run === working.task));
      assert.deepEqual([...ofType(bob.heard, 'line'), ...ofType(bob.heard, 'task')], []);
      for (const one of [alice, bob, carol]) await one.close();
    });

    test('everybody in the organisation hears that an agent was stopped', async () => {
      const bob = await openStream(house.bob);
      const { agents } = house.alice.operator;
      await agents.suspend(house.malloryBot.id, 'It looks odd.');
      await next(bob, 'agent', ({ agent, kind }) => agent === house.malloryBot.id && kind.endsWith('suspended'));
      await agents.resume(house.malloryBot.id, 'It was not.');
      await next(bob, 'agent', ({ kind }) => kind.endsWith('resumed'));
      await bob.close();
    });

    test('whoever was away goes on after the last event, and misses and repeats nothing', async () => {
      const first = await openStream(house.alice);
      const working = await atWork(house);
      await next(first, 'task', ({ what, task }) => what === 'changed' && task === working.task);
      await first.close();
      const place = first.ids.at(-1) ?? null;
      await refund(working.agent, working.token, '5.00');
      await refund(working.agent, working.token, '6.00');
      const again = await openStream(house.alice, place);
      await until('both calls', async () =>
        ofType(again.heard, 'line').filter(({ decision }) => decision === 'permit').length === 2 ? true : undefined,
      );
      const told = [...ofType(first.heard, 'line'), ...ofType(again.heard, 'line')].map(({ entry }) => entry);
      assert.equal(new Set(told).size, told.length, 'an entry was told twice');
      await again.close();
    });

    test('a place that is none is refused, and one that the log has not reached yet begins where it is', async () => {
      const { token, key } = await rawSession(house.plane.people, house.alice);
      const headers = { 'last-event-id': 'x' };
      const wrong = await key.send('GET', `${house.plane.people}/v1/live`, { token, headers });
      assert.equal(wrong.status, 400);
      const future = await openStream(house.alice, '999999999');
      await refund((await atWork(house)).agent, 'nothing', '5.00').then((response) => response.body?.cancel());
      await next(future, 'log');
      await future.close();
    });

    test('a session that is closed ends its stream, and so does an account that is disabled', async () => {
      const dora = await joins(house, 'Dora', ['auditor']);
      const { token, key } = await rawSession(house.plane.people, dora);
      const response = await key.send('GET', `${house.plane.people}/v1/live`, { token });
      assert.equal(response.headers.get('content-type'), 'text/event-stream');
      const whole = response.text();
      await key.send('DELETE', `${house.plane.people}/v1/sessions/current`, { token });
      assert.match(await whole, /event: end\ndata: \{"type":"end","because":"signed-out"\}\n\n$/);

      const open = await openStream(dora);
      await house.ada.operator.persons.disable(dora.id, 'She left.');
      await until('the end of the stream', async () => open.fault());
      assert.deepEqual(ofType(open.heard, 'end'), [{ type: 'end', because: 'signed-out' }]);
    });

    test('another role ends the stream before anything is told by the old one', async () => {
      const eve = await joins(house, 'Eve', ['auditor']);
      const open = await openStream(eve);
      await house.ada.operator.persons.setRoles(eve.id, []);
      await next(open, 'end', ({ because }) => because === 'roles');
      await until('another stream', async () => (ofType(open.heard, 'open').length > 1 ? true : undefined));
      const before = open.heard.length;
      const working = await atWork(house);
      await refund(working.agent, working.token, '5.00');
      await until('more of the log', async () => ofType(open.heard.slice(before), 'log')[0]);
      assert.deepEqual(ofType(open.heard.slice(before), 'line'), []);
      await open.close();
    });

    test('whoever leaves while they are proved takes no room with them', async () => {
      const url = `${house.plane.people}/v1/live`;
      const { hostname, port } = new URL(url);
      const { token, key } = await rawSession(house.plane.people, house.bob);
      for (let i = 0; i < 12; i++) {
        const lines = [
          `host: ${hostname}`,
          `authorization: DPoP ${token}`,
          `dpop: ${await key.proof('GET', url, { token })}`,
        ];
        const socket = connect(Number(port), hostname);
        await once(socket, 'connect');
        await new Promise((written) => socket.write(`GET /v1/live HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, written));
        socket.destroy();
      }
      const open = await key.send('GET', url, { token });
      assert.equal(open.status, 200, open.status === 200 ? '' : await open.text());
      await open.body?.cancel();
    });

    test('more streams than a person looks at are refused, and each that closes makes room', async () => {
      const url = `${house.plane.people}/v1/live`;
      const { token, key } = await rawSession(house.plane.people, house.carol);
      const open = await Promise.all(Array.from({ length: 8 }, () => key.send('GET', url, { token })));
      assert.deepEqual(
        open.map(({ status }) => status),
        Array(8).fill(200),
      );
      const ninth = await key.send('GET', url, { token });
      assert.equal(ninth.status, 429);
      assert.match(await ninth.text(), /live\.too_many/);
      await open[0]?.body?.cancel();
      await until('room', async () => {
        const more = await key.send('GET', url, { token });
        await more.body?.cancel();
        return more.status === 200 ? true : undefined;
      });
      for (const one of open.slice(1)) await one.body?.cancel();
    });

    test('no stream without a session, and none for an agent', async () => {
      const { key } = await rawSession(house.plane.people, house.bob);
      assert.equal((await fetch(`${house.plane.people}/v1/live`)).status, 401);
      assert.equal((await key.send('GET', `${house.plane.people}/v1/live`, { token: 'ses_nothing' })).status, 401);
      const plain = await fetch(`${house.plane.agents}/v1/live`);
      assert.equal(plain.status, 404);
    });
  });
}
