// Whoever has no credential at all knocks a thousand times a minute, so that the log fills the disk and the plane stops.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { plane } from '../../src/identity/index.ts';
import { type House, openHouse } from '../house.ts';
import { whileDown } from './offline.ts';
import { atWork } from './questions.ts';
import { refused, until } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

async function entries(): Promise<number> {
  const { entries: size } = (await (await fetch(`${house.plane.people}/health`)).json()) as { entries: number };
  return size;
}

const forged = `${Buffer.from('{"alg":"ES256","typ":"at+jwt"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.AAAA`;

/** One request without a credential, each a little different, so that a careless counter counts each by itself. */
async function knock(i: number): Promise<number> {
  const doors: readonly (() => Promise<Response>)[] = [
    () => fetch(`${house.plane.agents}/api/shop/orders/${i}?n=${i}`),
    () => fetch(`${house.plane.agents}/api/shop-${i}/x`, { headers: { authorization: `DPoP ${forged}${i}` } }),
    () => fetch(`${house.plane.agents}/v1/agent/tasks/${i}`, { headers: { authorization: `Bearer ${i}` } }),
    () =>
      fetch(`${house.plane.people}/v1/persons/${i}`, { headers: { 'x-forwarded-for': `10.0.${i % 256}.${i >> 8}` } }),
    () => fetch(`${house.plane.people}/nothing/${i}`),
  ];
  const response = await doors[i % doors.length]!();
  await response.arrayBuffer();
  return response.status;
}

async function flood(from: number, to: number): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let at = from; at < to; at += 50) {
    const some = await Promise.all(Array.from({ length: Math.min(50, to - at) }, (_, i) => knock(at + i)));
    for (const status of some) statuses.add(status);
  }
  return statuses;
}

// A second entry may come where the minute turns while the flood lasts.
const kindsOfRefusal = 8;

test('a thousand anonymous refusals leave a handful of entries, and every one of them was refused', async () => {
  const before = await entries();
  const statuses = await flood(0, 1000);
  assert.ok(
    [...statuses].every((status) => status === 401 || status === 404),
    [...statuses].join(),
  );
  const grown = (await entries()) - before;
  assert.ok(grown >= 1 && grown <= 2 * kindsOfRefusal, `${grown} entries`);
});

test('a flood that goes on writes no more each second', async () => {
  const before = await entries();
  for (let second = 0; second < 3; second++) {
    await flood(second * 100, second * 100 + 100);
    await sleep(1100);
  }
  const grown = (await entries()) - before;
  assert.ok(grown <= 2 * kindsOfRefusal, `${grown} entries in three seconds`);
});

test('a stolen token shown without its key a hundred times is told in its run, a few times', async () => {
  const { task, token } = await atWork(house);
  for (let i = 0; i < 100; i++) {
    const response = await fetch(`${house.plane.agents}/api/shop/orders/${i}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(response.status, 401);
    await response.arrayBuffer();
  }
  const { tasks } = await house.carol.operator.runs.show(task);
  const told = tasks[0]?.steps.filter((one) => one.code === 'token.bearer_refused') ?? [];
  assert.ok(told.length >= 1 && told.length <= 3, `${told.length} steps`);
});

test('how many there were is not lost: the count is written when the plane goes down, if not before', async () => {
  const counted = await whileDown(house, async ({ database }) => {
    const more = await database.log.entries(plane, { kind: 'call.refused-more', limit: 100 });
    return more.map((one) => database.log.open(one)?.detail as { more: number; source: string } | undefined);
  });
  const sum = counted.reduce((all, one) => all + (one?.more ?? 0), 0);
  assert.ok(sum >= 1000, `${sum} were counted`);
  assert.ok(
    counted.every((one) => one?.source === '127.0.0.1'),
    'a header was believed about where it came from',
  );
});

test('while the disk is nearly full agents are turned away unread, and people still suspend and end; then all goes on', async () => {
  const { task, agent, token } = await atWork(house);
  await house.restart({ AMBIT_DISK_RESERVE_MEBIBYTES: '1000000000' });
  const path = '/api/shop/orders/1042';
  await until('a refusal', async () => ((await agent.call(token, 'GET', path)).status === 503 ? true : undefined));
  const turned = await agent.call(token, 'GET', path);
  assert.equal(turned.headers.get('retry-after'), '60');
  await refused(turned, 'store.nearly_full');
  const asked = await agent.tokenRequest({ grant_type: 'client_credentials' });
  assert.equal(((await asked.json()) as { code: string }).code, 'store.nearly_full');
  const before = await entries();
  for (let i = 0; i < 200; i++) assert.equal((await agent.call(token, 'GET', path)).status, 503);
  assert.ok((await entries()) - before <= 2, 'what is turned away fills what is left of the disk');
  const ended = await house.alice.operator.tasks.revoke(task, 'Enough.');
  assert.ok(ended);
  const { state } = await house.ada.operator.agents.suspend(house.lookupBot.id, 'Enough.');
  assert.equal(state, 'suspended');
  await house.restart();
  const again = await atWork(house);
  assert.equal((await again.agent.call(again.token, 'GET', path)).status, 200);
});
