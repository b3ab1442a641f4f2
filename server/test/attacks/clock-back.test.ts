// Mallory sets the clock of the plane's machine back, to revive a token, a task and a proof that are over.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inAProcess, type PlaneProcess } from '../faults/in-a-process.ts';
import { type House, openHouse } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { callsOf, refund, refundsPath, refundsUpTo, refused } from './witness.ts';

const clockFile = join(tmpdir(), `ambit-clock-back-${process.pid}`);
const setBack = (seconds: number) => writeFileSync(clockFile, String(-seconds * 1000));

let house: House;
let plane: PlaneProcess;
let live: Working;
/** Of a task that is over by the time the clock is set back. */
let over: Working;
before(async () => {
  setBack(0);
  house = await openHouse();
  const imports = [new URL('../faults/moved-clock.ts', import.meta.url).href];
  plane = await inAProcess(house, { imports, env: { FAULTS_CLOCK: clockFile } });
  over = await atWork(house, { authority: refundsUpTo('50.00'), ttlSeconds: 10 });
  live = await atWork(house, { authority: refundsUpTo('50.00') });
});
after(async () => {
  setBack(0);
  try {
    await house.close();
  } finally {
    await plane.kill();
    rmSync(clockFile);
  }
});

const body = JSON.stringify({ amount: '1.00', currency: 'USD' });

test('a clock set back revives no token, task or proof, and the plane permits nothing until it is right', async () => {
  assert.equal((await refund(over.agent, over.token, '1.00')).status, 201);
  const { agent, token } = live;
  const url = `${house.plane.agents}${refundsPath}`;
  const proof = await agent.proof('POST', url, { token, body });
  assert.equal((await agent.call(token, 'POST', refundsPath, { rawBody: body, proof })).status, 201);
  // Twelve seconds go by.
  setBack(-12);
  await refused(await refund(over.agent, over.token, '1.00'), 'token.expired');

  setBack(60);
  await refused(await refund(over.agent, over.token, '1.00'), 'token.expired');
  const again = await agent.call(token, 'POST', refundsPath, { rawBody: body, proof });
  assert.ok(again.status >= 400, 'a proof was used twice');
  const denied = await refused(await refund(agent, token, '2.00'), 'plane.clock_behind');

  // Nor after a restart, which remembers nothing but the log.
  await plane.kill();
  await plane.start();
  await refused(await refund(over.agent, over.token, '1.00'), 'token.expired');
  await refused(await refund(agent, token, '2.00'), 'plane.clock_behind');
  const steps = await callsOf(house, live.task);
  assert.equal(steps.find(({ entry }) => entry === denied.entry)?.code, 'plane.clock_behind', 'it is not recorded');

  setBack(-12);
  assert.equal((await refund(agent, token, '3.00')).status, 201);
});
